"""The menu: kconfiglib's own, on an application's options. What is changed in it is kept beside the build."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llext.errors import UsageError
from llext.target.kconfig.changes import FILE_NAME, changes_text
from llext.target.kconfig.conf_files import read_conf
from llext.target.kconfig.model import Configuration
from llext.target.kconfig.render import dotconfig
from llext.target.kconfig.saved import note_saved


def run_menu(configuration: Configuration, folder: Path) -> list[str]:
    """Shows the menu until the user leaves it, and keeps what was saved in ``folder`` as ``menuconfig.conf``.

    The configuration is used up: who wants the new values configures again.

    Args:
        configuration: The values that the menu starts with.
        folder: Where ``.config`` is, and where it is saved; made if it is not there.

    Returns:
        The lines that were kept, each an assignment.

    Raises:
        UsageError: there is no terminal, or none that can show a menu.
    """
    check_terminal()
    folder.mkdir(parents=True, exist_ok=True)
    saved = folder / ".config"
    _begin_with(saved, dotconfig(configuration))
    with _saving_to(saved):
        _show(configuration)
    kept = folder / FILE_NAME
    note_saved(saved)
    changes = list(_changes(configuration, saved, kept))
    if changes:
        kept.write_text(changes_text(changes, configuration.inside.inputs), encoding="utf-8")
    return changes


def check_terminal() -> None:
    """Refuses where nobody could see the menu.

    Raises:
        UsageError: there is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the menu needs a terminal", hint="set options in prj.conf, or by -DCONFIG_NAME=value.")


def _begin_with(saved: Path, text: str) -> None:
    """What the menu starts with; if it stands there already, the file is left alone, so that no build begins anew."""
    if not saved.is_file() or saved.read_bytes() != text.encode():
        saved.write_bytes(text.encode())
    note_saved(saved)


def _show(configuration: Configuration) -> None:
    try:
        import curses

        import menuconfig
    except ImportError as error:
        raise UsageError(
            f"the menu cannot be shown: {error}", hint="Python lacks curses; on Windows install windows-curses."
        ) from error
    try:
        menuconfig.menuconfig(configuration.inside.kconfig)
    except curses.error as error:
        hint = "the environment variable TERM names the terminal; xterm or linux are known everywhere."
        raise UsageError(f"this terminal cannot show a menu: {error}", hint=hint) from error


@contextmanager
def _saving_to(path: Path) -> Iterator[None]:
    """Tells kconfiglib where to save."""
    before = os.environ.get("KCONFIG_CONFIG")
    os.environ["KCONFIG_CONFIG"] = str(path)
    try:
        yield
    finally:
        if before is None:
            del os.environ["KCONFIG_CONFIG"]
        else:
            os.environ["KCONFIG_CONFIG"] = before


def _changes(configuration: Configuration, saved: Path, kept: Path) -> Iterator[str]:
    """What must be said, after all that is said already, so that what was saved comes out: not what follows by itself."""
    kconfig, last = configuration.inside.kconfig, configuration.inside.last
    before = {name: setting.value for name, setting in configuration.values.items()}
    earlier = {name for name, assignment in last.items() if assignment.place.file == str(kept)}
    kconfig.load_config(str(saved))
    said = _least(configuration, saved)
    for symbol in kconfig.unique_defined_syms:
        changed = symbol.name in earlier or symbol.str_value != before.get(symbol.name, symbol.str_value)
        if not changed or not symbol.visibility:
            continue
        family = [symbol] if symbol.choice is None else symbol.choice.syms
        told = symbol.name in said or any(each.name in last for each in family)
        if told and (symbol.choice is None or symbol.tri_value):
            yield symbol.config_string.rstrip("\n")


def _least(configuration: Configuration, saved: Path) -> set[str]:
    """The options that are not as they would be by themselves."""
    file = saved.with_name("menuconfig.least")
    configuration.inside.kconfig.write_min_config(str(file))
    names = {each.name for each in read_conf(file).assignments}
    file.unlink()
    return names
