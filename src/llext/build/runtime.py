"""The guest runtime object: memory and string functions and the like as guest code, once per CPU.

A wheel carries them ready made, so that a board needs no compiler; a checkout makes each on first use.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from llext import cache
from llext.build import libc
from llext.build.compile import SUFFIXES, Object, compile_source
from llext.build.helpers import helper_library
from llext.build.join import join
from llext.build.processes import in_parallel, run
from llext.build.support import DESTRUCTORS, FLOATS
from llext.build.settle import settled
from llext.build.toolchain import Toolchain, find_toolchain, include_flags
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import BuildError
from llext.target import Target

SOURCES = Path(__file__).parent.parent / "zephyr" / "runtime"
READY = Path(__file__).parent.parent / "zephyr" / "ready"


def runtime_name(target: Target) -> str:
    """File name of the runtime object of a board's CPU."""
    return f"{target.cpu.name}-{target.cpu.float_abi}.o"


def archive_name(target: Target) -> str:
    """File name of the runtime as an archive, of which an application's firmware takes what it uses."""
    return f"{target.cpu.name}-{target.cpu.float_abi}.a"


@lru_cache(maxsize=32)  # one process, one runtime: looking whether sources have changed takes longer than the rest
def runtime_object(target: Target) -> bytes:
    """The runtime object for a board: relocatable, one section per region.

    Raises:
        BuildError: there is neither a ready one nor a compiler.
    """
    ready = READY / runtime_name(target)
    return ready.read_bytes() if ready.is_file() else make_runtime(target)


@lru_cache(maxsize=8)
def runtime_archive(target: Target) -> bytes:
    """The runtime and what only firmware has of it (``zephyr/firmware``), as an archive; its members are named after their sources.

    Raises:
        BuildError: there is neither a ready one nor a compiler.
    """
    ready = READY / archive_name(target)
    return ready.read_bytes() if ready.is_file() else make_archive(target)


def make_runtime(target: Target) -> bytes:
    """Compiles the runtime object, or takes the one that the same sources gave before."""
    return _kept("runtime", target, SOURCES, ".o", _make)


def make_archive(target: Target) -> bytes:
    """The same for the archive."""
    return _kept("archive", target, SOURCES.parent, ".a", _make_archive)


def _kept(kind: str, target: Target, folder: Path, suffix: str, make: Callable[[Target, Toolchain], bytes]) -> bytes:
    """What sources give, made once. Their time stamps decide: their bytes would take longer than the rest of a power-on."""
    toolchain = find_toolchain("zig", target.arch, target.cpu, "near")
    files = sorted([*_sources(folder), *(SOURCES.parent / "include").rglob("*.h"), *libc.files(), FLOATS])
    inputs = [(path.name, stamp.st_size, stamp.st_mtime_ns) for path in files for stamp in (path.stat(),)]
    key = cache.digest(kind, 2, toolchain.identity, list(toolchain.flags), list(_FLAGS), inputs)
    known = cache.kept_for(key, suffix)
    if known is not None:
        return known.read_bytes()
    if key not in _made:
        with cache.at_hand():
            _made[key] = make(target, toolchain)
            cache.keep_for(key, _made[key], suffix)
    return _made[key]


_FLAGS = ("-Os", "-fno-builtin", "-ffp-contract=off", *include_flags())


def _sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def _compiled(sources: list[Path], toolchain: Toolchain) -> list[Object]:
    return in_parallel(lambda source: compile_source(source, toolchain, _FLAGS), sources)


def _libraries(target: Target, toolchain: Toolchain) -> list[Path]:
    """Objects that give what our sources leave to the C library and to the compiler's helpers."""
    arch, cpu = target.arch, target.cpu
    floats = compile_source(FLOATS, toolchain, _FLAGS).path
    return [*libc.library_objects(toolchain, arch), libc.translated_functions(toolchain, arch, cpu), floats, helper_library(toolchain, arch, cpu)]


def _make(target: Target, toolchain: Toolchain) -> bytes:
    arch = target.arch
    ours = [made.path for made in _compiled(_sources(SOURCES), toolchain)]
    names = libc.MATH | libc.READING
    joined = join(ours, toolchain, libraries=_libraries(target, toolchain), keep=sorted(names))
    data = settled(joined.data, arch, names | _globals(ours))
    missing = names - {symbol.name for symbol in ElfFile.parse(data, "guest runtime").symbols}
    if missing:
        raise BuildError(
            f"the C library of this zig has no {', '.join(sorted(missing))}",
            hint="install the release of ziglang that requirements-dev.lock names.",
        )
    return data


def _make_archive(target: Target, toolchain: Toolchain) -> bytes:
    sources = [path for path in _sources(SOURCES.parent) if path != DESTRUCTORS]
    members = [(made.source.name, made.path) for made in _compiled(sources, toolchain)]
    members += [(f"library{number}", path) for number, path in enumerate(_libraries(target, toolchain))]
    with tempfile.TemporaryDirectory(prefix="llext-") as folder:
        paths = [Path(folder) / f"{name}.o" for name, _ in members]
        for path, (_, member) in zip(paths, members, strict=True):
            path.write_bytes(member.read_bytes())
        output = Path(folder) / "libzephyr.a"
        done = run([toolchain.compiler[0], "ar", "rcsD", str(output), *map(str, paths)])
        if done.returncode:
            raise BuildError("the guest runtime is not archived", diagnostics=done.stderr)
        return output.read_bytes()


def _globals(objects: list[Path]) -> set[str]:
    elves = (ElfFile.parse(path.read_bytes(), path.name) for path in objects)
    return {symbol.name for elf in elves for symbol in elf.symbols if symbol.binding == c.STB_GLOBAL and not symbol.undefined}


_made: dict[str, bytes] = {}
"""What this process has made, for where no cache can be written."""
