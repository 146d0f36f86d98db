"""Objects to one relocatable file that every Zephyr loader takes: ``ld -r`` with a linker script of ours.

One output section per region, everything that a loader does not map discarded, what is not reachable from an export
dropped. The reasons, measured on stock firmware: several NOBITS sections, COMMON symbols, unwind tables and
relocations of debug sections each make some version refuse the file.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llext import cache
from llext.build.compile import Object
from llext.build.processes import run, started
from llext.build.strip import stripped
from llext.build.toolchain import Toolchain
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import BuildError
from llext.link import ARRAYS, kind_of

_SCRIPT = """\
SECTIONS {
  .text 0 : { *(.text .text.*) }
%(text)s  .rodata 0 : { *(.rodata .rodata.* .srodata .srodata.*) }
%(rodata)s  .exported_sym 0 : { KEEP(*(.exported_sym)) }
  .preinit_array 0 : { KEEP(*(SORT_BY_INIT_PRIORITY(.preinit_array.*))) KEEP(*(.preinit_array)) }
  .init_array 0 : { KEEP(*(SORT_BY_INIT_PRIORITY(.init_array.[0-9]*))) KEEP(*(.init_array)) %(late)s }
  .fini_array 0 : { KEEP(*(SORT_BY_INIT_PRIORITY(.fini_array.*))) KEEP(*(.fini_array)) }
  .data 0 : { *(.data .data.* .sdata .sdata.*) %(lists)s *(%(iterable)s) }
%(data)s  .bss 0 : { *(.bss .bss.* .sbss .sbss.* .noinit .noinit.* %(bss)s COMMON) }
  /DISCARD/ : { *(.ARM.exidx* .ARM.extab* .note* .comment .llvm_addrsig .eh_frame* %(debug)s) }
}
"""
_ITERABLE = "._*"
_LATE = " ".join(
    f"KEEP(*(SORT_BY_NAME(.init_array.{name})))"
    for name in ("app_?", "app_??", "app_???", "thr_*", "smp_?", "smp_??", "smp_???")
)
"""What zephyr/init.h and K_THREAD_DEFINE put behind constructors without priority: level APPLICATION by number, threads by
name, level SMP by number."""
_BOUND = re.compile(r"_(?P<list>\w+)_list_(?:start|end)")
_KNOWN = re.compile(r"\.(text|s?rodata|s?data|s?bss|noinit)(\..*)?|\._.*|\.(preinit|init|fini)_array(\..*)?|\.exported_sym")
"""Sections that the script names; others of the user's keep their names."""
_WRAPPED = "__wrap_"
_ST_INFO = 12
"""Where binding and type stand in a 32-bit symbol (gABI, figure 4-15)."""
_SH_OFFSET, _SH_ENTSIZE = 16, 36
"""Where sh_offset and sh_entsize stand in a 32-bit section header (gABI, figure 4-8)."""
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


def join(
    objects: Sequence[Path], toolchain: Toolchain, *, libraries: Sequence[Path] = (), keep: Sequence[str] = (),
    options: Sequence[str] = (), outside: Sequence[str] = (),
) -> Joined:  # fmt: skip
    """Joins objects into one relocatable file and its debug twin.

    Args:
        objects: What the user's sources gave.
        toolchain: Whose linker.
        libraries: Objects or archives that give what is still undefined; not counted in ``removed``.
        keep: Names of theirs that stay though nothing uses them.
        options: Further words for the linker.
        outside: Names that stay undefined though a library has them.

    Raises:
        BuildError: the linker refused; its words are in ``diagnostics``.
    """
    inputs = [*objects, *libraries]
    options = [*options, *(f"--wrap={name}" for name in sorted(outside))]
    digests = [(str(path), cache.file_digest(path)) for path in inputs]
    key = cache.digest("join", 8, toolchain.identity, _SCRIPT, digests, *([list(keep)] if keep else []), *options)
    record = cache.load_json(key)
    if record is not None:
        data, debug = cache.kept(record["data"], ".llext"), cache.kept(record["debug"], ".debug")
        if data is not None and debug is not None:
            return Joined(data, debug, record["removed"], cached=True)
    with tempfile.TemporaryDirectory(prefix="llext-") as folder:
        joined = _join(Path(folder), objects, libraries, toolchain, keep, options)
    names = {"data": cache.keep(joined.data, ".llext"), "debug": cache.keep(joined.debug, ".debug")}
    cache.store_json(key, {"removed": joined.removed, **names})
    return joined


def alone(made: Object) -> Joined:
    """One object as an extension: without debug sections, and with its sections in the order of their regions."""
    data = made.path.read_bytes()
    return Joined(_tidied(stripped(data)), data, 0, cached=made.cached)


def _join(
    folder: Path, objects: Sequence[Path], libraries: Sequence[Path], toolchain: Toolchain, keep: Sequence[str],
    options: Sequence[str],
) -> Joined:  # fmt: skip
    own = _own_sections(objects) | {"late": _LATE, "lists": _lists(objects)}
    roots = [word for name in (*_roots(objects), *keep) for word in ("-u", name)]
    # GNU ld keeps COMDAT groups apart unless it is told that this file will not be joined again. It drops nothing where
    # nothing is named to stay, and says so as an error; what is left then is arrays.
    groups = ["--force-group-allocation"] if toolchain.gnu else []
    drop = ["--gc-sections"] if roots or not toolchain.gnu else []
    outputs = []
    for name, debug, extra in (("x", ".debug*", ["-x", "--print-gc-sections"]), ("debug", "", ["--discard-none"])):
        script = folder / f"{name}.ld"
        script.write_text(_SCRIPT % {"debug": debug, "iterable": _ITERABLE, **own}, "utf-8")
        outputs.append([
            *toolchain.linker, "-r", "-T", str(script), *drop, *groups, *extra, *roots, *options,
            *(str(path) for path in (*objects, *libraries)), "-o", str(folder / f"{name}.elf"),
        ])  # fmt: skip
    with started(outputs[1], folder) as debug_link:
        done = run(outputs[0], scratch=folder)
        _, words = debug_link.communicate()
    for returncode, diagnostics in ((done.returncode, done.stderr), (debug_link.returncode, words)):
        if returncode:
            raise BuildError("the objects do not link", diagnostics=_without_removals(diagnostics))
    removed = _removed_bytes(done.stdout + done.stderr, objects)
    plain, twin = (_tidied(_unwrapped((folder / file).read_bytes())) for file in ("x.elf", "debug.elf"))
    return Joined(plain, twin, removed, cached=False)


def _own_sections(objects: Sequence[Path]) -> dict[str, str]:
    """Lines of the linker script for sections with names of the user's own.

    Those with contents keep their names and stand beside the region that they belong to, so that no other region lies
    between; NOBITS ones become part of .bss, because stock Zephyr takes one only.
    """
    names: dict[str, dict[str, None]] = {"text": {}, "rodata": {}, "data": {}, "bss": {}}
    for path in objects:
        for section in ElfFile.parse(path.read_bytes(), path.name).sections:
            kind = kind_of(section)
            if kind is not None and kind.name.lower() in names and not _KNOWN.fullmatch(section.name):
                names[kind.name.lower()][section.name] = None
    lines = {kind: "".join(f'  "{name}" 0 : {{ KEEP(*("{name}")) }}\n' for name in found) for kind, found in names.items()}
    return lines | {"bss": " ".join(f'"{name}"' for name in names["bss"])}


def _lists(objects: Sequence[Path]) -> str:
    """Pieces of the linker script for lists of objects (zephyr/sys/iterable_sections.h) whose bounds somebody asks for."""
    elves = [ElfFile.parse(path.read_bytes(), path.name) for path in objects]
    asked = {found["list"] for elf in elves for s in elf.symbols if s.undefined and (found := _BOUND.fullmatch(s.name))}
    pieces = []
    for name in sorted(asked):
        prefix = f"._{name}.static."
        alignment = max([1, *(s.alignment for elf in elves for s in elf.sections if s.name.startswith(prefix))])
        pieces += [
            f". = ALIGN({alignment});",
            f"_{name}_list_start = .; KEEP(*(SORT_BY_NAME({prefix}*))) _{name}_list_end = .;",
        ]
    return " ".join(pieces)


def _unwrapped(data: bytes) -> bytes:
    """Undoes what --wrap does: the linker refers to __wrap_NAME, whose end is the name that is wanted, weakly if the library's is weak."""
    elf, out = ElfFile.parse(data, "joined"), bytearray(data)
    table = elf.symbol_section
    for symbol in elf.symbols:
        if table is not None and symbol.undefined and symbol.name.startswith(_WRAPPED):
            at = table.offset + symbol.index * elf.header.layout.symbol.size
            out[at : at + 4] = (int.from_bytes(out[at : at + 4], "little") + len(_WRAPPED)).to_bytes(4, "little")
            out[at + _ST_INFO] = c.STB_GLOBAL << 4 | symbol.type
    return bytes(out)


def _tidied(data: bytes) -> bytes:
    """Sets what linkers leave as it comes and Zephyr's loader looks at.

    A NOBITS section has no bytes in the file, so any file offset is as good; the loader takes it for the alignment that
    the section has in memory. An array of function pointers must say that its entries are 4 bytes; lld writes 0.
    """
    elf, out = ElfFile.parse(data, "joined"), bytearray(data)
    for section in elf.sections:
        header = elf.header.section_offset + section.index * elf.header.section_entry_size
        if section.type == c.SHT_NOBITS and section.alignment > 1:
            offset = -(-section.offset // section.alignment) * section.alignment
            out[header + _SH_OFFSET : header + _SH_OFFSET + 4] = offset.to_bytes(4, "little")
        if section.type in ARRAYS:
            out[header + _SH_ENTSIZE : header + _SH_ENTSIZE + 4] = (4).to_bytes(4, "little")
    return bytes(out)


def _without_removals(diagnostics: str) -> str:
    """What a linker says that is not the list of dropped sections, which we ask for and GNU ld mixes with its errors."""
    return "".join(line for line in diagnostics.splitlines(keepends=True) if not _REMOVED.search(line))


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
