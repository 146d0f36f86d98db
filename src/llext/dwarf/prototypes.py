"""C prototypes of functions from DWARF (versions 4 and 5), by pyelftools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from llext.abi import CType, Float, Integer, Parameter, Pointer, Prototype, Struct, Void
from llext.dwarf.sections import dwarf_info, read
from llext.errors import ElfError

# DW_ATE_ encodings, DWARF 5 table 7.11
_BOOLEAN, _FLOAT, _SIGNED, _SIGNED_CHAR, _UNSIGNED, _UNSIGNED_CHAR, _UTF = 2, 4, 5, 6, 7, 8, 16
_UNNAMED_LIMIT = 64
"""How many typedefs and qualifiers may stand around a type before we stop believing the file."""


def read_prototypes(elf: Path | bytes, names: Iterable[str] | None = None) -> dict[str, Prototype]:
    """Prototypes of the functions that a file defines.

    Args:
        elf: A file with DWARF, relocatable or not.
        names: Functions that are wanted; all of them without it.

    Returns:
        Name -> prototype; empty without DWARF, or where it cannot be read.
    """
    from elftools.common.exceptions import DWARFError, ELFError

    wanted = None if names is None else set(names)
    found: dict[str, Prototype] = {}
    try:
        info = dwarf_info(read(elf))
        if info is None:
            return {}
        for unit in info.iter_CUs():
            for prototype in _functions(unit, wanted):
                found.setdefault(prototype.name, prototype)
                if wanted is not None and wanted <= found.keys():
                    return found
    except (ElfError, ELFError, DWARFError, KeyError, ValueError, AttributeError, AssertionError):
        # Types are a courtesy: a file whose DWARF is damaged still loads and is called with plain integers.
        return found
    return found


def _functions(unit: Any, wanted: set[str] | None) -> Iterator[Prototype]:
    for die in unit.get_top_DIE().iter_children():
        if die.tag != "DW_TAG_subprogram" or "DW_AT_low_pc" not in die.attributes:
            continue
        described = _origin(die)
        name = _name(described)
        if name and (wanted is None or name in wanted):
            yield _prototype(described, name)


def _origin(die: Any) -> Any:
    """The DIE that has the name and type: a definition may refer to a declaration or an abstract instance."""
    for attribute in ("DW_AT_abstract_origin", "DW_AT_specification"):
        if attribute in die.attributes:
            return die.get_DIE_from_attribute(attribute)
    return die


def _name(die: Any) -> str:
    attribute = die.attributes.get("DW_AT_name")
    return attribute.value.decode("utf-8", "replace") if attribute else ""


def _prototype(die: Any, name: str) -> Prototype:
    parameters, variadic = [], False
    for child in die.iter_children():
        if child.tag == "DW_TAG_formal_parameter":
            parameters.append(Parameter(_name(child), _type_of(child)))
        elif child.tag == "DW_TAG_unspecified_parameters":
            variadic = True
    return Prototype(name, _type_of(die), tuple(parameters), variadic)


def _type_of(die: Any, depth: int = 0) -> CType:
    if "DW_AT_type" not in die.attributes or depth > _UNNAMED_LIMIT:
        return Void()
    target = die.get_DIE_from_attribute("DW_AT_type")
    tag = target.tag.removeprefix("DW_TAG_")
    if tag == "base_type":
        return _base(target)
    if tag == "typedef":
        return _typedef(target, depth)
    if tag in ("pointer_type", "reference_type", "array_type", "subroutine_type"):
        return _pointer(target, depth)
    if tag == "enumeration_type":
        return Integer(f"enum {_name(target)}".strip(), _size(target, 4))
    if tag in ("structure_type", "union_type", "class_type"):
        return _struct(target, depth)
    return _type_of(target, depth + 1)  # const, volatile, restrict, atomic


def _size(die: Any, default: int) -> int:
    attribute = die.attributes.get("DW_AT_byte_size")
    return int(attribute.value) if attribute else default


def _base(die: Any) -> CType:
    encoding, size, name = die.attributes["DW_AT_encoding"].value, _size(die, 4), _name(die)
    if encoding == _FLOAT:
        return Float(name, size)
    return Integer(name, size, signed=encoding in (_SIGNED, _SIGNED_CHAR))


def _typedef(die: Any, depth: int) -> CType:
    inner, name = _type_of(die, depth + 1), _name(die)
    if isinstance(inner, Integer):
        return Integer(name, inner.size, inner.signed)
    if isinstance(inner, Struct):
        return Struct(name, inner.members, inner.size, inner.align)
    return inner


def _pointer(die: Any, depth: int) -> CType:
    if die.tag == "DW_TAG_subroutine_type":
        return Pointer(None)
    inner = die.get_DIE_from_attribute("DW_AT_type") if "DW_AT_type" in die.attributes else None
    if inner is None or inner.tag == "DW_TAG_subroutine_type":
        return Pointer(None)
    if inner.tag in ("DW_TAG_structure_type", "DW_TAG_union_type"):
        return Pointer(Struct(f"struct {_name(inner)}", (), 0, 1))
    target = _type_of(die, depth + 1)
    return Pointer(None if isinstance(target, Void) else target, inner.tag == "DW_TAG_const_type")


def _struct(die: Any, depth: int) -> CType:
    members = tuple((_name(child), _type_of(child, depth + 1)) for child in die.iter_children() if child.tag == "DW_TAG_member")
    align = max((kind.align for _, kind in members), default=1)
    return Struct(f"struct {_name(die)}", members, _size(die, 0), align)
