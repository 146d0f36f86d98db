"""The part of the guest's C library that is not ours: musl, and what of it zig's authors have translated to zig.

All of it lies in zig's wheel and is compiled from there; docs/libc.md says what is whose and under which licence. What
a release of zig has as C is taken as C. The rest comes from ``runtime/libm.zig`` and from zig's compiler-rt, which the
linker asks for the names that nothing else defines.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from llext.arch import Arch, Cpu
from llext import cache
from llext.build.compile import compile_source
from llext.build.helpers import compile_zig
from llext.build.processes import in_parallel
from llext.build.toolchain import Toolchain, zig_program

_SOURCES = Path(__file__).parent.parent / "zephyr" / "runtime"
_OURS = """
    copysign fdim frexp llrint llround lrint lround modf nan rint
""".split()
"""Functions of math.h in runtime/parts.c."""
_COMPILER_RT = """
    ceil cos exp exp2 fabs floor fmax fmin fmod log log10 log2 round sin sincos sqrt tan trunc
""".split()
"""Those of zig's compiler-rt, which compilers may call too."""
_LIBRARY = """
    acos acosh asin asinh atan atan2 atanh cbrt cosh erf erfc expm1 fma hypot ilogb ldexp lgamma lgamma_r log1p logb
    nearbyint nextafter pow remainder remquo scalbln scalbn sinh tanh tgamma
""".split()
"""Those that are musl's, or were."""


def _of_float(name: str) -> str:
    return "lgammaf_r" if name == "lgamma_r" else name + "f"


MATH = frozenset(word for name in _OURS + _COMPILER_RT + _LIBRARY for word in (name, _of_float(name))) | {"signgam"}
"""What math.h declares."""
READING = frozenset(("atof", "strtod", "strtof"))
"""What else comes from there."""

_PAIRS = """
    __math_divzero __math_invalid __math_oflow __math_uflow __math_xflow __expo2 __rem_pio2
""".split()
_SINGLE = """
    math/__sin math/__cos math/__tan math/__sindf math/__cosdf math/__tandf math/__rem_pio2_large math/pow_data math/powf_data
    math/exp_data math/exp2f_data math/signgam math/scalbnl stdlib/strtod stdlib/atof internal/floatscan internal/shgetc
""".split()
"""Files that functions share, for float and double or once."""
_FLAGS = ("-Os", "-std=c99", "-w", "-fno-builtin", "-ffp-contract=off", "-frounding-math", "-D_XOPEN_SOURCE=700")
"""Each operation is rounded by itself, so that all CPUs give the same bits."""


def files() -> list[Path]:
    """What decides on the library besides zig."""
    return [Path(__file__), _SOURCES / "libm.zig", *(_SOURCES / "musl").glob("*.h")]


def library_objects(toolchain: Toolchain, arch: Arch) -> list[Path]:
    """The objects of what this zig has of musl's sources."""
    return musls([*(word for name in (*_LIBRARY, *_PAIRS) for word in (name, _of_float(name))), *_SINGLE], toolchain, arch)


def musls(names: Sequence[str], toolchain: Toolchain, arch: Arch) -> list[Path]:
    """The objects of some of musl's files, by their names in ``src/math`` or in ``src``; without those that zig lacks."""
    lib = _zig_library()
    files = (lib / "libc" / "musl" / "src" / (f"{name}.c" if "/" in name else f"math/{name}.c") for name in names)
    flags = (*_FLAGS, *_include_flags(arch, lib))
    return [made.path for made in in_parallel(lambda source: compile_source(source, toolchain, flags), [*filter(Path.is_file, files)])]


def translated_functions(toolchain: Toolchain, arch: Arch, cpu: Cpu) -> Path:
    """The object of what zig's standard library has of musl.

    Raises:
        BuildError: zig could not compile it.
    """
    source = _SOURCES / "libm.zig"
    key = cache.digest("libm", toolchain.identity, list(arch.compiler.rt_target(cpu)), cache.file_digest(source))
    return cache.kept_for(key, ".o") or cache.keep_for(key, compile_zig(source, arch, cpu), ".o")


def _zig_library() -> Path:
    zig = zig_program()
    assert zig is not None  # noqa: S101 - the toolchain was found
    return zig.parent / "lib"


def _include_flags(arch: Arch, lib: Path) -> list[str]:
    """The folders that musl itself is compiled with, behind what we put in the place of theirs."""
    musl, name = lib / "libc" / "musl", arch.compiler.musl
    own = (_SOURCES / "musl", musl / "src" / "internal", musl / "src" / "include", musl / "arch" / name, musl / "arch" / "generic")
    public = (lib / "libc" / "include" / f"{name}-linux-musl", lib / "libc" / "include" / "generic-musl")
    return [word for option, folders in (("-I", own), ("-isystem", public)) for at in folders for word in (option, str(at))]
