"""One load in progress: what it has taken, and how it is given back."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from llext.abi.names import cut_name
from llext.abi.structs import struct_llext
from llext.arch import Reloc
from llext.elf import ElfSymbol
from llext.elf import constants as c
from llext.elf.reader import NAME_BYTES, NAME_SHARE, Buffer
from llext.errors import Errno, HeapError, LinkError, LoadError, UsageError
from llext.link import (
    Allocation,
    Detached,
    Home,
    Notes,
    Placed,
    Plan,
    RegionKind,
    Symbol,
    allocations,
    apply,
    note_dependencies,
    note_exports,
    note_name,
    note_weak,
    permission_of,
)
from llext.loader.cost import Cost, Reader
from llext.loader.extension import Extension, Import, LoadedRegion, SymbolRow
from llext.loader.in_place import Storage, alignment_of, candidates, is_ram, why_not
from llext.loader.param import Inspection, LoadParam, region_address, region_headers, section_map
from llext.loader.scope import how_to_provide
from llext.loader.source import Load, Locate
from llext.loader.workplace import Workplace
from llext.machine import Permission

EXPORT_NAME_BYTES = 4096
"""Bytes to which the name of an export is read."""

_REBUILD = "its headers or relocations are damaged: build it again, or export by EXPORT_SYMBOL only."
_SLIDS = "the firmware has CONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID=y: build the file by add_llext_target of an application that has it too."
_SYMBOL_STEPS = ("Counting exported symbols...", "Allocating memory for symbol table...", "Copying symbols...")
_PERMISSIONS = {"rx": Permission.RX, "r": Permission.READ, "rw": Permission.RW}


class Work:
    """What one load has taken so far."""

    def __init__(
        self, loader: Workplace, name: str, origin: str, path: Path | None, cost: Cost, param: LoadParam, *, strict: bool,
        storage: Storage,
    ) -> None:  # fmt: skip
        self.loader = loader
        self.name = name
        self.origin = origin
        self.path = path
        self.param = param
        self.strict = strict
        self.storage = storage
        self.cost = cost
        self.reader = Reader(origin, cost)
        self.plan: Plan
        self.headers: Buffer | None = None
        """The section headers, if memory must hold a copy of them."""
        self.headers_at = 0
        """Where they lie, if memory has them and needs no copy."""
        self.placed: dict[Home, Placed] = {}
        self.in_place: dict[Home, bool] = {}
        """Regions, and detached sections, that stay where they are, and whether that memory needs rights."""
        self.exported = 0
        """Entries of the export table."""
        self.imports: dict[str, Import] = {}
        self.dependencies: list[Extension] = []
        self._taken: list[tuple[int, Allocation]] = []
        self._used_before = loader.heap.allocated_bytes

    @property
    def detached(self) -> frozenset[int]:
        """Indexes of the sections that stay where the file has them."""
        return frozenset(home.index for home in self.placed if isinstance(home, Detached))

    def find_in_place(self) -> Load[None]:
        """Finds the regions that are used where the storage has them, and the section headers, if those can be seen."""
        machine, header = self.loader.machine, self.plan.elf.header
        if self.headers is None:
            self.headers_at = (yield Locate(header.section_offset, header.section_table_bytes)) or 0
        for home, placed in self.placed.items():  # what is detached
            self.in_place[home] = is_ram(machine, placed.address)
        for kind, offset in candidates(self.plan, self.storage):
            size = self.plan.regions[kind].size
            address = yield Locate(offset, size)
            if address is None:
                continue
            alignment = 1 if self.param.pre_located else alignment_of(self.plan, kind)
            reason = why_not(machine, self.plan, kind, address, alignment)
            if reason:
                if address % alignment:
                    self.loader.say("wrn", f"Cannot peek region {kind.value}: {reason}")
                self.loader.say("wrn", f"Cannot reuse ELF buffer for region {kind.value}: {reason}")
                continue
            self.in_place[kind] = is_ram(machine, address)
            self.placed[kind] = Placed(address, machine.memory.view(address, size))
        if self.param.pre_located:
            self._check_located()

    def _check_located(self) -> None:
        """Zeroed memory is where the file says, everything else where the storage has it; nothing else will do."""
        for kind, region in self.plan.regions.items():
            address = region_address(self.plan, kind)
            if kind is RegionKind.BSS and address and self.loader.machine.memory.block_of(address, region.size):
                self.in_place[kind] = False
                self.placed[kind] = Placed(address, self.loader.machine.memory.view(address, region.size))
            if kind not in self.in_place:
                raise LoadError(
                    f"{self.origin}: pre_located, and region {kind.name.lower()} cannot be used where it is",
                    hint="use persistent or writable storage that shows its bytes (peek), and memory that can have the rights.",
                    errno=Errno.EFAULT,
                )

    def allocate(self) -> None:
        """Takes every piece of heap that the load needs, in Zephyr's order."""
        memory = self.loader.machine.memory
        wants = allocations(
            self.plan, peek=self.headers is None, in_place=self.in_place, all_globals=self.loader.all_globals, keep=self._kept
        )  # fmt: skip
        for wanted in wants:
            self._taken.append((0, wanted))  # first, so that nothing can fail between taking and noting
            address = self.loader.heap.aligned_alloc(wanted.alignment or 4, wanted.size)
            if address is None:
                raise self._no_room(wanted)
            self._taken[-1] = (address, wanted)
            self.cost.bytes_allocated += wanted.size
            if wanted.kind is not None:
                self.placed[wanted.kind] = Placed(address, memory.view(address, wanted.size))

    @property
    def _kept(self) -> tuple[str, ...]:
        """Pieces that stay though only the load needs them."""
        map_, symbols = self.param.keep_section_info, self.loader.keep_symbols
        return (*(("section map",) if map_ else ()), *(("symbol table",) if symbols else ()))

    def _no_room(self, wanted: Allocation) -> HeapError:
        heap, kind = self.loader.heap, wanted.kind
        there = f"Failed allocating {wanted.size} bytes {wanted.alignment}-aligned for region {kind}"
        what = f"region {wanted.purpose}" if kind is not None else wanted.purpose
        searched = heap.searched(wanted.alignment, wanted.size)
        aligned = (
            f", {wanted.alignment}-byte aligned: a free piece of {searched} is looked for" if searched > wanted.size else ""
        )
        return HeapError(
            f"{self.origin}: the LLEXT heap has no room for its {what}: {wanted.size} bytes{aligned}; the largest free "
            f"piece has {heap.largest_free} bytes",
            hint=f"give it more: {self.loader.more_heap}; or build smaller (-Os, zig's helpers are smaller than gcc's).",
            lines=() if kind is None else (there,),
        )

    def copy_regions(self) -> Load[None]:
        """Fills the regions from the source; what the file does not give is zero."""
        for kind, region in self.plan.regions.items():
            data = self.placed[kind].data
            if kind not in self.in_place:
                data[:] = bytes(len(data))
                for piece in region.pieces:
                    read = yield from self.reader.all(piece.file_offset, piece.size)
                    data[piece.offset : piece.offset + piece.size] = read
            self.loader.machine.forget_code(self.placed[kind].address, len(data))

    def log_regions(self) -> None:
        """Where sections are, as gdb wants it; and the steps of Zephyr's symbol table, which has its memory already."""
        if self.loader.log is None:
            return
        lines = [
            f"-s {name} {address:#x}"
            for region in self.regions.values()
            if region.kind < RegionKind.EXPORT
            for name, address in region.sections.items()
        ]
        for text in ("gdb add-symbol-file flags:", *lines, *_SYMBOL_STEPS):
            self.loader.say("dbg", text)

    def link(self) -> None:
        """Relocates in place; imports and dependencies are noted on the way."""
        report = self._report if self.loader.tells_all else None
        arch = self.loader.machine.target.arch
        self.cost.relocations = apply(self.plan, arch, self.placed, self._resolve, report)

    def _report(self, reloc: Reloc, place: int, name: str, address: int) -> None:
        self.loader.say("inf", f"writing relocation type {reloc.number} at {place:#x} with symbol {name} ({address:#x})")

    def _resolve(self, name: str, weak: bool) -> Symbol | None:
        found = self.loader.scope.find(name, self._slids.get(name))
        if found is None:
            if not weak:
                by_slid = self.loader.scope.find(name) is not None
                raise LinkError(
                    f"{self.origin}: nothing provides {name!r}" + (" by the SLID that the file has for it" if by_slid else ""),
                    hint=_SLIDS if by_slid else how_to_provide(name, self.loader.scope),
                    errno=Errno.ENODATA,
                    details={"symbol": name, "nearest": self.loader.scope.nearest(name)},
                )
            self._weak(name)
            self.imports[name] = Import(name, None)
            return None
        symbol, extension = found
        if self.loader.tells_all:
            self.loader.say("inf", f"found symbol {name} at {symbol.address:#x}")
        if extension is not None and extension not in self.dependencies:
            self.dependencies.append(extension)
        self.imports[name] = Import(name, symbol)
        return symbol

    @cached_property
    def _slids(self) -> dict[str, int]:
        """What the file has for names that others define, where that counts."""
        if self.loader.scope.slids is None:
            return {}
        return {symbol.name: symbol.value for symbol in self.plan.elf.symbols if symbol.undefined}

    def _weak(self, name: str) -> None:
        note_weak(self.late, name)
        if self.strict and self.late.found:
            note = self.late.found[-1]
            raise LinkError(f"{self.origin}: {note}", errno=note.errno, details={"strict": True})

    @cached_property
    def late(self) -> Notes:
        """What only linking shows of the file."""
        return self.plan.notes_to_come()

    def finish(self) -> Extension:
        """Reads the export table, frees what only the load needed, sets rights, fills struct llext."""
        loader = self.loader
        extension = Extension(cut_name(self.name), self.name, self.path, loader.caller, self.origin)
        extension.regions = self.regions
        extension.exports = self._exports(extension) if self.param.relocate_local else self._raw_exports()
        extension.imports = tuple(self.imports.values())
        extension.dependencies = self.dependencies
        note_dependencies(self.late, [dependency.name for dependency in self.dependencies])
        note_name(self.late, self.name, extension.name)
        extension.portability = (*self.plan.notes, *self.late.in_order())
        extension.relocations = self.cost.relocations
        extension.symbol_rows = self._symbols()
        extension.debug_folder = loader.debug_folder
        extension.alloc_size = sum(
            wanted.size
            for _, wanted in self._taken
            if wanted.kind is not None or wanted.purpose in ("symbol table", *self._kept)
        )
        self._fill("section headers", self.headers or b"")
        if self.loader.keep_symbols:
            self._fill("symbol table", self._table(self._globals()))
        if self.param.keep_section_info:
            self._fill("section map", section_map(self.plan, self._distances()))
        if self.param.inspected:
            kept = self._address_of("section map") if self.param.keep_section_info else 0
            extension.inspection = Inspection(self.plan.elf.header.raw, region_headers(self.plan), kept)
        for region in extension.regions.values():
            if region.permission != "rw" and region.rights_given:
                loader.machine.protect(region.address, region.size, _PERMISSIONS[region.permission])
        for address, wanted in list(self._taken):
            if wanted.transient:
                loader.heap.free(address)
                self._taken.remove((address, wanted))
        extension.allocations = [address for address, _ in self._taken]
        extension.address = extension.allocations[0]
        extension.heap_used = loader.heap.allocated_bytes - self._used_before
        self._write_struct(extension)
        return extension

    @cached_property
    def regions(self) -> dict[str, LoadedRegion]:
        """The regions by name, once every address is final."""
        return {region.name: region for region in self._regions()}

    def _regions(self) -> Iterator[LoadedRegion]:
        elf = self.plan.elf
        for kind, region in self.plan.regions.items():
            placed = self.placed[kind]
            sections = {
                elf.sections[index].name: placed.address + place.offset
                for index, place in self.plan.places.items()
                if place.kind is kind
            }
            given = self.in_place.get(kind, True)
            yield LoadedRegion(kind, placed.address, region.size, region.permission, sections, given)
        for home, placed in self.placed.items():
            if isinstance(home, Detached):
                section = elf.sections[home.index]
                sections = {section.name: placed.address}
                given = self.in_place[home]
                yield LoadedRegion(
                    home.kind, placed.address, section.size, permission_of(home.kind), sections, given, section.name
                )

    def _distances(self) -> dict[Home, int]:
        """How far detached sections lie from the regions that they belong to; from address 0 if those are empty."""
        starts = {kind: placed.address for kind, placed in self.placed.items() if isinstance(kind, RegionKind)}
        detached = ((home, placed.address) for home, placed in self.placed.items() if isinstance(home, Detached))
        return {home: address - starts.get(home.kind, 0) for home, address in detached}

    def _exports(self, extension: Extension) -> dict[str, Symbol]:
        if self.loader.all_globals:
            return self._all_globals(extension)
        region = extension.regions.get("export")
        texts = [each for each in extension.regions.values() if each.kind is RegionKind.TEXT]
        exports: dict[str, Symbol] = {}
        names: list[str] = []
        if region is None:
            return exports
        memory = self.loader.machine.memory
        table = memory.read(region.address, region.size // 8 * 8)
        owner = f"extension {extension.name!r}"
        left = NAME_SHARE * sum(each.size for each in extension.regions.values()) + NAME_BYTES * (len(table) // 8)
        for pointer, address in struct.iter_unpack("<II", table):
            name = self._export_name(pointer)
            left -= len(name)
            if left < 0:
                raise LoadError(
                    f"{self.origin}: .exported_sym: the names of its {len(table) // 8} entries overlap", hint=_REBUILD
                )
            names.append(name)
            code = any(text.address <= address < text.address + text.size for text in texts)
            exports.setdefault(name, Symbol(name, address, owner, code))
        note_exports(self.late, names)
        self._fill("export table", table)
        self.exported = len(table) // 8
        return exports

    def _raw_exports(self) -> dict[str, Symbol]:
        """The export table as it stands, of a file that is not relocated: whoever relocates it can read it then."""
        exported = self.placed.get(RegionKind.EXPORT)
        table = b"" if exported is None else bytes(exported.data[: len(exported.data) // 8 * 8])
        self._fill("export table", table)
        self.exported = len(table) // 8
        return {}

    def _all_globals(self, extension: Extension) -> dict[str, Symbol]:
        """Every global function and object that it defines, named by its string table."""
        table = list(self._globals())
        owner = f"extension {extension.name!r}"
        exports: dict[str, Symbol] = {}
        for symbol, _, address in table:
            exports.setdefault(symbol.name, Symbol(symbol.name, address, owner, symbol.type == c.STT_FUNC))
        self._fill("export table", self._table(table))
        self.exported = len(table)
        return exports

    def _globals(self) -> Iterator[tuple[ElfSymbol, int, int]]:
        """Global functions and objects that it defines: with the addresses of their names, and their own."""
        elf, names = self.plan.elf, self.placed[RegionKind.STRTAB].address
        assert elf.symbol_section is not None  # the plan wants one
        rows = elf.header.layout.symbol.iter_unpack(bytes(elf.contents(elf.symbol_section)))
        for symbol, (name, *_) in zip(elf.symbols, rows, strict=True):
            place = self.plan.places.get(symbol.section)
            if place is not None and symbol.binding == c.STB_GLOBAL and symbol.type in (c.STT_FUNC, c.STT_OBJECT):
                yield symbol, names + name, self.placed[place.kind].address + place.offset + symbol.value

    def _table(self, rows: Iterable[tuple[ElfSymbol, int, int]]) -> bytes:
        return b"".join(struct.pack("<II", name, address) for _, name, address in rows)

    def _fill(self, purpose: str, data: Buffer) -> None:
        """Fills a piece that is no region, if the load has it."""
        address = self._address_of(purpose)
        if address:
            self.loader.machine.memory.view(address, len(data))[:] = data

    def _address_of(self, purpose: str) -> int:
        """Address of a piece that is no region; 0 if the load has none."""
        return next((address for address, wanted in self._taken if wanted.kind is None and wanted.purpose == purpose), 0)

    def _export_name(self, pointer: int) -> str:
        try:
            data = self.loader.machine.memory.string(pointer, EXPORT_NAME_BYTES)
        except UsageError:
            where = f"a name at {pointer:#010x}, where there is no memory or no end of it"
            raise LoadError(f"{self.origin}: .exported_sym: {where}", hint=_REBUILD) from None
        return data.decode("utf-8", "backslashreplace")

    def _symbols(self) -> Callable[[], Iterator[SymbolRow]]:
        """The rows of ``Extension.symbols``: few loads are asked for them. The file's bytes are not kept for that."""
        symbols, places = self.plan.elf.symbols, self.plan.places
        bases = {kind: placed.address for kind, placed in self.placed.items()}

        def rows() -> Iterator[SymbolRow]:
            for symbol in symbols:
                place = places.get(symbol.section)
                if place is not None and symbol.type in (c.STT_FUNC, c.STT_OBJECT):
                    value = symbol.value & ~1 if symbol.type == c.STT_FUNC else symbol.value
                    yield bases[place.kind] + place.offset + value, symbol.size, symbol.name, place.kind.name

        return rows

    def _write_struct(self, extension: Extension) -> None:
        """Fills the extension's struct llext as guest code reads it."""
        layout = struct_llext(self.loader.rules.version)
        extension.table = self.exported, self._address_of("export table")
        view = self.loader.machine.memory.view(extension.address, layout.size)
        view[:] = bytes(layout.size)
        addresses = [self.placed[kind].address if kind in self.placed else 0 for kind in RegionKind]
        if self.param.pre_located:
            addresses[RegionKind.BSS] = 0  # as Zephyr has it: nobody gave it any memory
        sizes = [self.plan.regions[kind].size if kind in self.plan.regions else 0 for kind in RegionKind]
        values: dict[str, int | bytes | list[int]] = {
            "name": extension.name.encode(),
            "mem": addresses,
            "mem_on_heap": [int(kind in self.placed and kind not in self.in_place) for kind in RegionKind],
            "sym_tab": [len(list(self._globals())), self._address_of("symbol table")] if self.loader.keep_symbols else [0, 0],
            "mem_size": sizes,
            "alloc_size": extension.alloc_size,
            "exp_tab": list(extension.table),
            "use_count": extension.use_count,
        }
        if "sect_cnt" in layout.offsets:
            values["sect_cnt"] = self.plan.elf.header.section_count
            values["dependency"] = [dependency.address for dependency in extension.dependencies[:8]]
            values["sect_hdrs"] = self._address_of("section headers") or self.headers_at
            values["sect_hdrs_on_heap"] = int(self.headers is not None)
        layout.write(view, values)

    def roll_back(self) -> None:
        """Gives back what was taken."""
        taken = [(address, wanted) for address, wanted in reversed(self._taken) if address]
        for address, wanted in taken:
            if wanted.kind is not None:
                self.loader.machine.protect(address, wanted.size, Permission.RW)
        for kind, rights_given in self.in_place.items():
            if rights_given:
                self.loader.free_rights(self.placed[kind].address, len(self.placed[kind].data))
        self.loader.give_back(address for address, _ in taken)
        self._taken.clear()
