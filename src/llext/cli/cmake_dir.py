"""``llext cmake-dir``."""

from __future__ import annotations

import click

from llext.build.firmware import cmake_folder


@click.command("cmake-dir")
def cmake_dir() -> None:
    """Print the folder with our CMake package, for -DZephyr_DIR=."""
    click.echo(str(cmake_folder()))
