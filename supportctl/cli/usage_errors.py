"""Mistakes on the command line that click finds, in the words and the form of every other error."""

from __future__ import annotations

import click

from supportctl.errors import UsageError

_KINDS = {"a valid integer range": "a whole number", "a valid integer": "a whole number", "a valid float": "a number"}
"""What click calls a value, and what people call it."""


def translate(error: click.ClickException, verb: str) -> UsageError:
    """What click found on the command line of a verb ("" where it found none), as an error of the desk."""
    command = f"supportctl {verb}".rstrip()
    help_hint = f"{command} --help lists the options"
    if isinstance(error, click.NoSuchOption):
        near = f"did you mean {error.possibilities[0]}? " if error.possibilities else ""
        return UsageError(f"no such option: {error.option_name}", near + help_hint)
    if isinstance(error, click.MissingParameter) and error.param:
        problem = f"missing {error.param.param_type_name}: {_spelling(error.param)}"
        return UsageError(problem, help_hint if isinstance(error.param, click.Option) else _usage(error, help_hint))
    if isinstance(error, click.BadParameter) and error.param:
        return UsageError(f"{_spelling(error.param)}: {_in_our_form(error.message)}", help_hint)
    if not verb and type(error) is click.UsageError:  # all that is left to be wrong before a verb
        return UsageError("no verb given", f"{command} --help lists the verbs")
    return UsageError(_in_our_form(error.format_message()), _usage(error, help_hint))


def _spelling(parameter: click.Parameter) -> str:
    """How people write a parameter: `--until` or `QUEUE`."""
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.human_readable_name.strip("[].")


def _usage(error: click.ClickException, default: str) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return default
    return " ".join(["usage:", context.command_path, *context.command.collect_usage_pieces(context)])


def _in_our_form(text: str) -> str:
    """A sentence of click's as one clause: no capital, no full stop."""
    for kind, word in _KINDS.items():
        text = text.replace(kind, word)
    text = text.removeprefix("Got ").rstrip(".")
    return text[:1].lower() + text[1:]
