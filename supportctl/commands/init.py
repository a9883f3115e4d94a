"""`supportctl init`: create a new desk."""

from __future__ import annotations

from importlib.resources import files as package_files
from pathlib import Path

import click

from supportctl.cli.options import GlobalOptions
from supportctl.config import load
from supportctl.desk.guard import require_unguarded
from supportctl.desk.identity import is_root_elsewhere
from supportctl.desk.privileges import act_as_owner
from supportctl.errors import UsageError
from supportctl.output.terminal import say
from supportctl.store.store import FolderStore
from supportctl.values import count_of


@click.command()
@click.argument("folder", metavar="[DIR]", default=".")
@click.pass_obj
def command(settings: GlobalOptions, folder: str) -> None:
    """Create a desk in DIR (default: the current folder): its queues.yaml and its Maildir.

    Without --config FILE to copy, queues.yaml describes CAcert's desk: adapt it to yours, then check it with
    `supportctl check --config queues.yaml`.
    """
    require_unguarded("init")
    if settings.config:
        load(Path(settings.config))  # first: a desk with a faulty queues.yaml is of no use
    model = Path(settings.config).read_bytes() if settings.config else _default()
    file = _make(Path(folder)) / "queues.yaml"
    if file.exists() and file.read_bytes() != model and settings.config:
        raise UsageError(f"{file} exists and differs from {settings.config}", f"move {file} away first")
    if not file.exists():
        file.write_bytes(model)
    config = load(file)
    root = Path(settings.maildir).absolute() if settings.maildir else config.desk.maildir
    if is_root_elsewhere(root):
        act_as_owner(root)
    FolderStore(root).create(list(config.queues))
    say(f"{file}: {count_of(len(config.queues), 'queue')}, mail in {root}", quiet=settings.quiet)
    if config.desk.outgoing.transport.kind == "maildir":
        say("no mail leaves the desk as yet: set transport, under outgoing", quiet=settings.quiet)


def _make(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError, FileNotFoundError) as error:
        raise UsageError(f"can't create the folder {folder}: {error.strerror}", "name another folder") from None
    return folder


def _default() -> bytes:
    return package_files("supportctl").joinpath("queues.yaml").read_bytes()
