"""Projects to begin with: folders of ``llext/templates``, in which ``@NAME@`` and ``NAME`` become a project's own name."""

from __future__ import annotations

import re
from pathlib import Path

from llext import cache
from llext.errors import UsageError, nearest

FOLDER = Path(__file__).resolve().parent.parent / "templates"
_COMMON = "common"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LONGEST = 30
_TAKEN = frozenset("app zephyr main test all clean run menuconfig kernel drivers arch lib".split())
"""Names of targets that the build has already."""


def template_names() -> list[str]:
    """What projects can be begun from."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != _COMMON)


def new_project(folder: Path, template: str) -> list[Path]:
    """Writes a project into a new folder, which gives it its name, and returns its files.

    Raises:
        UsageError: the folder has something in it, its name is none for a project, or there is no such template.
        BuildError: it cannot be written.
    """
    names = template_names()
    if template not in names:
        near = nearest(template, dict.fromkeys(names))
        raise UsageError(f"there is no template {template!r}", hint=f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}.")
    name = _name_of(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "is not empty" if folder.is_dir() else "is a file"
        raise UsageError(f"{folder}: {what}", hint="give the name of a new folder; nothing was written.")
    made = []
    for source in (*_files(FOLDER / _COMMON), *_files(FOLDER / template)):
        path = folder / _target(source, name)
        cache.make_folder(path.parent)
        cache.write_file(path, _filled(source.read_text("utf-8"), name).encode())
        made.append(path)
    return sorted(made)


def _name_of(folder: Path) -> str:
    """The last part of the path, with what C identifiers have instead of hyphens and dots."""
    name = re.sub(r"[-.]", "_", folder.absolute().name)
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or name in _TAKEN:
        raise UsageError(
            f"{folder.name!r} is no name for a project: functions and targets are named after it",
            hint=f"a letter, then letters, digits, _ or -, at most {_LONGEST}; not the name of a part of the build, as 'app' is.",
        )
    return name


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.in") if path.is_file())


def _target(source: Path, name: str) -> Path:
    """Where a file of a template goes: without its suffix; those that would be hidden are not so in the template."""
    within = source.relative_to(FOLDER)
    plain = within.with_suffix("").relative_to(within.parts[0])
    file = plain.name.replace("NAME", name)
    return plain.with_name(f".{file}" if within.parts[0] == _COMMON else file)


def _filled(text: str, name: str) -> str:
    return text.replace("@NAME@", name).replace("@UPPER@", name.upper())
