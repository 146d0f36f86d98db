"""The life of extensions: load, find, unload. ``load`` reads as the list of its steps.

Each load is a transaction: what a failed one took is given back before the error is raised. Walls between the steps:
after ``_allocate`` every address is final, after ``_export`` guest memory is final, and only ``_commit`` makes the
extension known to others.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from llext.abi.structs import struct_llext
from llext.arch import Reloc
from llext.elf import ElfFile, SectionTable, read_header
from llext.elf import constants as c
from llext.elf.reader import HEADER_BYTES, Buffer, Header
from llext.errors import ElfError, Errno, HeapError, LinkError, LoadError
from llext.heap import SysHeap
from llext.link import Allocation, Note, Placed, Plan, RegionKind, StockRules, Symbol, allocations, apply, plan
from llext.loader.caller import Caller
from llext.loader.extension import NAME_LENGTH, Extension, Import, LoadedRegion
from llext.loader.scope import Scope, how_to_provide
from llext.loader.source import Finalize, Load, Peek, Prepare, Read, Seek
from llext.machine import Machine, Permission

Log = Callable[[str, str], None]
"""(level, text): level is err, wrn, inf or dbg."""

_PERMISSIONS = {"rx": Permission.RX, "r": Permission.READ, "rw": Permission.RW}


@dataclass
class Loader:
    """Loads extensions into one machine.

    Attributes:
        machine: Where they go.
        heap: The LLEXT heap.
        scope: Where their imports come from.
        caller: How they are called.
        rules: Zephyr version for sizes and notes.
        log: Takes Zephyr's log lines, or None.
        extensions: What is loaded, in load order.
    """

    machine: Machine
    heap: SysHeap
    scope: Scope
    caller: Caller
    rules: StockRules
    log: Log | None = None
    extensions: list[Extension] = field(default_factory=list)

    # The steps --------------------------------------------------------------------------------------------------------

    def load(self, name: str, *, origin: str, path: Path | None = None, strict: bool = False) -> Load[Extension]:
        """A load, as a generator of requests for its input.

        Args:
            name: Name of the extension.
            origin: The source's name, for messages.
            path: The file it is, if any.
            strict: Refuse with Zephyr's errno what stock Zephyr refuses.

        Raises:
            ElfError: the file is malformed.
            LoadError: it cannot be loaded; nothing has changed.
        """
        known = self._already_loaded(name, strict=strict)
        if known is not None:
            known.use_count += 1
            self._store_use_count(known)
            return known
        work = _Work(self, name, origin, path)
        try:
            yield Prepare()
            elf, peeked = yield from _read_tables(origin, self._say)
            self.check_identity(elf)
            self._say("dbg", "Mapping ELF sections...")
            work.plan = plan(elf, self.rules, granule=self.machine.target.granule if self.machine.guarded else 0)
            self._judge(work.plan, origin, strict=strict)
            self._say("dbg", "Allocate and copy regions...")
            work.allocate(peek=peeked)
            # From here on every address is final.
            yield from work.copy_regions()
            self._say("dbg", "Linking ELF...")
            work.link()
            # From here on guest memory is final.
            extension = work.finish()
        except BaseException:
            work.roll_back()
            raise
        finally:
            yield Finalize()
        self._commit(extension, work)
        return extension

    def _already_loaded(self, name: str, *, strict: bool) -> Extension | None:
        for extension in self.extensions:
            if extension.name != name[:NAME_LENGTH]:
                continue
            if extension.full_name != name and not strict:
                raise LoadError(
                    f"the names {extension.full_name!r} and {name!r} are the same in their first {NAME_LENGTH} characters",
                    hint="load it under another name: board.load(..., name=...).",
                    errno=Errno.EEXIST,
                )
            return extension
        return None

    def check_identity(self, elf: ElfFile) -> None:
        """Refuses a file for another ISA, class, byte order or float ABI, naming both sides."""
        target, header = self.machine.target, elf.header
        arch = target.arch
        reason = None
        if header.machine != arch.machine:
            built = c.MACHINE_NAMES.get(header.machine, f"machine {header.machine}")
            reason = f"it is built for {built}, and the board's {target.cpu.name} is {arch.name}"
        elif header.bits != arch.bits:
            reason = f"it is an ELF{header.bits} file, and the board's {target.cpu.name} wants ELF{arch.bits}"
        elif not header.little_endian:
            reason = f"it is big endian, and the board's {target.cpu.name} is little endian"
        else:
            reason = arch.incompatibility(elf, target.cpu)
        if reason is not None:
            raise LoadError(f"{elf.name}: {reason}", hint=f"build it for this board: llext build --board {target.name}.")

    def _judge(self, made: Plan, origin: str, *, strict: bool) -> None:
        for note in made.notes:
            if strict and (note.errno is not None or note.crash):
                raise LoadError(f"{origin}: {note}", errno=note.errno or Errno.ENOEXEC, details={"strict": True})
            self._say("wrn" if note.errno is not None else "inf", str(note))

    def _commit(self, extension: Extension, work: _Work) -> None:
        for dependency in extension.dependencies:
            dependency.use_count += 1
            self._store_use_count(dependency)
        self.extensions.append(extension)
        self.scope.add(extension)
        work.write_struct(extension)
        self._say("inf", f"Loaded extension {extension.name}")

    def unload(self, extension: Extension) -> int:
        """Gives one load of an extension up. It stays while extensions that use its exports are loaded.

        Returns:
            How many holders are left: loads and dependents; 0 if it is gone.

        Raises:
            LoadError: it is not loaded, or every load of it was given up already.
        """
        extension.check_loaded()
        users = [other.name for other in self.extensions if extension in other.dependencies]
        if extension.use_count == len(users):
            raise LoadError(
                f"extension {extension.name!r} was unloaded already and stays for {', '.join(map(repr, users))}",
                hint="it goes when those are unloaded.",
                errno=Errno.EBUSY,
            )
        self._release(extension)
        return extension.use_count

    def _release(self, extension: Extension) -> None:
        """One holder less; the last one takes the extension and its own holds with it."""
        extension.use_count -= 1
        if extension.use_count:
            self._store_use_count(extension)
            return
        self.extensions.remove(extension)
        self.scope.remove(extension)
        for region in extension.regions.values():
            self.machine.protect(region.address, region.size, Permission.RW)
            self.machine.forget_code(region.address, region.size)
        for address in extension.allocations:
            self.heap.free(address)
        extension.loaded = False
        self._say("inf", f"Unloaded extension {extension.name}")
        for dependency in extension.dependencies:
            self._release(dependency)

    def _store_use_count(self, extension: Extension) -> None:
        layout = struct_llext(self.rules.version)
        view = self.machine.memory.view(extension.address, layout.size)
        layout.write(view, {"use_count": extension.use_count})

    def by_name(self, name: str) -> Extension | None:
        """The loaded extension of this name, cut to 15 characters (llext_by_name)."""
        return next((extension for extension in self.extensions if extension.name == name[:NAME_LENGTH]), None)

    # Words for addresses ------------------------------------------------------------------------------------------------

    def locate(self, address: int) -> str:
        """Where an address is, as extension, section, symbol and offset; empty if it is in no extension."""
        for extension in self.extensions:
            for region in extension.regions.values():
                if region.address <= address < region.address + region.size:
                    return f"{extension.name} {_inside(region, address)}{_symbol_at(extension, address)}"
        return ""

    def _say(self, level: str, text: str) -> None:
        if self.log is not None:
            self.log(level, text)


def _inside(region: LoadedRegion, address: int) -> str:
    section = max(
        ((start, name) for name, start in region.sections.items() if start <= address), default=(region.address, region.name)
    )
    return f"{section[1]}+{address - section[0]:#x}"


def _symbol_at(extension: Extension, address: int) -> str:
    best = max((row for row in extension.symbols if row[0] <= address), default=None)
    if best is None or (best[1] and address >= best[0] + best[1]):
        return ""
    return f" <{best[2]}+{address - best[0]:#x}>"


# Reading ------------------------------------------------------------------------------------------------------------------


def _fetch(offset: int, size: int) -> Load[Buffer]:
    yield Seek(offset)
    data: Buffer = yield Read(size)
    return data


def _read_tables(origin: str, say: Log) -> Load[tuple[ElfFile, bool]]:
    """Reads headers and the tables that planning needs; region contents stay where they are."""
    say("dbg", "Loading ELF data...")
    header = read_header((yield from _fetch(0, HEADER_BYTES)), origin)
    size = header.section_table_bytes
    if not size:
        raise LoadError(f"{origin}: no section headers", hint="it was stripped too far to be loaded.")
    shown = yield Peek(header.section_offset, size)
    raw = shown if shown is not None else (yield from _fetch(header.section_offset, size))
    table = SectionTable(header, raw, origin)
    say("dbg", "Finding ELF tables...")
    chunks: dict[tuple[int, int], Buffer] = {}
    for place in _wanted(header, table):
        data = yield from _fetch(*place)
        if len(data) < place[1]:
            raise ElfError(f"{origin}: truncated: {place[1]} bytes at offset {place[0]:#x} lie behind the end of the file")
        chunks[place] = data

    def contents(offset: int, length: int) -> Buffer:
        try:
            return chunks[offset, length]
        except KeyError:
            raise ElfError(f"{origin}: {length} bytes at offset {offset:#x} are used as a table and belong to none") from None

    return ElfFile(header, table, contents, origin), shown is not None


def _wanted(header: Header, table: SectionTable) -> Iterator[tuple[int, int]]:
    """File ranges of every table that planning and linking look into."""
    rows = table.raw
    needed = {header.section_names}
    for index, (_name, kind, flags, _address, _offset, _size, link, info, _alignment, _entry) in enumerate(rows):
        if kind in (c.SHT_SYMTAB, c.SHT_DYNSYM):
            needed |= {index, link}
        elif kind in (c.SHT_REL, c.SHT_RELA):
            if info < len(rows) and rows[info][2] & c.SHF_ALLOC:
                needed.add(index)
        elif kind >= 0x70000000 and not flags & c.SHF_ALLOC:
            needed.add(index)
    for index in sorted(needed):
        if index < len(rows) and rows[index][5] and rows[index][1] != c.SHT_NOBITS:
            yield rows[index][4], rows[index][5]


# One load in progress -----------------------------------------------------------------------------------------------------


class _Work:
    """What one load has taken so far."""

    def __init__(self, loader: Loader, name: str, origin: str, path: Path | None) -> None:
        self.loader = loader
        self.name = name
        self.origin = origin
        self.path = path
        self.plan: Plan
        self.placed: dict[RegionKind, Placed] = {}
        self.imports: dict[str, Import] = {}
        self.dependencies: list[Extension] = []
        self.notes: list[Note] = []
        self.relocations = 0
        self._taken: list[tuple[int, Allocation]] = []

    def allocate(self, *, peek: bool) -> None:
        """Takes every piece of heap that the load needs, in Zephyr's order."""
        memory = self.loader.machine.memory
        for wanted in allocations(self.plan, peek=peek):
            address = self.loader.heap.aligned_alloc(wanted.alignment or 4, wanted.size)
            if address is None:
                raise self._no_room(wanted)
            self._taken.append((address, wanted))
            if wanted.kind is not None:
                self.placed[wanted.kind] = Placed(address, memory.view(address, wanted.size))

    def _no_room(self, wanted: Allocation) -> HeapError:
        heap = self.loader.heap
        what = f"region {wanted.purpose}" if wanted.kind is not None else wanted.purpose
        aligned = f", {wanted.alignment}-byte aligned" if wanted.alignment > 1 else ""
        return HeapError(
            f"{self.origin}: the LLEXT heap has no room for its {what}: {wanted.size} bytes{aligned}; the largest free "
            f"piece has {heap.largest_free} bytes",
            hint="give it more: --heap-size KiB (Python: Board(heap_size=bytes), device: CONFIG_LLEXT_HEAP_SIZE).",
        )

    def copy_regions(self) -> Load[None]:
        """Fills the regions from the source; what the file does not give is zero."""
        for kind, region in self.plan.regions.items():
            data = self.placed[kind].data
            data[:] = bytes(len(data))
            for piece in region.pieces:
                read = yield from _fetch(piece.file_offset, piece.size)
                if len(read) < piece.size:
                    raise ElfError(
                        f"{self.origin}: truncated: {piece.size} bytes at offset {piece.file_offset:#x} lie behind the "
                        "end of the file"
                    )
                data[piece.offset : piece.offset + piece.size] = read
            self.loader.machine.forget_code(self.placed[kind].address, len(data))

    def link(self) -> None:
        """Relocates in place; imports and dependencies are noted on the way."""
        log = self.loader.log
        report = self._report if log is not None and getattr(log, "verbose", False) else None
        arch = self.loader.machine.target.arch
        self.relocations = apply(self.plan, arch, self.placed, self._resolve, report)

    def _report(self, reloc: Reloc, place: int, name: str, address: int) -> None:
        self.loader._say(  # noqa: SLF001 - one object in two classes
            "inf", f"writing relocation type {reloc.number} at {place:#x} with symbol {name} ({address:#x})"
        )

    def _resolve(self, name: str, weak: bool) -> Symbol | None:
        found = self.loader.scope.find(name)
        if found is None:
            if not weak:
                raise LinkError(
                    f"{self.origin}: nothing provides {name!r}",
                    hint=how_to_provide(name, self.loader.scope),
                    errno=Errno.ENODATA,
                    details={"symbol": name, "nearest": self.loader.scope.nearest(name)},
                )
            self._note_weak(name)
            self.imports[name] = Import(name, None)
            return None
        symbol, extension = found
        if extension is not None and extension not in self.dependencies:
            self.dependencies.append(extension)
        self.imports[name] = Import(name, symbol)
        return symbol

    def _note_weak(self, name: str) -> None:
        rules = self.loader.rules
        if not rules.weak_is_null:
            reason = f"the weak symbol {name} is undefined, unless the firmware exports it"
            self.notes.append(Note(rules.label, Errno.ENODATA, reason, "define it, or do not refer to it"))

    def finish(self) -> Extension:
        """Reads the export table, frees what only the load needed, sets rights."""
        loader = self.loader
        extension = Extension(self.name[:NAME_LENGTH], self.name, self.path, loader.caller)
        extension.regions = {region.name: region for region in self._regions()}
        extension.exports = self._exports(extension)
        extension.imports = tuple(self.imports.values())
        extension.dependencies = self.dependencies
        extension.portability = (*self.plan.notes, *self.notes)
        extension.relocations = self.relocations
        extension.symbols = self._symbols()
        extension.alloc_size = sum(
            wanted.size for _, wanted in self._taken if wanted.kind is not None or wanted.purpose == "symbol table"
        )
        self._log_sections(extension)
        for region in extension.regions.values():
            if region.permission != "rw":
                loader.machine.protect(region.address, region.size, _PERMISSIONS[region.permission])
        for address, wanted in self._taken:
            if wanted.transient:
                loader.heap.free(address)
        extension.allocations = [address for address, wanted in self._taken if not wanted.transient]
        extension.address = extension.allocations[0]
        return extension

    def _regions(self) -> Iterator[LoadedRegion]:
        elf = self.plan.elf
        for kind, region in self.plan.regions.items():
            placed = self.placed[kind]
            sections = {
                elf.sections[index].name: placed.address + place.offset
                for index, place in self.plan.places.items()
                if place.kind is kind
            }
            yield LoadedRegion(kind, placed.address, region.size, region.permission, sections)

    def _exports(self, extension: Extension) -> dict[str, Symbol]:
        region, text = extension.regions.get("export"), extension.regions.get("text")
        exports: dict[str, Symbol] = {}
        if region is None:
            return exports
        memory = self.loader.machine.memory
        table = memory.read(region.address, region.size // 8 * 8)
        for pointer, address in struct.iter_unpack("<II", table):
            if memory.block_of(pointer) is None:
                raise LoadError(f"{self.origin}: .exported_sym: a name at {pointer:#010x}, where there is no memory")
            name = memory.string(pointer, 4096).decode("utf-8", "backslashreplace")
            code = text is not None and text.address <= address < text.address + text.size
            exports.setdefault(name, Symbol(name, address, f"extension {extension.name!r}", code))
        view = next(
            (memory.view(address, wanted.size) for address, wanted in self._taken if wanted.purpose == "export table"), None
        )
        if view is not None:
            view[:] = table
        return exports

    def _symbols(self) -> tuple[tuple[int, int, str, str], ...]:
        rows = []
        for symbol in self.plan.elf.symbols:
            place = self.plan.places.get(symbol.section)
            if place is not None and symbol.type in (c.STT_FUNC, c.STT_OBJECT):
                address = (
                    self.placed[place.kind].address
                    + place.offset
                    + (symbol.value & ~1 if symbol.type == c.STT_FUNC else symbol.value)
                )
                rows.append((address, symbol.size, symbol.name, place.kind.name))
        return tuple(sorted(rows))

    def _log_sections(self, extension: Extension) -> None:
        if self.loader.log is None:
            return
        lines = [
            f"-s {name} {address:#x}"
            for region in extension.regions.values()
            if region.kind < RegionKind.EXPORT
            for name, address in region.sections.items()
        ]
        for text in ("gdb add-symbol-file flags:", *lines):
            self.loader._say("dbg", text)  # noqa: SLF001 - one object in two classes

    def write_struct(self, extension: Extension) -> None:
        """Fills the extension's struct llext as guest code reads it."""
        layout = struct_llext(self.loader.rules.version)
        view = self.loader.machine.memory.view(extension.address, layout.size)
        view[:] = bytes(layout.size)
        addresses = [self.placed[kind].address if kind in self.placed else 0 for kind in RegionKind]
        sizes = [self.plan.regions[kind].size if kind in self.plan.regions else 0 for kind in RegionKind]
        table = next((address for address, wanted in self._taken if wanted.purpose == "export table"), 0)
        region = extension.regions.get("export")
        values: dict[str, int | bytes | list[int]] = {
            "name": extension.name.encode(),
            "mem": addresses,
            "mem_on_heap": [int(address != 0) for address in addresses],
            "mem_size": sizes,
            "alloc_size": extension.alloc_size,
            "exp_tab": [region.size // 8 if region else 0, table],
            "use_count": extension.use_count,
        }
        if "sect_cnt" in layout.offsets:
            values["sect_cnt"] = self.plan.elf.header.section_count
            values["dependency"] = [dependency.address for dependency in extension.dependencies[:8]]
        layout.write(view, values)

    def roll_back(self) -> None:
        """Gives back what was taken."""
        for address, wanted in reversed(self._taken):
            if wanted.kind is not None:
                self.loader.machine.protect(address, wanted.size, Permission.RW)
            self.loader.heap.free(address)
        self._taken.clear()
