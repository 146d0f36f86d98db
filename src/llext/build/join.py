"""Objects to one relocatable file that every Zephyr loader takes: ``ld -r`` with a linker script of ours.

One output section per region, everything that a loader does not map discarded, what is not reachable from an export
dropped. The reasons, measured on stock firmware: several NOBITS sections, COMMON symbols, unwind tables and
relocations of debug sections each make some version refuse the file.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llext.build import cache
from llext.build.toolchain import Toolchain, run
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import BuildError
from llext.link import kind_of

_SCRIPT = """\
SECTIONS {
  .text 0 : { *(.text .text.*) }
  .rodata 0 : { *(.rodata .rodata.*) }
  .exported_sym 0 : { KEEP(*(.exported_sym)) }
  .preinit_array 0 : { KEEP(*(SORT_BY_INIT_PRIORITY(.preinit_array.*))) KEEP(*(.preinit_array)) }
  .init_array 0 : { KEEP(*(SORT_BY_INIT_PRIORITY(.init_array.*))) KEEP(*(.init_array)) }
  .fini_array 0 : { KEEP(*(SORT_BY_INIT_PRIORITY(.fini_array.*))) KEEP(*(.fini_array)) }
  .data 0 : { *(.data .data.* %(iterable)s) }
  .bss 0 : { *(.bss .bss.* .noinit .noinit.* COMMON) }
  /DISCARD/ : { *(.ARM.exidx* .ARM.extab* .note* .comment .llvm_addrsig .eh_frame* %(debug)s) }
}
"""
_ITERABLE = "._*"
_SH_OFFSET = 16
"""Where sh_offset stands in a 32-bit section header (gABI, figure 4-8)."""
_REMOVED = re.compile(r"removing unused section (?:'(?P<gnu>[^']*)' in file '(?P<file>[^']*)'|(?P<path>.*):\((?P<lld>.*)\))")


@dataclass(frozen=True)
class Joined:
    """A joined extension.

    Attributes:
        data: The file that is loaded: no debug sections, no local symbols.
        debug: The same sections with DWARF and all symbols.
        removed: Bytes of loaded sections that dead code removal dropped.
        cached: Whether no linker ran.
    """

    data: bytes
    debug: bytes
    removed: int
    cached: bool


def join(objects: Sequence[Path], toolchain: Toolchain, *, libraries: Sequence[Path] = ()) -> Joined:
    """Joins objects into one relocatable file and its debug twin.

    Args:
        objects: What the user's sources gave.
        toolchain: Whose linker.
        libraries: Objects or archives that give what is still undefined; not counted in ``removed``.

    Raises:
        BuildError: the linker refused; its words are in ``diagnostics``.
    """
    inputs = [*objects, *libraries]
    key = cache.digest("join", 2, toolchain.identity, _SCRIPT, [(str(path), cache.file_digest(path)) for path in inputs])
    files = [cache.path_of(key, suffix) for suffix in (".llext", ".debug")]
    record = cache.load_json(key)
    if record is not None and all(path.is_file() for path in files):
        return Joined(files[0].read_bytes(), files[1].read_bytes(), record["removed"], cached=True)
    with tempfile.TemporaryDirectory(prefix="llext-") as folder:
        joined = _join(Path(folder), objects, libraries, toolchain)
    for path, data in zip(files, (joined.data, joined.debug), strict=True):
        cache.write_file(path, data)
    cache.store_json(key, {"removed": joined.removed})
    return joined


def _join(folder: Path, objects: Sequence[Path], libraries: Sequence[Path], toolchain: Toolchain) -> Joined:
    roots = [word for name in _roots(objects) for word in ("-u", name)]
    outputs = []
    for name, debug, extra in (("x", ".debug*", ["-x", "--print-gc-sections"]), ("debug", "", [])):
        script = folder / f"{name}.ld"
        script.write_text(_SCRIPT % {"debug": debug, "iterable": _ITERABLE}, "utf-8")
        outputs.append([
            *toolchain.linker, "-r", "-T", str(script), "--gc-sections", *extra, *roots,
            *(str(path) for path in (*objects, *libraries)), "-o", str(folder / f"{name}.elf"),
        ])  # fmt: skip
    debug_link = _start(outputs[1])
    done = run(outputs[0])
    _, words = debug_link.communicate()
    for returncode, diagnostics in ((done.returncode, done.stderr), (debug_link.returncode, words)):
        if returncode:
            raise BuildError("the objects do not link", diagnostics=diagnostics)
    removed = _removed_bytes(done.stdout + done.stderr, objects)
    plain, twin = (_align_nobits((folder / file).read_bytes()) for file in ("x.elf", "debug.elf"))
    return Joined(plain, twin, removed, cached=False)


def _align_nobits(data: bytes) -> bytes:
    """Rounds the file offset of NOBITS sections up to their alignment.

    Such a section has no bytes in the file, so any offset is as good; Zephyr's loader takes it for the alignment that
    the section has in memory.
    """
    elf, out = ElfFile.parse(data, "joined"), bytearray(data)
    for section in elf.sections:
        if section.type == c.SHT_NOBITS and section.alignment > 1:
            at = elf.header.section_offset + section.index * elf.header.section_entry_size + _SH_OFFSET
            out[at : at + 4] = (-(-section.offset // section.alignment) * section.alignment).to_bytes(4, "little")
    return bytes(out)


def _start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - the command is ours
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
    )


def _roots(objects: Sequence[Path]) -> list[str]:
    """What dead code removal must keep: the exported entries; without any, every global function and object."""
    exported: list[str] = []
    globals_: list[str] = []
    for path in objects:
        elf = ElfFile.parse(path.read_bytes(), path.name)
        table = elf.section(".exported_sym")
        for symbol in elf.symbols:
            if symbol.binding == c.STB_LOCAL or symbol.undefined:
                continue
            if table is not None and symbol.section == table.index:
                exported.append(symbol.name)
            elif symbol.type in (c.STT_FUNC, c.STT_OBJECT):
                globals_.append(symbol.name)
    return exported or globals_


def _removed_bytes(text: str, objects: Sequence[Path]) -> int:
    """Sum of the sections that the linker says it dropped from the user's objects, if a loader would have mapped them."""
    sizes: dict[tuple[str, str], int] = {}
    for path in objects:
        for section in ElfFile.parse(path.read_bytes(), path.name).sections:
            if kind_of(section) is not None:
                sizes[str(path), section.name] = section.size
    total = 0
    for match in _REMOVED.finditer(text):
        total += sizes.pop((match["file"] or match["path"], match["gnu"] or match["lld"]), 0)
    return total
