"""``llext new``."""

from __future__ import annotations

from pathlib import Path

import click

from llext.build.templates import new_project, template_names


@click.command()
@click.argument("folder", metavar="NAME", type=click.Path(path_type=Path))
@click.option(
    "--template", "-t", default="hello", show_default=True, metavar="TEMPLATE", help=f"{', '.join(template_names())}."
)
def new(folder: Path, template: str) -> None:
    """Start a project of one's own in a new folder.

    \b
    hello  an extension that main loads and calls
    codec  extensions of which main loads the one that a frame asks for
    app    a thread, options of one's own, a filter built in or loaded
    pool   an extension with memory of its own
    """  # noqa: D301 - click's mark for lines that stay as they are
    for path in new_project(folder, template):
        click.echo(path)
    click.echo(f"\nllext run {_quoted(folder)}\npython -m pytest {_quoted(folder)}")


def _quoted(folder: Path) -> str:
    import shlex

    return shlex.quote(str(folder))
