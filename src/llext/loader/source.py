"""Where an extension's bytes come from, and how a load asks for them.

A load is a generator of requests; whoever drives it answers them. From Python the answers come from a ``Source``; in
guest code a loader written in C gives the same answers, and may block between them. The requests are those of
Zephyr's struct llext_loader.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

from llext.errors import Errno, LoadError, UsageError

T = TypeVar("T")


@dataclass(frozen=True)
class Prepare:
    """Open the storage."""


@dataclass(frozen=True)
class Seek:
    """Set the position, bytes from the start. Answer: nothing."""

    offset: int


@dataclass(frozen=True)
class Read:
    """Read at the position and move it. Answer: bytes, fewer only at the end of the storage."""

    size: int


@dataclass(frozen=True)
class Peek:
    """Show bytes in place, position untouched. Answer: bytes, or None where the storage cannot."""

    offset: int
    size: int


@dataclass(frozen=True)
class Locate:
    """Where bytes lie in the board's memory, to be used there. Answer: an address, or None where they do not."""

    offset: int
    size: int


@dataclass(frozen=True)
class IsDetached:
    """Whether a section shall stay where the file has it. Answer: yes or no, for its header as it stands in the file."""

    header: bytes


@dataclass(frozen=True)
class Finalize:
    """Close the storage."""


Request = Prepare | Seek | Read | Peek | Locate | IsDetached | Finalize
Load = Generator[Request, Any, T]
"""A load in the making; its value is the extension."""


class Source(Protocol):
    """Temporary storage: what it gives is copied. The errors are OSError or LlextError."""

    name: str

    def prepare(self) -> None: ...
    def seek(self, offset: int) -> None: ...
    def read(self, size: int) -> bytes | memoryview: ...
    def peek(self, offset: int, size: int) -> bytes | memoryview | None: ...
    def finalize(self) -> None: ...


class BufferSource:
    """Bytes in memory, as Zephyr's buffer loader has them."""

    def __init__(self, data: bytes | bytearray | memoryview, name: str = "<bytes>") -> None:
        self.name = name
        self._data = memoryview(data).toreadonly()
        self._position = 0

    def prepare(self) -> None:
        """Nothing to open."""
        self._position = 0

    def seek(self, offset: int) -> None:
        """Sets the position."""
        self._position = offset

    def read(self, size: int) -> memoryview:
        """Bytes at the position."""
        start = self._position
        self._position = min(len(self._data), start + size)
        return self._data[start : self._position]

    def peek(self, offset: int, size: int) -> memoryview | None:
        """Bytes in place; None where part of them is not there."""
        return self._data[offset : offset + size] if offset + size <= len(self._data) else None

    def finalize(self) -> None:
        """Nothing to close."""


class FileSource:
    """A file on the host, as Zephyr's file-system loader has it: read and seek, no peek.

    Args:
        path: The file.
        name: What messages call it, if not by its path.
    """

    def __init__(self, path: str | os.PathLike[str], name: str | None = None) -> None:
        self.path = Path(path)
        self.name = name or str(path)
        self._file: BinaryIO | None = None
        self._size = self._left = 0

    def prepare(self) -> None:
        """Opens the file.

        Raises:
            LoadError: there is no such file, or it cannot be read.
        """
        try:
            mode = self.path.stat().st_mode
            if not stat.S_ISREG(mode):
                # A device may have no end, and opening a FIFO may wait for ever.
                what = "is a folder" if stat.S_ISDIR(mode) else "is no regular file: it can be neither measured nor read twice"
                raise LoadError(f"{self.path}: {what}", errno=Errno.EACCES)
            self._file = self.path.open("rb")
            self._size = self._left = os.fstat(self._file.fileno()).st_size
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            reason = "no such file" if missing else error.strerror or str(error)
            raise LoadError(f"{self.path}: {reason}", errno=Errno.ENOENT if missing else Errno.EACCES) from None
        except ValueError as error:
            raise UsageError(f"{str(self.path)!r} is no path: {error}") from None

    def seek(self, offset: int) -> None:
        """Sets the position."""
        offset = min(offset, self._size)  # a header may name an offset that no file can have
        self._open.seek(offset)
        self._left = self._size - offset

    def read(self, size: int) -> bytes:
        """Bytes at the position."""
        data = self._open.read(min(size, self._left))  # Python makes room for all that is asked for before it reads
        self._left -= len(data)
        return data

    def peek(self, offset: int, size: int) -> None:  # noqa: ARG002 - a file cannot
        """A file shows nothing in place."""
        return

    def finalize(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def _open(self) -> BinaryIO:
        if self._file is None:
            raise LoadError(f"{self.path}: not open", errno=Errno.EBADF)
        return self._file


def source_of(given: Source | str | os.PathLike[str] | bytes | bytearray | memoryview) -> Source:
    """A source for what callers pass: a path, bytes, or a source of their own."""
    if isinstance(given, (bytes, bytearray, memoryview)):
        return BufferSource(given)
    if isinstance(given, (str, os.PathLike)):
        return FileSource(given)
    if not hasattr(given, "prepare"):
        raise UsageError(f"{given!r} is nothing to load", hint="give a path, the bytes of a file, or a source of your own.")
    return given


def drive(load: Load[T], source: Source) -> T:
    """Runs a load to its end with answers from a Python source."""
    answer: Any = None
    error: BaseException | None = None
    while True:
        try:
            request = load.send(answer) if error is None else load.throw(error)
        except StopIteration as stop:
            value: T = stop.value
            return value
        answer, error = None, None
        try:
            answer = _answer(request, source)
        except OSError as failure:
            error = LoadError(f"{source.name}: {failure.strerror or failure}", errno=Errno.EIO)
        except BaseException as failure:  # noqa: BLE001 - the load undoes its work, then raises it
            error = failure


def _answer(request: Request, source: Source) -> Any:
    match request:
        case Prepare():
            return source.prepare()
        case Seek(offset):
            return source.seek(offset)
        case Read(size):
            return source.read(size)
        case Peek(offset, size):
            return source.peek(offset, size)
        case Locate() | IsDetached():
            return None  # memory of the host
        case _:
            assert isinstance(request, Finalize)
            return source.finalize()
