"""The program as a process of its own, with a verb that is made for the test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]

# A program in which the verb {verb} is the one written here, whatever there may be under commands/.
PROGRAM = """
import sys
from importlib.machinery import ModuleSpec

source = '''
import os, sys, time, click
from supportctl import errors
from supportctl.cli import confirmation, options
from supportctl.output import formats
from supportctl.cli.dash_words import QueryCommand, TagCommand
{body}
'''

class Finder:
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name == "supportctl.commands.{verb}" else None
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        exec(source, module.__dict__)

sys.meta_path.insert(0, Finder())
from supportctl.cli.main import main
main()
"""


def argv(body: str, *arguments: str, verb: str = "ls") -> list[str]:
    return [sys.executable, "-c", PROGRAM.format(verb=verb, body=body), *arguments]


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "PYTHONUNBUFFERED")}
    return {**kept, "PYTHONPATH": str(CHECKOUT), **changes}


def run(
    body: str, *arguments: str, verb: str = "ls", stdin: bytes = b"", **changes: str
) -> subprocess.CompletedProcess[bytes]:
    command = argv(body, *arguments, verb=verb)
    return subprocess.run(command, input=stdin, capture_output=True, env=environment(**changes), timeout=60)


def raising(statement: str) -> str:
    return f"@click.command()\ndef command():\n    {statement}\n"
