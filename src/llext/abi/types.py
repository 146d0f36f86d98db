"""C types as frozen values, for a 32-bit little-endian guest.

A type knows its size, its alignment and its C text; two types are equal if they are written alike. What differs
between guests is in `DataModel`. Pointers name their target only: a struct behind a pointer has no members here, so
that types are trees and never graphs. Sizes and alignments follow AAPCS32 5.1, 5.3 and 8.1; those of the RISC-V ELF psABI
("C/C++ type details") are the same, but for what the data model says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

from llext.arch.arm import DATA_MODEL as ARM
from llext.arch.convention import DataModel

POINTER_BYTES = 4


@dataclass(frozen=True)
class Void:
    """``void``, as a result or behind a pointer."""

    size: ClassVar[int] = 0
    align: ClassVar[int] = 1

    def __str__(self) -> str:
        return "void"


@dataclass(frozen=True)
class Integer:
    """An integer, also an enum.

    Attributes:
        name: As C code writes it: a base type, a typedef or ``enum x``.
        size: In bytes: 1, 2, 4 or 8.
        signed: How its bits are read.
        boolean: ``_Bool``, whose only values are 0 and 1.
    """

    name: str
    size: int
    signed: bool = True
    boolean: bool = False

    @property
    def align(self) -> int:
        """Its size."""
        return self.size

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Float:
    """An IEEE 754 number of 4, 8 or 16 bytes."""

    name: str
    size: int

    @property
    def align(self) -> int:
        """Its size."""
        return self.size

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Pointer:
    """An address. ``const`` speaks of what it points to."""

    target: CType = Void()
    const: bool = False
    size: ClassVar[int] = POINTER_BYTES
    align: ClassVar[int] = POINTER_BYTES

    def __str__(self) -> str:
        return declaration(self)


@dataclass(frozen=True)
class Array:
    """``count`` elements; only in a struct or behind a pointer, for as a parameter it is a pointer."""

    element: CType
    count: int

    @property
    def size(self) -> int:
        """In bytes."""
        return self.element.size * self.count

    @property
    def align(self) -> int:
        """That of an element."""
        return self.element.align

    def __str__(self) -> str:
        return declaration(self)


@dataclass(frozen=True)
class Function:
    """What a function pointer points to."""

    result: CType
    parameters: tuple[CType, ...]
    variadic: bool = False
    size: ClassVar[int] = 0
    align: ClassVar[int] = 1

    def __str__(self) -> str:
        return declaration(self)


@dataclass(frozen=True)
class Member:
    """One member of a struct: name, type, byte offset."""

    name: str
    type: CType
    offset: int


@dataclass(frozen=True)
class Struct:
    """A struct or union. Without a size it is opaque: good behind a pointer only.

    Attributes:
        name: Its tag, or its typedef if ``keyword`` is empty.
        members: In order; all at offset 0 in a union.
        size: sizeof, in bytes.
        align: In bytes.
        keyword: ``struct``, ``union`` or nothing.
    """

    name: str
    members: tuple[Member, ...] = ()
    size: int = 0
    align: int = 1
    keyword: str = "struct"

    @cached_property
    def natural_align(self) -> int:
        """Alignment of its members, without what an attribute adds."""
        return min(self.align, max((member.type.align for member in self.members), default=self.align))

    def __str__(self) -> str:
        return f"{self.keyword} {self.name}".strip()


CType = Void | Integer | Float | Pointer | Array | Function | Struct

INT = Integer("int", 4)


# Types -> C text ------------------------------------------------------------------------------------------------------


def declaration(ctype: CType, name: str = "") -> str:
    """C text that declares a name of a type: ``const char *text``, ``void (*done)(int)``; without a name the type."""
    match ctype:
        case Pointer(Array() | Function() as target):
            return declaration(target, f"(*{name})")
        case Pointer(Pointer() as target, const):
            return declaration(target, f"const *{name}" if const else f"*{name}")
        case Pointer(target, const):
            return f"{'const ' if const else ''}{target} *{name}"
        case Array(element, count):
            return declaration(element, f"{name}[{count}]")
        case Function(result, parameters, variadic):
            return declaration(result, f"{name}({parameter_list(map(str, parameters), variadic=variadic)})")
        case _:
            return f"{ctype} {name}" if name else str(ctype)


def parameter_list(parameters: Iterable[str], *, variadic: bool) -> str:
    """What stands between the parentheses: ``void``, ``int a, ...``."""
    return ", ".join([*parameters, *(["..."] if variadic else [])]) or "void"


# Making types ---------------------------------------------------------------------------------------------------------


def struct(name: str, members: Sequence[tuple[str, CType]], keyword: str = "struct") -> Struct:
    """A struct or union laid out as compilers do: each member at its own alignment (AAPCS32 5.3)."""
    placed: list[Member] = []
    end = size = 0
    for member, ctype in members:
        offset = 0 if keyword == "union" else round_up(end, ctype.align)
        end = offset + ctype.size
        size = max(size, end)
        placed.append(Member(member, ctype, offset))
    align = max((ctype.align for _, ctype in members), default=1)
    return Struct(name, tuple(placed), round_up(size, align), align, keyword)


def round_up(value: int, alignment: int) -> int:
    """The next multiple of an alignment."""
    return -(-value // alignment) * alignment


@lru_cache(maxsize=64)
def base_type(text: str, model: DataModel = ARM) -> CType | None:
    """The type that C's own words mean, in any order (``long unsigned int``), or None.

    All spellings of a type give one name, so that headers and the debug information of every compiler agree.
    """
    simple = _simple(text, model)
    words = Counter(text.split())
    longs, kind = words["long"], "char" if words["char"] else "short" if words["short"] else "int"
    if simple or not words or words.keys() - _INTEGER_WORDS or longs > len(_LONGS) or (longs and kind != "int"):
        return simple
    name, size = (kind, _SIZES[kind]) if not longs else _LONGS[longs - 1]
    if kind == "char" and not words["signed"] | words["unsigned"]:
        return Integer("char", 1, model.char_signed)
    prefix = "unsigned " if words["unsigned"] else "signed " if kind == "char" else ""
    return Integer(prefix + name, size or model.long_bytes, signed=not words["unsigned"])


_SIZES = {"char": 1, "short": 2, "int": 4}
_LONGS = (("long", 0), ("long long", 8))
_INTEGER_WORDS = {"signed", "unsigned", "char", "short", "int", "long"}


def _simple(text: str, model: DataModel) -> CType | None:
    match text:
        case "void":
            return Void()
        case "_Bool" | "bool":
            return Integer("bool", 1, signed=False, boolean=True)
        case "float":
            return Float("float", 4)
        case "double":
            return Float("double", 8)
        case "long double":
            return Float("long double", model.long_double_bytes)
        case _:
            return None
