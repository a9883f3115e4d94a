"""`supportctl templates`: list the texts for replies."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions
from supportctl.config.templates import list_templates, read_template
from supportctl.desk.open import open_desk
from supportctl.output import columns, formats
from supportctl.records import Row


@click.command()
@options.output()
@click.pass_obj
def command(settings: GlobalOptions, format: str) -> None:
    """List the templates for `reply --template`: the files templates/NAME.md beside queues.yaml."""
    config = open_desk(settings).config
    found = (read_template(config, name) for name in list_templates(config))
    rows: list[Row] = [{"name": each.name, "text": " ".join(each.text.split())[:200]} for each in found]
    formats.write_rows(rows, columns.TEMPLATE, format, kind="templates")
