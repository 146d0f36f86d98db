"""One application on one board: all its files read, all values settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llext.errors import ConfigError
from llext.target.kconfig.changes import digest, read_changes
from llext.target.kconfig.conf_files import Assignment, ConfText, parse_words, read_conf
from llext.target.kconfig.inputs import Devicetree
from llext.target.kconfig.model import Configuration, Diagnostic, Place, Setting

if TYPE_CHECKING:
    from llext.target.kconfig.settle import Settled

_ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Inside:
    """What stays of a configuration for whoever asks why: kconfiglib's object, and the assignments that it took."""

    kconfig: Any
    last: Mapping[str, Assignment]
    inputs: str = ""
    """Digest of what files and command line said."""


def configure(
    application: Path,
    *,
    board: Mapping[str, str] | None = None,
    conf_files: Iterable[Path] = (),
    assignments: Iterable[str] = (),
    devicetree: Devicetree | None = None,
    menu: Path | None = None,
    strict: bool = False,
    lenient: bool = False,
) -> Configuration:
    """Reads an application's Kconfig files (ours if it has none) and settles the values of all options.

    What is wrong with values is told in the result's ``diagnostics``; ``Configuration.check`` raises if there are errors.

    Args:
        application: Its folder.
        board: Values that come before all defaults; ``board_values`` has a board's.
        conf_files: The board's, then the application's, then further ones; later ones win.
        assignments: ``CONFIG_NAME=value``, with or without ``-D`` in front, which win over the files.
        devicetree: What Kconfig files may ask of it.
        menu: Where ``run_menu`` keeps what was changed in the menu. It wins over all, while files and words are as they were.
        strict: Names that nobody knows are errors, not warnings.
        lenient: Values that did not take effect are warnings, as in Zephyr, not errors.

    Raises:
        ConfigError: Kconfig files with mistakes, and files that are not there or cannot be read.
    """
    from llext.target.kconfig.settle import settle
    from llext.target.kconfig.tree import read_tree

    if not application.is_dir():
        raise ConfigError(f"{application}: no such folder", hint="an application is a folder with CMakeLists.txt and prj.conf.")
    paths = tuple(conf_files)
    texts = [*(read_conf(path) for path in paths), parse_words(assignments)]
    inputs = digest(texts)
    changes = read_changes(menu, inputs) if menu is not None and menu.exists() else ConfText(())
    tree = read_tree(application, board or {}, devicetree or Devicetree())
    settled = settle(tree.kconfig, [*texts, changes], strict=strict, lenient=lenient)
    diagnostics = (*tree.diagnostics, *settled.diagnostics)
    return Configuration(
        _settings(tree.kconfig, settled),
        tuple(sorted(dict.fromkeys(diagnostics), key=_order)),
        (*tree.files, *paths, *([menu] if menu is not None and menu.exists() else [])),
        Inside(tree.kconfig, settled.last, inputs),
    )


def _settings(kconfig: Any, settled: Settled) -> tuple[Setting, ...]:
    from llext.target.kconfig.origins import kind_of, origin

    found = []
    for symbol in kconfig.unique_defined_syms:
        value = symbol.str_value  # first: it decides whether .config has the option
        if symbol.orig_type:
            found.append(
                Setting(symbol.name, kind_of(symbol), value, bool(symbol.config_string), *origin(symbol, settled.last))
            )
    return tuple(found)


def _order(diagnostic: Diagnostic) -> tuple[int, str, int]:
    place = diagnostic.place or Place("")
    return _ORDER[diagnostic.severity], place.file, place.line


def application_files(application: Path, board: str, name: str = "prj.conf") -> tuple[Path, ...]:
    """The configuration files that an application has for a board: its own and ``boards/BOARD.conf``, as far as they are there."""
    candidates = (application / name, application / "boards" / f"{board.replace('/', '_')}.conf")
    return tuple(path for path in candidates if path.exists())
