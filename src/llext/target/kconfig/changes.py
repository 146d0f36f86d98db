"""What was changed in the menu, and kept beside the build: lines of a configuration file that come after all others.

As in Zephyr they hold until the application's own files change, and a clean build forgets them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from llext.target.kconfig.conf_files import ConfText, read_conf
from llext.target.kconfig.model import Diagnostic, Place

FILE_NAME = "menuconfig.conf"
_MADE_FOR = "# Changes of the menu, made for the files and words with digest "


def digest(texts: Iterable[ConfText]) -> str:
    """Tells whether files and command line say the same as before."""
    said = "\n".join(f"{each.name}={each.text}" for text in texts for each in text.assignments)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def read_changes(path: Path, inputs: str) -> ConfText:
    """The changes, if they were made for these inputs; otherwise a warning that they are left out."""
    text = read_conf(path)
    with path.open(encoding="utf-8") as file:
        made_for = file.readline().strip().removeprefix(_MADE_FOR)
    if made_for == inputs:
        return text
    told = "what was changed in the menu is left out: the configuration files say something else since"
    return ConfText((), (Diagnostic("warning", told, Place(str(path)), "remove the file, or change it in the menu again."),))


def changes_text(changes: Iterable[str], inputs: str) -> str:
    """The file's text from its lines."""
    return f"{_MADE_FOR}{inputs}\n" + "".join(f"{line}\n" for line in changes)
