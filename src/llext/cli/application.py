"""``llext app``: what belongs to an application folder: building it, its options, what takes its memory."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llext.cli.boot import STRICT, built, split_words
from llext.cli.options import Command, json_option
from llext.errors import UsageError
from llext.target import load_target
from llext.target.kconfig import MENU_FILE, Configuration, Diagnostic, dotconfig

if TYPE_CHECKING:
    from llext.target.kconfig.explain import Explanation

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


_BUILD_DIR = click.option("-d", "--build-dir", "folder", metavar="FOLDER", help="Build there; APP/build unless given.")
_BOARD = click.option("--board", metavar="NAME", help="Virtual board; that of the last build, or mps2/an385.")


@click.group("app")
def application() -> None:
    """Build, configure and clean a Zephyr application."""


def _configuration_options(command: Command) -> Command:
    """Options that say what a configuration is made of."""
    for option in (
        _BOARD,
        click.option(
            "--conf", "conf_files", multiple=True, type=_FILE, help="Configuration file, instead of prj.conf and the board's."
        ),
        click.option("--extra-conf", "extra", multiple=True, type=_FILE, help="Further configuration file, which wins."),
        click.option("-D", "assignments", multiple=True, metavar="CONFIG_NAME=VALUE", help="Set an option; wins over files."),
        click.option("--build-dir", type=click.Path(path_type=Path), help="Where it is built; by default APP/build."),
        STRICT,
        click.option("--kconfig-lenient", "lenient", is_flag=True, help="Values without effect are warnings, as in Zephyr."),
        click.argument("app", type=_FOLDER),
    ):
        command = option(command)
    return command


def _configure(
    app: Path, board: str | None, conf_files: tuple[Path, ...], extra: tuple[Path, ...], assignments: tuple[str, ...],
    build_dir: Path | None, kconfig_strict: bool, lenient: bool,
) -> Configuration:  # fmt: skip
    """The options as the next build would have them: what is not given is as it was in the last one in that folder."""
    from llext.build.firmware.configure import last_words, options_of

    words = last_words(app, _zephyr_folder(app, build_dir))
    words.board = board or words.board
    words.conf_file = [str(path.absolute()) for path in conf_files] or words.conf_file
    words.extra_conf_file = [str(path.absolute()) for path in extra] or words.extra_conf_file
    words.set = list(assignments) or words.set
    words.kconfig_strict, words.kconfig_lenient = kconfig_strict, lenient
    return options_of(words)


def _zephyr_folder(app: Path, build_dir: Path | None) -> Path:
    return (build_dir or app / "build") / "zephyr"


@application.command()
@_configuration_options
@click.argument("names", nargs=-1)
@json_option
def config(names: tuple[str, ...], as_json: bool, **choices: object) -> None:
    """Show options: value, who set it, why it cannot be set otherwise.

    Without NAMES: the options that configuration files and the command line set.
    """
    configuration = _configure(**choices)  # type: ignore[arg-type]
    wanted = list(names) or [setting.name for setting in configuration.settings if setting.origin == "conf"]
    found, wrong = _explained(configuration, wanted)
    if wrong is not None and as_json:
        raise wrong
    if as_json:
        shown = {
            "options": [each.facts() for each in found],
            "diagnostics": [_plain(each) for each in configuration.diagnostics],
        }
        click.echo(json.dumps(shown))
    else:
        click.echo(
            "\n".join(map(str, found)) if names else "".join(each.line() + "\n" for each in found), nl=bool(names and found)
        )
        _tell(configuration.diagnostics)
    if wrong is not None:
        raise wrong
    if not names and configuration.errors:
        raise click.exceptions.Exit(2)


def _explained(configuration: Configuration, names: Iterable[str]) -> tuple[list[Explanation], UsageError | None]:
    """The options by name, and the first error about a name that is none."""
    found: list[Explanation] = []
    wrong: UsageError | None = None
    for name in names:
        try:
            found.append(configuration.explain(name))
        except UsageError as error:
            wrong = wrong or error
    return found, wrong


def _tell(diagnostics: Iterable[Diagnostic]) -> None:
    for each in diagnostics:
        click.echo(str(each), err=True)


def _plain(diagnostic: Diagnostic) -> dict[str, object]:
    place = diagnostic.place
    return {
        "severity": diagnostic.severity, "text": diagnostic.text, "hint": diagnostic.hint, "option": diagnostic.name,
        "file": place.file if place else "", "line": place.line if place else 0,
    }  # fmt: skip


@application.command()
@_configuration_options
def menuconfig(**choices: object) -> None:
    """Change options in a menu; what is saved holds until prj.conf changes."""
    from llext.build.firmware.project import claim_folder
    from llext.target.kconfig.menu import check_terminal, run_menu
    from llext.target.kconfig.saved import changed_by_hand

    configuration = _configure(**choices)  # type: ignore[arg-type]
    folder = _zephyr_folder(choices["app"], choices["build_dir"])  # type: ignore[arg-type]
    check_terminal()
    claim_folder(folder.parent, choices["app"])  # type: ignore[arg-type]
    lost = changed_by_hand(folder / ".config", dotconfig(configuration))
    changes = run_menu(configuration, folder)
    _tell((*configuration.diagnostics, *lost))
    click.echo("\n".join([f"{folder / MENU_FILE}:", *changes]) if changes else "nothing was changed")


@application.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, required=True, metavar="APP [-- -DCONFIG_X=y ...]")
@_BUILD_DIR
@_BOARD
@STRICT
def build(words: tuple[str, ...], folder: str | None, board: str | None, *, kconfig_strict: bool) -> None:
    """Configure and build what has changed."""
    path, defines = split_words(words)
    click.echo(str(built(path, defines, board, folder, strict=kconfig_strict)))


@application.command()
@click.argument("path", metavar="APP", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_BUILD_DIR
def clean(path: Path, folder: str | None) -> None:
    """Remove the build folder."""
    from llext.build.firmware.project import remove_build

    remove_build(Path(folder) if folder else path / "build")


@application.command()
@click.argument("folder", metavar="[BUILD]", type=click.Path(file_okay=False, path_type=Path), default="build")
@click.option("--ram/--rom", default=True, help="What lies in RAM, or what the file brings to flash.")
def report(folder: Path, ram: bool) -> None:
    """Show what takes the memory: symbols with their sizes, by source file."""
    from llext.build.firmware.memory_report import read_report
    from llext.build.firmware.project import board_of

    target = load_target(board_of(folder))
    click.echo(read_report(folder, target.ram if ram else target.flash, loaded=not ram), nl=False)
