"""The guest runtime object: memory and string functions and the like as guest code, once per CPU.

A wheel carries them ready made, so that a board needs no compiler; a checkout makes each on first use.
"""

from __future__ import annotations

from pathlib import Path

from llext.build import cache
from llext.build.compile import compile_source
from llext.build.helpers import helper_library, wants_helpers
from llext.build.join import join
from llext.build.processes import in_parallel
from llext.build.toolchain import find_toolchain, include_flags
from llext.target import Target

SOURCES = Path(__file__).parent.parent / "zephyr" / "runtime"
READY = Path(__file__).parent.parent / "zephyr" / "ready"


def runtime_name(target: Target) -> str:
    """File name of the runtime object of a board's CPU."""
    return f"{target.cpu.name}-{target.cpu.float_abi}.o"


def runtime_object(target: Target) -> bytes:
    """The runtime object for a board: relocatable, one section per region.

    Raises:
        BuildError: there is neither a ready one nor a compiler.
    """
    ready = READY / runtime_name(target)
    return ready.read_bytes() if ready.is_file() else make_runtime(target)


def make_runtime(target: Target) -> bytes:
    """Compiles the runtime object, or takes the one that the same sources gave before."""
    toolchain = find_toolchain("zig", target.arch, target.cpu)
    sources = sorted(SOURCES.glob("*.c"))
    headers = sorted((SOURCES.parent / "include").rglob("*.h"))
    inputs = [(path.name, cache.file_digest(path)) for path in (*sources, *headers)]
    flags = ("-Os", "-fno-builtin", *include_flags())
    key = cache.digest("runtime", toolchain.identity, list(toolchain.flags), list(flags), inputs)
    known = cache.kept_for(key, ".o")
    if known is not None:
        return known.read_bytes()
    if key not in _made:
        with cache.at_hand():
            objects = [made.path for made in in_parallel(lambda source: compile_source(source, toolchain, flags), sources)]
            libraries = [helper_library(toolchain, target.arch, target.cpu)] if wants_helpers(objects) else []
            _made[key] = join(objects, toolchain, libraries=libraries).data
            cache.keep_for(key, _made[key], ".o")
    return _made[key]


_made: dict[str, bytes] = {}
"""What this process has made, for where no cache can be written."""
