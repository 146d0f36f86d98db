"""The compilers: zig's clang and ld.lld from the pip wheel, or GNU tools from the PATH.

Both are driven with gcc-style flags (zig as ``zig clang``, which needs neither cache nor home folder). Asking whether a
compiler is the same as last time must not start it: its identity is its path, size and time stamp.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from llext.arch import Arch, Cpu
from llext import cache
from llext.build.processes import run
from llext.errors import BuildError

HEADERS = Path(__file__).parent.parent / "zephyr" / "include"

_COMMON = (
    "-ffreestanding", "-fno-common", "-ffunction-sections", "-fdata-sections", "-fno-short-enums", "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables", "-fno-stack-protector",
)  # fmt: skip
CXX_SUFFIXES = (".cpp", ".cc", ".cxx")
_CXX = ("-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics")


@dataclass(frozen=True)
class Toolchain:
    """One compiler with its linker, for one CPU.

    Attributes:
        name: ``zig`` or ``gcc``.
        compiler: Command that compiles, without flags.
        linker: Command that joins objects.
        flags: Flags of every compilation for this CPU.
        identity: Changes whenever the programs do.
        gnu: Whether the linker is GNU ld.
    """

    name: str
    compiler: tuple[str, ...]
    linker: tuple[str, ...]
    flags: tuple[str, ...]
    identity: str
    gnu: bool


def _identity(*programs: Path) -> str:
    return cache.digest([(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in programs])


@lru_cache(maxsize=1)
def zig_program() -> Path | None:
    """The zig program of the ``ziglang`` wheel, found without importing the package."""
    spec = importlib.util.find_spec("ziglang")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        program = Path(folder) / ("zig.exe" if sys.platform == "win32" else "zig")
        if program.is_file():
            return program
    return None


def find_toolchain(choice: str, arch: Arch, cpu: Cpu, model: str = "far") -> Toolchain:
    """The compiler that the user asked for.

    Args:
        choice: ``auto`` (zig), ``zig`` or ``gcc``.
        arch: Instruction set to compile for.
        cpu: CPU to compile for.
        model: How code reaches what is far away: ``far``, ``near`` or ``pic`` (``CompilerFacts.models``).

    Raises:
        BuildError: it is not installed; the message says how to get it.
    """
    return _gcc(arch, cpu, model) if choice == "gcc" else _zig(arch, cpu, model)


@lru_cache(maxsize=16)
def _zig(arch: Arch, cpu: Cpu, model: str) -> Toolchain:
    zig = zig_program()
    if zig is None:
        raise BuildError(
            "no compiler: the package 'ziglang' is not installed",
            hint=f"pip install ziglang; or use {arch.compiler.gcc_prefix}gcc from the PATH with --toolchain gcc.",
        )
    flags = (
        f"--target={arch.compiler.clang_target}", *arch.compiler.cpu_flags(cpu), "-nostdlibinc", "-resource-dir",
        str(zig.parent / "lib"), *_COMMON, *arch.compiler.flags, *arch.compiler.models[model], "-fno-sanitize=all", "-fno-addrsig", "-femulated-tls",
    )  # fmt: skip
    return Toolchain("zig", (str(zig), "clang"), (str(zig), "ld.lld"), flags, _identity(zig), gnu=False)


@lru_cache(maxsize=16)
def _gcc(arch: Arch, cpu: Cpu, model: str) -> Toolchain:
    name = arch.compiler.gcc_prefix + "gcc"
    gcc, linker = shutil.which(name), shutil.which(arch.compiler.gcc_prefix + "ld")
    if gcc is None or linker is None:
        raise BuildError(
            f"no {name} on the PATH",
            hint=f"install it (Debian: {arch.compiler.debian}), or use the default: --toolchain zig.",
        )
    identity = _identity(Path(gcc).resolve(), Path(linker).resolve())
    flags = (
        *arch.compiler.cpu_flags(cpu), *_COMMON, *arch.compiler.flags, *arch.compiler.models[model], "-U__UINT32_TYPE__",
        "-D__UINT32_TYPE__=unsigned int", "-U__INT32_TYPE__", "-D__INT32_TYPE__=int", "-nostdinc",
    )  # fmt: skip
    includes = _ask_gcc(gcc, identity, "include", "include-fixed")
    flags += tuple(word for folder in includes for word in ("-isystem", folder))
    return Toolchain("gcc", (gcc,), (linker, *arch.compiler.gnu_linker), flags, identity, gnu=True)


def _ask_gcc(gcc: str, identity: str, *names: str) -> list[str]:
    """Where gcc keeps its own headers; asked once per compiler and remembered."""
    key = cache.digest("gcc folders", identity, list(names))
    known = cache.load_json(key)
    if not isinstance(known, list):
        known = [run([gcc, f"-print-file-name={name}"]).stdout.strip() for name in names]
        cache.store_json(key, known)
    return [str(folder) for folder in known]


def libgcc(toolchain: Toolchain, arch: Arch, cpu: Cpu) -> Path:
    """gcc's archive of compiler helpers for a CPU."""
    key = cache.digest("libgcc", 2, toolchain.identity, cpu.name, cpu.float_abi)
    known = cache.load_json(key)
    if not isinstance(known, str):
        command = [*toolchain.compiler, *arch.compiler.cpu_flags(cpu)]
        if run([*command, "-print-multi-directory"]).stdout.strip() == ".":  # that of the compiler's default CPU
            raise BuildError(
                f"this {Path(toolchain.compiler[0]).name} has no compiler helpers for {cpu.name} with {cpu.float_abi}",
                hint="use --toolchain zig, or leave them to the firmware: --helpers import.",
            )
        known = run([*command, "-print-libgcc-file-name"]).stdout.strip()
        cache.store_json(key, known)
    return Path(known)


def include_flags() -> tuple[str, ...]:
    """Where our headers are, Zephyr's names first, the C library's as system headers."""
    return ("-I", str(HEADERS), "-isystem", str(HEADERS / "libc"))


def language_flags(source: Path, toolchain: Toolchain) -> tuple[str, ...]:
    """Flags that depend on the language of a source; clang warns of each that assembling has no use for."""
    if source.suffix in CXX_SUFFIXES:
        return (*_CXX, "-isystem", str(HEADERS / "cxx"))
    return ("-Wno-unused-command-line-argument",) if source.suffix == ".s" and not toolchain.gnu else ()
