"""The guest runtime object: memory and string functions and the like as guest code, once per CPU.

A wheel carries them ready made, so that a board needs no compiler; a checkout makes each on first use.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from llext.build import cache, libc
from llext.build.compile import compile_source
from llext.build.helpers import helper_library
from llext.build.join import join
from llext.build.processes import in_parallel
from llext.build.support import FLOATS
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


@lru_cache(maxsize=32)  # one process, one runtime: looking whether sources have changed takes longer than the rest
def runtime_object(target: Target) -> bytes:
    """The runtime object for a board: relocatable, one section per region.

    Raises:
        BuildError: there is neither a ready one nor a compiler.
    """
    ready = READY / runtime_name(target)
    return ready.read_bytes() if ready.is_file() else make_runtime(target)


def make_runtime(target: Target) -> bytes:
    """Compiles the runtime object, or takes the one that the same sources gave before."""
    toolchain = find_toolchain("zig", target.arch, target.cpu, "near")
    sources = sorted([*SOURCES.rglob("*.c"), *SOURCES.rglob("*.S")])
    others = sorted([*(SOURCES.parent / "include").rglob("*.h"), *libc.files(), FLOATS])
    stamps = [(path.name, path.stat()) for path in (*sources, *others)]  # their bytes would take longer than the rest of a power-on
    inputs = [(name, stamp.st_size, stamp.st_mtime_ns) for name, stamp in stamps]
    flags = ("-Os", "-fno-builtin", "-ffp-contract=off", *include_flags())
    key = cache.digest("runtime", 2, toolchain.identity, list(toolchain.flags), list(flags), inputs)
    known = cache.kept_for(key, ".o")
    if known is not None:
        return known.read_bytes()
    if key not in _made:
        with cache.at_hand():
            _made[key] = _make(target, toolchain, sources, flags)
            cache.keep_for(key, _made[key], ".o")
    return _made[key]


def _make(target: Target, toolchain: Toolchain, sources: list[Path], flags: tuple[str, ...]) -> bytes:
    arch, cpu = target.arch, target.cpu
    ours = [made.path for made in in_parallel(lambda source: compile_source(source, toolchain, flags), sources)]
    floats = compile_source(FLOATS, toolchain, flags).path
    libraries = [
        *libc.library_objects(toolchain, arch),
        libc.translated_functions(toolchain, arch, cpu),
        floats,
        helper_library(toolchain, arch, cpu),
    ]
    names = libc.MATH | libc.READING
    data = settled(join(ours, toolchain, libraries=libraries, keep=sorted(names)).data, arch, names | _globals(ours))
    missing = names - {symbol.name for symbol in ElfFile.parse(data, "guest runtime").symbols}
    if missing:
        raise BuildError(
            f"the C library of this zig has no {', '.join(sorted(missing))}",
            hint="install the release of ziglang that requirements-dev.lock names.",
        )
    return data


def _globals(objects: list[Path]) -> set[str]:
    elves = (ElfFile.parse(path.read_bytes(), path.name) for path in objects)
    return {symbol.name for elf in elves for symbol in elf.symbols if symbol.binding == c.STB_GLOBAL and not symbol.undefined}


_made: dict[str, bytes] = {}
"""What this process has made, for where no cache can be written."""
