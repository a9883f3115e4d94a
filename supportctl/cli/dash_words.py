"""Verbs whose words may begin with `-` or `+`: split from the options by hand, before click sees them."""

from __future__ import annotations

from collections.abc import Sequence

import click


class WordsCommand(click.Command):
    """A verb with words of its own kind; its function gets them as one more argument, a tuple of str.

    `words` is the name of that argument, `metavar` what the usage line calls it. An option of the verb,
    written exactly (`-q`, `--format`, `--format=ids`), is never such a word, nor is its value.
    """

    words = ""
    metavar = ""

    def is_word(self, argument: str) -> bool:
        """Is this, which is no known option, a word of the verb's own kind?"""
        raise NotImplementedError

    def takes_rest(self) -> bool:
        """Are the arguments after `--` such words (or left to click)?"""
        raise NotImplementedError

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words out of the arguments and let click parse the rest."""
        words, others = self._split(args, _option_values(self.get_params(ctx)))
        rest = super().parse_args(ctx, others)
        ctx.params[self.words] = tuple(words)
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The usage line with the words in it, behind the options."""
        options, *others = super().collect_usage_pieces(ctx)
        return [options, self.metavar, *others]

    def _split(self, arguments: Sequence[str], values: dict[str, int]) -> tuple[list[str], list[str]]:
        words: list[str] = []
        others: list[str] = []
        left = list(arguments)
        while left:
            argument = left.pop(0)
            if argument == "--":
                if self.takes_rest():
                    words += left
                else:
                    others += ["--", *left]
                break
            if argument in values:
                taken = values[argument]
                others += [argument, *left[:taken]]
                del left[:taken]
            elif self.is_word(argument):
                words.append(argument)
            else:
                others.append(argument)
        return words, others


class TagCommand(WordsCommand):
    """`tag +a -b TICKET…`: its function gets `changes`, in order; after `--` come tickets alone."""

    words = "changes"
    metavar = "[+TAG|-TAG]..."

    def is_word(self, argument: str) -> bool:
        """`+`, or `-` and anything but `-`: a tag of any kind, or what the verb refuses as one."""
        return argument.startswith("+") or (argument.startswith("-") and argument[1:2] not in ("", "-"))

    def takes_rest(self) -> bool:
        """Tickets, Message-IDs with a leading sign among them."""
        return False


class QueryCommand(WordsCommand):
    """`search QUERY…`: its function gets `query`, every word that is no option, in order; all after `--`."""

    words = "query"
    metavar = "QUERY..."

    def is_word(self, argument: str) -> bool:
        """Everything but a long option, which is known or a mistake."""
        return not argument.startswith("--")

    def takes_rest(self) -> bool:
        """Every word of it."""
        return True


def _option_values(parameters: Sequence[click.Parameter]) -> dict[str, int]:
    """Each spelling of each option, and how many arguments follow it as its value."""
    return {
        spelling: 0 if option.is_flag or option.count else option.nargs
        for option in parameters
        if isinstance(option, click.Option)
        for spelling in [*option.opts, *option.secondary_opts]
    }
