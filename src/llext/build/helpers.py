"""Compiler helpers (64-bit division, soft float, switch tables), so that no firmware has to export them.

With zig they come from its own compiler-rt, compiled once per CPU; with gcc from its libgcc. The C library's memory
functions that compiler-rt also defines get names of their own, so that an extension's ``memcpy`` stays what the
firmware provides; and so do functions of numbers that are wrong there, to which ``support/floats.c`` and musl give right ones.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from llext.arch import Arch, Cpu
from llext import cache
from llext.build.processes import run
from llext.build.toolchain import Toolchain, libgcc, zig_program
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import BuildError

_MEMORY_FUNCTIONS = (b"memcpy", b"memmove", b"memset", b"memcmp", b"bcmp", b"strlen")
_WRONG_FUNCTIONS = (b"__aeabi_ddiv", b"__divdf3", b"__aeabi_fdiv", b"__divsf3", b"log2", b"log10", b"fma", b"fmaf")
_RENAMED = frozenset(_MEMORY_FUNCTIONS + _WRONG_FUNCTIONS)
_PREFIX = b"__llext_"


def helper_library(toolchain: Toolchain, arch: Arch, cpu: Cpu) -> Path:
    """The object or archive with the helpers for a CPU.

    Raises:
        BuildError: zig could not compile them.
    """
    if toolchain.gnu:
        return libgcc(toolchain, arch, cpu)
    key = cache.digest("compiler-rt", toolchain.identity, list(arch.compiler.rt_target(cpu)), _PREFIX, sorted(_RENAMED))
    return cache.kept_for(key, ".o") or cache.keep_for(key, _compile(arch, cpu), ".o")


def _compile(arch: Arch, cpu: Cpu) -> bytes:
    zig = zig_program()
    assert zig is not None  # noqa: S101 - the toolchain was found
    return _renamed(compile_zig(zig.parent / "lib" / "compiler_rt.zig", arch, cpu))


def compile_zig(source: Path, arch: Arch, cpu: Cpu) -> bytes:
    """An object from source in zig, for size, one section per function.

    Raises:
        BuildError: zig could not compile it.
    """
    zig = zig_program()
    assert zig is not None  # noqa: S101 - the toolchain was found
    target, model = arch.compiler.rt_target(cpu)
    with tempfile.TemporaryDirectory(prefix="llext-") as folder:
        output = Path(folder) / "rt.o"
        done = run([
            str(zig), "build-obj", str(source), "-target", target, f"-mcpu={model}",
            "-O", "ReleaseSmall", "-fstrip", "-ffunction-sections", "-fdata-sections", f"-femit-bin={output}",
            "--cache-dir", folder, "--global-cache-dir", os.path.join(folder, "global"),
        ], scratch=Path(folder))  # fmt: skip
        if done.returncode:
            raise BuildError(f"zig cannot compile its {source.name} for {cpu.name}", diagnostics=done.stderr)
        return output.read_bytes()


def _renamed(data: bytes) -> bytes:
    """Gives functions other names by pointing their symbols at a string table behind the file."""
    elf = ElfFile.parse(data, "compiler-rt")
    table, strings = elf.symbol_section, elf.string_section
    assert table is not None and strings is not None  # noqa: S101, PT018 - a compiler wrote it
    names = bytearray(elf.contents(strings))
    out = bytearray(data)
    for symbol in elf.symbols:
        name = symbol.name.encode()
        if name in _RENAMED and not symbol.undefined:
            at = table.offset + symbol.index * table.entry_size
            out[at : at + 4] = len(names).to_bytes(4, "little")
            names += _PREFIX + name + b"\0"
    header = elf.header.section_offset + strings.index * elf.header.section_entry_size
    out[header + 16 : header + 24] = len(out).to_bytes(4, "little") + len(names).to_bytes(4, "little")
    return bytes(out + names)


def undefined_names(objects: list[Path]) -> set[str]:
    """What a set of objects needs from elsewhere."""
    defined: set[str] = set()
    wanted: set[str] = set()
    for path in objects:
        for symbol in ElfFile.parse(path.read_bytes(), path.name).symbols:
            if symbol.binding != c.STB_LOCAL:
                (wanted if symbol.undefined else defined).add(symbol.name)
    return wanted - defined


def wants_helpers(objects: list[Path]) -> bool:
    """Whether objects use a compiler helper: names that the implementation reserves and headers do not declare."""
    return any(name.startswith("__") and not name.startswith("__llext_sym_") for name in undefined_names(objects))
