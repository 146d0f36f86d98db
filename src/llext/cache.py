"""Files that can be made again, kept by the content they were made from.

One folder per user (``LLEXT_CACHE_DIR`` moves it). A key is the hash of everything that the result depends on, so
nothing is ever stale; files appear by rename, so two builds at once cannot see half a file. What is read is checked: a
file that was damaged is as good as none.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llext.errors import BuildError

_instead: Path | None = None


def cache_folder() -> Path:
    """Where results are kept."""
    if _instead is not None:
        return _instead
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
        hint="give another place: -o for the output, --build-dir for an application, the environment variable LLEXT_CACHE_DIR for the cache.",
    )


def write_file(path: Path, data: bytes) -> None:
    """Writes a file so that it is there whole or not at all.

    Raises:
        BuildError: the folder cannot be written.
    """
    write_files({path: data})


def write_files(files: Mapping[Path, bytes]) -> None:
    """Writes files so that each is there whole or as it was before, and none of them if one cannot be written.

    Raises:
        BuildError: a folder cannot be written.
    """
    names: dict[Path, str] = {}
    path = Path()
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, names[path] = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(names[path]).chmod(0o666 & ~_umask())
        for path, name in names.items():
            Path(name).replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        for name in names.values():  # what was renamed is not there any more
            Path(name).unlink(missing_ok=True)


_UMASK_READ = threading.Lock()


def _umask() -> int:
    """The process's umask, which can only be read by setting it; threads that write do so one at a time."""
    with _UMASK_READ:
        mask = os.umask(0o022)
        os.umask(mask)
    return mask


def keep(data: bytes, suffix: str) -> str:
    """Keeps bytes under the hash of their contents, and returns that."""
    name = digest("kept", data)
    write_file(path_of(name, suffix), data)
    return name


def kept(name: str, suffix: str) -> bytes | None:
    """The bytes that ``keep`` named so; None if they are not there any more, or are others."""
    try:
        data = path_of(name, suffix).read_bytes()
    except OSError:
        return None
    return data if digest("kept", data) == name else None


def load_json(key: str) -> Any | None:
    """A stored value; None if there is none, or the file holds anything else than what was stored."""
    try:
        check, value = json.loads(path_of(key, ".json").read_text("utf-8"))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return value if check == digest(key, value) else None


def store_json(key: str, value: object) -> None:
    """Keeps a plain value."""
    write_file(path_of(key, ".json"), json.dumps([digest(key, value), value]).encode())


def keep_for(key: str, data: bytes, suffix: str) -> Path:
    """Keeps the result of a key and returns its file."""
    name = keep(data, suffix)
    store_json(key, name)
    return path_of(name, suffix)


def kept_for(key: str, suffix: str) -> Path | None:
    """The file of a key's result, unharmed, or None."""
    name = load_json(key)
    return path_of(name, suffix) if name is not None and kept(name, suffix) is not None else None


@contextmanager
def at_hand() -> Iterator[None]:
    """The cache, or where none can be written a temporary one: for what must be made at any rate."""
    global _instead  # noqa: PLW0603 - worker threads must see it too
    try:
        with tempfile.TemporaryFile(dir=make_folder(cache_folder())):
            pass
    except (OSError, BuildError):
        with tempfile.TemporaryDirectory(prefix="llext-") as folder:
            _instead = Path(folder)
            try:
                yield
            finally:
                _instead = None
    else:
        yield
