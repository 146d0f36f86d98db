"""One source to one object, or the object that it gave last time.

What an object depends on is the compiler, its flags and the bytes of every file that was read (the compiler lists
them). The list is kept beside the object; if every file on it still has the same bytes, no compiler starts. Nor
may a file have appeared where the compiler looked in vain: a header of the same name in a folder that is searched
earlier, or one that a ``__has_include`` asks for.
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llext import cache
from llext.build.processes import run
from llext.build.toolchain import CXX_SUFFIXES, Toolchain, language_flags
from llext.errors import BuildError

SUFFIXES = (".c", ".S", ".s", *CXX_SUFFIXES)


@dataclass(frozen=True)
class Object:
    """A compiled source.

    Attributes:
        source: Where it came from.
        path: The object, in the cache.
        inputs: Every file that was read for it.
        warnings: What the compiler printed.
        cached: Whether no compiler ran.
    """

    source: Path
    path: Path
    inputs: tuple[Path, ...]
    warnings: str
    cached: bool


def compile_source(source: Path, toolchain: Toolchain, flags: tuple[str, ...]) -> Object:
    """Compiles one source.

    Raises:
        BuildError: the source is not there or not a language that we compile, or the compiler refused it; then its
            own words are in ``diagnostics``.
    """
    _check(source)
    command = (*toolchain.compiler, *toolchain.flags, *language_flags(source, toolchain), *flags)
    key = cache.digest("compile", 3, toolchain.identity, list(command), str(Path.cwd()), str(source))
    record = cache.load_json(key)
    if record is not None and _holds(record):
        inputs = tuple(Path(name) for name, _ in record["inputs"])
        return Object(source, cache.path_of(record["object"], ".o"), inputs, record["warnings"], cached=True)
    return _compile(source, command, key)


def _check(source: Path) -> None:
    if source.is_dir():
        raise BuildError(f"{source}: is a folder")
    if not source.is_file():
        raise BuildError(f"{source}: " + ("is no regular file" if source.exists() else "no such file"))
    if source.suffix not in SUFFIXES:
        raise BuildError(f"{source}: do not know how to compile this", hint=f"sources end in {', '.join(SUFFIXES)}.")


def _holds(record: dict[str, Any]) -> bool:
    """Whether an object is as good as the one that compiling would give."""
    return (
        all(cache.file_digest(Path(name)) == known for name, known in record["inputs"])
        and not any(map(os.path.exists, record["absent"]))
        and cache.kept(record["object"], ".o") is not None
    )


def _compile(source: Path, command: tuple[str, ...], key: str) -> Object:
    with tempfile.TemporaryDirectory(prefix="llext-") as folder:
        output, listing = Path(folder) / "out.o", Path(folder) / "out.d"
        word = f"./{source}" if str(source).startswith("-") else str(source)
        done = run([*command, "-c", word, "-o", str(output), "-MD", "-MF", str(listing)], scratch=Path(folder))
        if done.returncode:
            raise BuildError(f"{source} does not compile", diagnostics=done.stderr or done.stdout)
        data = output.read_bytes() if output.is_file() else b""
        _check_object(source, data)
        inputs = listed_files(listing, source)
    name = cache.keep(data, ".o")
    hashes = [[str(file), cache.file_digest(file)] for file in inputs]
    absent = _absent(inputs, _search_folders(command))
    cache.store_json(key, {"object": name, "inputs": hashes, "absent": absent, "warnings": done.stderr})
    return Object(source, cache.path_of(name, ".o"), tuple(inputs), done.stderr, cached=False)


def _check_object(source: Path, data: bytes) -> None:
    """Refuses what a flag made of the compiler's output: bitcode, assembler text, nothing."""
    if data.startswith(b"\x7fELF") and b".gnu.lto_" not in data:
        return
    what = "code for link-time optimisation" if data[:4] in (b"BC\xc0\xde", b"\x7fELF") else "no ELF object"
    raise BuildError(
        f"{source}: the compiler wrote {what}, from which no extension can be made",
        hint="one of the compiler's flags asks for it: leave out -flto, -S, -E, -emit-llvm, -fsyntax-only and the like.",
    )


_SEARCH = ("-I", "-isystem", "-iquote", "-idirafter")
_ASKED = re.compile(rb"__has_include(?:_next)?\s*\(\s*[<\"]([^>\"\n]+)[>\"]")


def _search_folders(command: tuple[str, ...]) -> list[Path]:
    """Folders that a compiler's command line has it search for headers."""
    folders = []
    for word, behind in zip(command, (*command[1:], ""), strict=True):
        for option in _SEARCH:
            if word.startswith(option):
                folders.append(Path(word.removeprefix(option) or behind).absolute())
                break
    return folders


def _absent(inputs: list[Path], searched: list[Path]) -> list[str]:
    """Where headers of these names would be found too, and are not."""
    folders = dict.fromkeys([*searched, *(path.parent for path in inputs)])
    names: set[str] = set()
    for path in inputs:
        names.update(str(path.relative_to(folder)) for folder in folders if path.is_relative_to(folder))
        names.update(os.fsdecode(name) for name in _ASKED.findall(path.read_bytes()))
    candidates = {os.path.join(folder, name) for folder in folders for name in names}
    return sorted(candidate for candidate in candidates if not os.path.exists(candidate))


def listed_files(listing: Path, source: Path) -> list[Path]:
    """The files of a make rule as compilers write it: blanks escaped by a backslash, $ doubled, lines continued."""
    try:
        text = listing.read_text("utf-8", "surrogateescape")
    except OSError:
        return [source.absolute()]
    rule = text.replace("\\\r\n", " ").replace("\\\n", " ").partition(": ")[2]
    words = re.findall(r"(?:\\.|[^\s\\])+", rule)
    names = [re.sub(r"\\([\s#])", r"\1", word).replace("$$", "$") for word in words]
    return sorted({Path(name).absolute() for name in names} | {source.absolute()})
