"""What a build folder was made for last: by llext, whose stamp says so, or by the user's own cmake, whose cache does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

STAMP = ".llext-stamp.json"
_ENTRY = re.compile(r"^([A-Za-z_]\w*):(\w+)=(.*)$", re.MULTILINE)
_WORDS = re.compile(r"CONFIG_\w+|(EXTRA_)?CONF_FILE|OVERLAY_CONFIG|(EXTRA_)?DTC_OVERLAY_FILE|EXTRA_\w+FLAGS")
_OURS = {"BOARD", "Zephyr_DIR", "LLEXT_KCONFIG_STRICT", "CMAKE_POLICY_VERSION_MINIMUM"}


def known_of(build: Path) -> dict[str, Any]:
    """The board, and CMake's words, as ``board`` and ``defines``; llext's whole stamp if its build was the last."""
    stamp, cache = _read_stamp(build), _read_cache(build)
    board = cache["BOARD"][1] if "BOARD" in cache else ""
    if stamp and (not stamp.get("configured") or board in ("", stamp.get("board"))):
        return stamp
    if not board or not (build / "zephyr" / "config.cmake").is_file():
        return stamp
    words = [f"-D{name}={value}" for name, (kind, value) in cache.items() if _is_word(name, kind)]
    return {"board": board, "defines": words, "configured": False}


def owner_of(build: Path) -> Path | None:
    """The application that was built in a folder, if it and the folder are where they were."""
    cache = _read_cache(build)
    place, home = (cache.get(name, ("", ""))[1] for name in ("CMAKE_CACHEFILE_DIR", "CMAKE_HOME_DIRECTORY"))
    if not home or not place or Path(place).resolve() != build.resolve():
        return None
    return Path(home) if (Path(home) / "CMakeLists.txt").is_file() else None


def _is_word(name: str, kind: str) -> bool:
    """Whether an entry of the cache is one that the command line has put there, and CMake has given no type since."""
    return name not in _OURS and (kind == "UNINITIALIZED" or _WORDS.fullmatch(name) is not None)


def _read_cache(build: Path) -> dict[str, tuple[str, str]]:
    try:
        text = (build / "CMakeCache.txt").read_text("utf-8", "replace")
    except OSError:
        return {}
    return {name: (kind, value) for name, kind, value in _ENTRY.findall(text)}


def _read_stamp(build: Path) -> dict[str, Any]:
    try:
        found = json.loads((build / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
