"""Functions and variables as debug information has them on either side of a call: what is defined, what is only declared.

Two programs that were compiled apart agree on a name and on nothing else. A declaration here is what can be compared of it: how
many arguments, what kind and width each has, how large the structures are whose members both sides reach for.
"""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from llext.abi import Array, CType, Float, Integer, Pointer, Struct, Void, declaration
from llext.dwarf.entries import Unit, children
from llext.dwarf.prototypes import UnsupportedTypeError, die_name, die_number, origin, prototype_of, type_of
from llext.dwarf.sections import dwarf_info
from llext.elf import ElfFile

IMPORT_PREFIX = "__llext_import_"
"""What pointers are called whose target has the type of what an extension imports; the build makes them."""
DECLARED_SECTION = ".llext.declared"
"""What sections of a debug file are called that have an object with such pointers."""
_CALLED, _VARIABLE = "DW_TAG_subprogram", "DW_TAG_variable"
_THROUGH = {
    f"DW_TAG_{name}"
    for name in (
        "pointer_type",
        "reference_type",
        "rvalue_reference_type",
        "typedef",
        "const_type",
        "volatile_type",
        "array_type",
        "restrict_type",
    )
}
_STRUCTS = {"DW_TAG_structure_type": "struct", "DW_TAG_union_type": "union"}
_ARTIFICIAL = "<artificial>"
"""What gcc calls a unit that link-time optimisation made of several sources."""
_DEEPEST = 16
"""Types of types that are followed: those of damaged files go in circles."""


class Shape(NamedTuple):
    """What a caller and a callee must agree on: a kind, and bytes; ``integer``, ``float``, ``pointer``, ``struct``, ``array``, ``void``."""

    kind: str
    size: int

    def __str__(self) -> str:
        article = "an" if self.kind[0] in "aeio" else "a"
        return {"void": "nothing", "pointer": "a pointer"}.get(self.kind, f"{article} {self.kind} of {_bytes(self.size)}")


def _bytes(count: int) -> str:
    return f"{count} byte{'' if count == 1 else 's'}"


_NOTHING = Shape("void", 0)


@dataclass(frozen=True)
class Declaration:
    """One name.

    Attributes:
        name: It.
        text: C text of its type.
        unit: Source of the unit that has it, as the compiler was told it.
        function: Whether it is one, else a variable.
        result: What it returns, or the variable itself.
        parameters: Its arguments; None for a variable, and for a function that does not say.
        variadic: Whether ``...`` follows them.
        structs: Bytes of each struct and union that it speaks of and that is defined there.
    """

    name: str
    text: str
    unit: str = ""
    function: bool = True
    result: Shape = _NOTHING
    parameters: tuple[Shape, ...] | None = None
    variadic: bool = False
    structs: Mapping[str, int] = field(default_factory=dict)


def unit_source(unit: Unit) -> str:
    """The source of a unit, with the folder that the compiler ran in if it is told relative to that."""
    attributes = unit.top.attributes
    name, folder = (
        attributes[key].value.decode("utf-8", "replace") if key in attributes else ""
        for key in ("DW_AT_name", "DW_AT_comp_dir")
    )
    return posixpath.normpath(posixpath.join(folder, name)) if name and name != _ARTIFICIAL else ""


def declared_by(debug: bytes, names: Container[str]) -> dict[str, Declaration]:
    """What the debug file of an extension says of names that it imports; those that it does not declare are left out.

    Raises:
        Exception: one of ``unreadable``: the file is damaged.
    """
    elf = ElfFile.parse(debug, "debug information")
    made = [bytes(elf.contents(section)) for section in elf.sections if section.name == DECLARED_SECTION]
    found: dict[str, Declaration] = {}
    for data in (debug, *made):
        info = dwarf_info(data)
        for read in info.iter_CUs() if info else ():
            for each in declared_in(Unit(read, _ready, _alone), names, defined=False):
                found.setdefault(each.name, each)
    return found


def _ready() -> None:
    """All is relocated."""


def _alone(offset: int) -> Unit:
    """No compiler refers from one unit to another in a relocatable file."""
    raise LookupError(f"a reference to another unit, at {offset:#x}")


def declared_in(unit: Unit, names: Container[str], *, defined: bool) -> Iterator[Declaration]:
    """What a unit says of names.

    Args:
        unit: A unit.
        names: What is wanted.
        defined: Whether definitions are wanted, or what is declared only.

    Raises:
        Exception: one of ``unreadable``: the file is damaged.
    """
    source = unit_source(unit)
    for die in _outermost(unit):
        described = origin(die)
        name = _linked_name(described)
        if name.startswith(IMPORT_PREFIX) and not defined and name.removeprefix(IMPORT_PREFIX) in names:
            found = _pointed(described, name.removeprefix(IMPORT_PREFIX), source)
        elif name in names and ("DW_AT_declaration" in die.attributes) != defined:
            found = _function(die, described, name, source) if die.tag == _CALLED else _variable(described, name, source)
        else:
            continue
        if found is not None:
            yield found


def _outermost(unit: Unit) -> Iterator[Any]:
    """Functions and variables that are in no other function, namespaces looked into."""
    places = [unit.top]
    while places:
        for die in unit.children(places.pop()):
            if die.tag == "DW_TAG_namespace":
                places.append(die)
            elif die.tag in (_CALLED, _VARIABLE):
                yield die


def _linked_name(die: Any) -> str:
    """As linkers see it, where sources call it otherwise."""
    other = die.attributes.get("DW_AT_linkage_name")
    return other.value.decode("utf-8", "replace") if other else die_name(die)


def _function(die: Any, described: Any, name: str, source: str) -> Declaration | None:
    """A function that others can call, and the type of one."""
    prototype = prototype_of(die, described, name)
    if prototype is None:
        return None
    told = "DW_AT_prototyped" in described.attributes or prototype.parameters or prototype.variadic
    shapes = tuple(_shape(each.type) for each in prototype.parameters) if told else None
    return Declaration(
        name, str(prototype), source, True, _shape(prototype.result), shapes, prototype.variadic, _structs(described)
    )


def _variable(die: Any, name: str, source: str) -> Declaration | None:
    try:
        ctype = type_of(die, members=True)
    except UnsupportedTypeError:
        return None
    return Declaration(name, declaration(ctype, name), source, False, _shape(ctype), None, False, _structs(die))


def _pointed(die: Any, name: str, source: str) -> Declaration | None:
    """What a pointer of the build points to."""
    pointer = die.get_DIE_from_attribute("DW_AT_type")
    target = _behind(pointer, {"DW_TAG_typedef"})
    if target is not None and target.tag == "DW_TAG_subroutine_type":
        return _function(target, target, name, source)
    return _variable(pointer, name, source)


def _shape(ctype: CType) -> Shape:
    match ctype:
        case Struct(keyword=keyword, size=size):
            return Shape(keyword or "struct", size)
        case Integer() | Float() | Pointer() | Void() | Array() as plain:
            return Shape(type(plain).__name__.lower(), plain.size)
        case _:
            return Shape("function", 0)


def _structs(die: Any) -> dict[str, int]:
    """Bytes of the structs that a declaration names, behind pointers or not."""
    found: dict[str, int] = {}
    for each in (die, *(child for child in children(die) if child.tag == "DW_TAG_formal_parameter")):
        behind, alias = _struct_behind(each)
        size = die_number(behind, "DW_AT_byte_size") if behind is not None else 0
        if behind is not None and size and (die_name(behind) or alias):
            found[f"{_STRUCTS[behind.tag]} {die_name(behind)}" if die_name(behind) else alias] = size
    return found


def _struct_behind(die: Any) -> tuple[Any | None, str]:
    """The struct that a type leads to, and the name of the last typedef on the way, which is all that an unnamed one has."""
    alias = ""
    for _ in range(_DEEPEST):
        die = _behind(die, _THROUGH - {"DW_TAG_typedef"})
        if die is None or die.tag in _STRUCTS:
            return die, alias
        if die.tag != "DW_TAG_typedef":
            break
        alias = die_name(die)
    return None, ""


def _behind(die: Any, through: Container[str]) -> Any | None:
    """The type of a DIE, seen through some kinds of types; None for void."""
    for _ in range(_DEEPEST):
        if "DW_AT_type" not in die.attributes:
            return None
        die = die.get_DIE_from_attribute("DW_AT_type")
        if die.tag not in through:
            return die
    return None
