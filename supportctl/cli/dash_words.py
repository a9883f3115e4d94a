"""Verbs whose words may begin with `-` or `+`: split from the options before click sees them."""

from __future__ import annotations

from collections.abc import Sequence

import click


class WordsCommand(click.Command):
    """A verb with words of its own kind, which its function gets as one more argument, a tuple of str.

    `words` is the name of that argument, `metavar` its name in the usage line. An option of the verb, written exactly
    (`-q`, `--format`, `--format=ids`), is never such a word, nor is the option's value.
    """

    words = ""
    metavar = ""

    def is_word(self, argument: str) -> bool:
        """Whether an argument, which is no known option, is a word of the verb's own kind."""
        raise NotImplementedError

    def takes_rest(self) -> bool:
        """Whether the arguments after `--` are such words too."""
        raise NotImplementedError

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words out of the arguments and let click parse the rest."""
        words, others = self._split(args, _option_values(self.get_params(ctx)))
        rest = super().parse_args(ctx, others)
        ctx.params[self.words] = tuple(words)
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The usage line with the words after the options."""
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
            # An option's value first: in `-m -later`, say, the value looks like a tag to remove.
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
        """Whether an argument begins with `+`, or with one `-`: a tag, or what the verb refuses as one."""
        return argument.startswith("+") or (argument.startswith("-") and argument[1:2] not in ("", "-"))

    def takes_rest(self) -> bool:
        """False: tickets come after `--`, even Message-IDs that begin with a sign."""
        return False


class QueryCommand(WordsCommand):
    """`search QUERY…`: its function gets `query`, every word that is no option, in order."""

    words = "query"
    metavar = "QUERY..."

    def is_word(self, argument: str) -> bool:
        """Whether an argument is anything but a long option, which is known or a mistake."""
        return not argument.startswith("--")

    def takes_rest(self) -> bool:
        """True: all words after `--` are the query's."""
        return True


def _option_values(parameters: Sequence[click.Parameter]) -> dict[str, int]:
    """For each spelling of each option, the number of arguments that are its value."""
    return {
        spelling: 0 if option.is_flag or option.count else option.nargs
        for option in parameters
        if isinstance(option, click.Option)
        for spelling in [*option.opts, *option.secondary_opts]
    }
