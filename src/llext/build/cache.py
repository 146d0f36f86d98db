"""Files that can be made again, kept by the content they were made from.

One folder per user (``LLEXT_CACHE_DIR`` moves it). A key is the hash of everything that the result depends on, so
nothing is ever stale; files appear by rename, so two builds at once cannot see half a file.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from llext.errors import BuildError


def cache_folder() -> Path:
    """Where results are kept."""
    chosen = os.environ.get("LLEXT_CACHE_DIR")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_cache_dir("llext", appauthor=False))


def digest(*parts: object) -> str:
    """Hash of plain values: text, bytes, numbers, lists of these."""
    hasher = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=str).encode()
        hasher.update(len(data).to_bytes(8, "little"))
        hasher.update(data)
    return hasher.hexdigest()[:40]


def file_digest(path: Path) -> str | None:
    """Hash of a file's bytes; None if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:40]
    except OSError:
        return None


def path_of(key: str, suffix: str) -> Path:
    """Where the file of a key lies or would lie."""
    return cache_folder() / key[:2] / (key[2:] + suffix)


def make_folder(path: Path) -> Path:
    """Makes a folder of the cache.

    Raises:
        BuildError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(path, error) from error
    return path


def _cannot_write(path: Path, error: OSError) -> BuildError:
    return BuildError(
        f"cannot write {path}: {error.strerror}",
        hint="give another place: -o for the output, the environment variable LLEXT_CACHE_DIR for the cache.",
    )


def write_file(path: Path, data: bytes) -> None:
    """Writes a file so that it is there whole or not at all.

    Raises:
        BuildError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _cannot_write(path, error) from error


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def load_json(key: str) -> Any | None:  # noqa: ANN401 - whatever was stored
    """A stored value, or None."""
    try:
        return json.loads(path_of(key, ".json").read_text("utf-8"))
    except (OSError, ValueError):
        return None


def store_json(key: str, value: object) -> None:
    """Keeps a plain value."""
    write_file(path_of(key, ".json"), json.dumps(value).encode())
