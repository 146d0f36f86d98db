"""One loaded extension: its regions, its exports, and how to call it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from llext.abi import Integer, Pointer, Prototype, Void, parse_prototype
from llext.errors import Errno, LoadError, UsageError, expect, nearest
from llext.link import Note, Region, RegionKind, Symbol
from llext.loader.param import Inspection
from llext.loader.twins import twin_of

if TYPE_CHECKING:
    from llext.loader.caller import Caller, Result, Value


@dataclass(frozen=True)
class LoadedRegion:
    """A region in memory: address and size in bytes, the sections in it with their addresses.

    Attributes:
        rights_given: Whether the memory got its rights from the load, and others from the unload.
        section: The section that it is, if it is one that is detached from its region.
    """

    kind: RegionKind
    address: int
    size: int
    permission: str
    sections: Mapping[str, int]
    rights_given: bool = True
    section: str = ""

    @property
    def name(self) -> str:
        """``text``, ``rodata``, ``data``, ``bss``, ...; of a detached section its own."""
        return self.section or self.kind.name.lower()


SymbolRow = tuple[int, int, str, str]
"""Address, size in bytes, name and region of a function or object."""


@dataclass(frozen=True)
class Import:
    """A name that the extension uses, and who provides it; None for an undefined weak symbol."""

    name: str
    symbol: Symbol | None


class GuestFunction:
    """A function of an extension that Python can call."""

    def __init__(self, extension: Extension, symbol: Symbol, prototype: Prototype, known: str) -> None:
        self.extension = extension
        self.symbol = symbol
        self.prototype = prototype
        self.typed_by = known

    def __call__(self, *values: Value) -> Result:
        """Calls it; see ``Extension.fn`` for how values cross."""
        self.extension.check_loaded()
        if self.typed_by == "int32" and any(isinstance(value, float) for value in values):
            raise UsageError(
                f"the type of {self.symbol.name} is not known: its arguments are taken as 32-bit integers",
                hint=f"give its prototype: 'float {self.symbol.name}(float)'.",
            )
        return self.extension.caller.call(self.symbol.address, self.prototype, values)

    def __repr__(self) -> str:
        return f"<{self.prototype} of {self.extension.name} at {self.symbol.address:#x}>"


@dataclass(eq=False)
class Extension:
    """One loaded extension.

    Attributes:
        name: Its name, cut to 15 bytes as on the device.
        full_name: The name that it was loaded under.
        path: The file it came from, if any; its DWARF types calls.
        origin: What messages call its source.
        regions: Regions by name.
        exports: Export table: name -> symbol, first match wins.
        imports: What it took from elsewhere.
        number: The how many-th extension it was that was loaded here.
        table: Entries and address of its export table, as struct llext has them.
        use_count: Loads and dependents that hold it.
        dependencies: Extensions whose exports it uses.
        portability: What stock Zephyr would do with the file.
        alloc_size: Heap bytes of its regions, as Zephyr counts them.
        heap_used: Bytes of the LLEXT heap that it holds, the heap's own headers included.
        address: Guest address of its struct llext.
        relocations: Number of relocations applied.
        symbol_rows: Gives the rows of ``symbols``.
        inspection: What whoever loads it with a struct llext_loader finds there; taken once.
        debug_folder: Where the debug file of one without a path may be.
    """

    name: str
    full_name: str
    path: Path | None
    caller: Caller
    origin: str = ""
    regions: dict[str, LoadedRegion] = field(default_factory=dict)
    exports: dict[str, Symbol] = field(default_factory=dict)
    imports: tuple[Import, ...] = ()
    use_count: int = 1
    number: int = 0
    table: tuple[int, int] = (0, 0)
    dependencies: list[Extension] = field(default_factory=list)
    portability: tuple[Note, ...] = ()
    alloc_size: int = 0
    heap_used: int = 0
    address: int = 0
    relocations: int = 0
    symbol_rows: Callable[[], Iterable[SymbolRow]] = tuple
    inspection: Inspection | None = None
    debug_folder: Path | None = None
    allocations: list[int] = field(default_factory=list)
    loaded: bool = True
    _functions: dict[str, tuple[Prototype, str]] = field(default_factory=dict)

    @cached_property
    def symbols(self) -> tuple[SymbolRow, ...]:
        """Its functions and objects, in the order of their addresses."""
        return tuple(sorted(self.symbol_rows()))

    def check_loaded(self) -> None:
        """Raises LoadError if the extension was unloaded."""
        if not self.loaded:
            raise LoadError(f"extension {self.name!r} is not loaded any more", hint="load it again.", errno=Errno.ENOENT)

    def find_sym(self, name: str) -> int | None:
        """Address of an export by its exact name, or None (llext_find_sym)."""
        symbol = self.exports.get(name)
        return symbol.address if symbol else None

    def symbol(self, name: str) -> Symbol:
        """An export by its exact name.

        Raises:
            UsageError: there is none; the message names the nearest ones.
        """
        self.check_loaded()
        expect("the name of an export", name, str)
        symbol = self.exports.get(name)
        if symbol is None:
            near = nearest(name, self.exports, cutoff=0.7)
            hint = f"did you mean {' or '.join(near)}?" if near else f"it exports {_some(list(self.exports))}."
            raise UsageError(f"extension {self.name!r} does not export {name!r}", hint=hint, errno=Errno.ENOENT)
        return symbol

    def call(self, name: str) -> None:
        """Calls an exported function as ``void fn(void)`` (llext_call_fn).

        Raises:
            UsageError: there is no such export.
            GuestFault: it ended in a fault.
        """
        self.caller.run(self.symbol(name).address)

    def fn(self, name: str, prototype: str | Prototype | None = None) -> GuestFunction:
        """An exported function as a Python function.

        Integers, floats and None (NULL) are passed as they are; str and bytes are copied to guest memory and a pointer
        is passed; a bytearray is copied back after the call.

        Args:
            name: Exact name of the export.
            prototype: C prototype; without it the type comes from DWARF beside the file, else every argument and the
                result are taken as 32-bit integers.
        """
        symbol = self.symbol(name)
        expect("a prototype", prototype, str, Prototype, type(None), hint="like this: 'float mix(float, int)'.")
        if prototype is not None:
            model = self.caller.machine.target.arch.data_model
            parsed = prototype if isinstance(prototype, Prototype) else parse_prototype(prototype, name, model)
            return GuestFunction(self, symbol, parsed, "given")
        if name not in self._functions:
            self._read_types(name)
        found = self._functions.get(name)
        if found is None:
            return GuestFunction(self, symbol, untyped(name), "int32")
        return GuestFunction(self, symbol, *found)

    def _read_types(self, name: str) -> None:
        for path in self.debug_files():
            from llext.dwarf import read_prototypes

            found = read_prototypes(path, list(self.exports))
            self._functions |= {key: (prototype, "DWARF") for key, prototype in found.items() if key not in self._functions}
            if name in self._functions:
                return

    def debug_files(self) -> list[Path]:
        """Files that may have its debug information; of an extension without a path, that of the build folder that has the same code."""
        if self.path is None:
            made = twin_of(self, self.debug_folder) if self.debug_folder else None
            return [made] if made else []
        from llext.dwarf.twins import debug_files

        return debug_files(self.path)

    def bringup(self) -> None:
        """Runs the preinit and init arrays, in order (llext_bringup)."""
        self._run_array("preinit")
        self._run_array("init")

    def teardown(self) -> None:
        """Runs the fini array, in order (llext_teardown)."""
        self._run_array("fini")

    def bootstrap(self, name: str, *values: Value) -> Result:
        """Brings up, calls an export, tears down (llext_bootstrap)."""
        self.bringup()
        result = self.fn(name)(*values)
        self.teardown()
        return result

    def _run_array(self, which: str) -> None:
        self.check_loaded()
        region, text = self.regions.get(which), self.regions.get("text")
        if region is None:
            return
        data = self.caller.machine.memory.read(region.address, region.size // 4 * 4)
        pointers = [pointer for (pointer,) in struct.iter_unpack("<I", data)]
        for pointer in pointers:
            if text is None or not text.address <= pointer < text.address + text.size:
                raise LoadError(
                    f"extension {self.name!r}: the {which} array points to {pointer:#010x}, outside its text",
                    hint="an address of 0 or of data among the constructors? 'llext inspect' shows the array's relocations.",
                    errno=Errno.EFAULT,
                )
        for pointer in pointers:
            self.caller.run(pointer)

    def __repr__(self) -> str:
        return f"<Extension {self.name!r}, exports {', '.join(self.exports) or 'nothing'}>"


def _some(names: list[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more if names else "nothing: EXPORT_SYMBOL(name) exports"


def untyped(name: str) -> Prototype:
    """The type of a function of which nothing is known: 32-bit integers, as many as are given."""
    return Prototype(name, Integer("int", 4, signed=True), (), variadic=True)


def is_void_of_nothing(prototype: Prototype) -> bool:
    """Whether a function takes nothing."""
    return not prototype.parameters and not prototype.variadic


__all__ = ["Extension", "GuestFunction", "Import", "LoadedRegion", "Pointer", "Region", "Void", "is_void_of_nothing", "untyped"]
