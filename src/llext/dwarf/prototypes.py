"""C prototypes of functions from DWARF (versions 4 and 5), by pyelftools.

Types are read as far as a call needs them: what is behind a pointer has its name only. That keeps them finite, and a
debug file of a few kilobytes is read in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from llext.abi import (
    Array,
    CType,
    Float,
    Function,
    Integer,
    Member,
    Parameter,
    Pointer,
    Prototype,
    Struct,
    Void,
    base_type,
)
from llext.abi.prototypes import renamed
from llext.dwarf.entries import children
from llext.dwarf.sections import dwarf_info, read, unreadable

# DW_ATE_ encodings, DWARF 5 table 7.11
_BOOLEAN, _FLOAT, _SIGNED, _SIGNED_CHAR, _UNSIGNED, _UNSIGNED_CHAR, _UTF = 2, 4, 5, 6, 7, 8, 16
_INTEGERS = (_SIGNED, _SIGNED_CHAR, _UNSIGNED, _UNSIGNED_CHAR, _UTF)
_QUALIFIERS = {f"DW_TAG_{name}_type" for name in ("const", "volatile", "restrict", "atomic", "immutable", "packed")}


class UnsupportedTypeError(Exception):
    """A type that prototypes here cannot express, such as a vector or a complex number."""


def read_prototypes(elf: Path | bytes, names: Iterable[str] | None = None) -> dict[str, Prototype]:
    """Prototypes of the functions that a file defines.

    Types are a courtesy: what cannot be read or expressed is left out, and its function is called with plain integers.

    Args:
        elf: A file with DWARF, relocatable or not.
        names: Functions that are wanted; all of them without it.

    Returns:
        Name -> prototype; empty without DWARF. Of several functions of one name the global one counts.
    """
    wanted = None if names is None else set(names)
    found: dict[str, Prototype] = {}
    local: dict[str, Prototype] = {}
    try:
        info = dwarf_info(read(elf))
        for die, described, name in _functions(info, wanted) if info and wanted != set() else ():
            into = found if "DW_AT_external" in described.attributes else local
            if name not in into and (prototype := prototype_of(die, described, name)):
                into[name] = prototype
            if wanted is not None and wanted <= found.keys():
                break
    except unreadable():
        pass
    return local | found


def _functions(info: Any, wanted: set[str] | None) -> Iterator[tuple[Any, Any, str]]:
    """Definitions: the DIE with the code, the DIE with name and type, and the name."""
    for unit in info.iter_CUs():
        for die in children(unit.get_top_DIE()):
            if die.tag != "DW_TAG_subprogram" or "DW_AT_low_pc" not in die.attributes:
                continue
            described = origin(die)
            name = die_name(described)
            if name and (wanted is None or name in wanted):
                yield die, described, name


def origin(die: Any) -> Any:
    """The DIE that has the name and type: a definition may refer to an abstract instance, and that to a declaration."""
    for attribute in ("DW_AT_abstract_origin", "DW_AT_specification"):
        if attribute in die.attributes:
            die = die.get_DIE_from_attribute(attribute)
    return die


def die_name(die: Any) -> str:
    """DW_AT_name, or nothing."""
    attribute = die.attributes.get("DW_AT_name")
    return attribute.value.decode("utf-8", "replace") if attribute else ""


def die_number(die: Any, attribute: str, default: int = 0) -> int:
    """A plain number of a DIE."""
    found = die.attributes.get(attribute)
    return found.value if found and isinstance(found.value, int) else default


def prototype_of(die: Any, described: Any, name: str) -> Prototype | None:
    """None for a type that cannot be expressed."""
    try:
        parameters, variadic = _parameters(described)
        return Prototype(name, _by_value(_result(die, described)), parameters, variadic)
    except UnsupportedTypeError:
        return None


def _result(die: Any, described: Any) -> CType:
    return type_of(described if "DW_AT_type" in described.attributes else die, members=True)


def _parameters(die: Any) -> tuple[tuple[Parameter, ...], bool]:
    parameters, variadic = [], False
    for child in children(die):
        if child.tag == "DW_TAG_formal_parameter":
            parameters.append(Parameter(die_name(child), _by_value(type_of(child, members=True))))
        variadic |= child.tag == "DW_TAG_unspecified_parameters"
    return tuple(parameters), variadic


def _by_value(ctype: CType) -> CType:
    if isinstance(ctype, Struct) and not ctype.size:
        raise UnsupportedTypeError(ctype)
    return ctype


# Types ----------------------------------------------------------------------------------------------------------------


def type_of(die: Any, *, members: bool) -> CType:
    """The type that a DIE refers to; structs with their members if they are wanted."""
    return _type(die.get_DIE_from_attribute("DW_AT_type"), members=members) if "DW_AT_type" in die.attributes else Void()


def _type(die: Any, *, members: bool) -> CType:
    match die.tag:
        case "DW_TAG_base_type":
            return _base(die)
        case "DW_TAG_typedef":
            return renamed(type_of(die, members=members), die_name(die))
        case "DW_TAG_pointer_type" | "DW_TAG_reference_type" | "DW_TAG_rvalue_reference_type":
            return Pointer(type_of(die, members=False), _is_const(die))
        case "DW_TAG_enumeration_type":
            return Integer(f"enum {die_name(die)}".strip(), die_number(die, "DW_AT_byte_size", 4), signed=_enum_is_signed(die))
        case "DW_TAG_structure_type" | "DW_TAG_class_type":
            return _struct(die, "struct", members=members)
        case "DW_TAG_union_type":
            return _struct(die, "union", members=members)
        case "DW_TAG_array_type":
            return _array(die, members=members)
        case "DW_TAG_subroutine_type":
            return _function(die)
        case tag if tag in _QUALIFIERS:
            return type_of(die, members=members)
        case _:
            raise UnsupportedTypeError(die.tag)


def _base(die: Any) -> CType:
    encoding, size, name = die_number(die, "DW_AT_encoding"), die_number(die, "DW_AT_byte_size"), die_name(die)
    name = str(base_type(name) or name)
    if encoding == _BOOLEAN and size == 1:
        return Integer(name, 1, signed=False, boolean=True)
    if encoding == _FLOAT and size in (4, 8, 16):
        return Float(name, size)
    if encoding in _INTEGERS and size in (1, 2, 4, 8):
        return Integer(name, size, signed=encoding in (_SIGNED, _SIGNED_CHAR))
    raise UnsupportedTypeError(name)


def _enum_is_signed(die: Any) -> bool:
    """Compilers say the type behind an enum (DWARF 5 5.7); where they do not, it is read as an int is."""
    behind = type_of(die, members=False)
    return behind.signed if isinstance(behind, Integer) else True


def _is_const(die: Any) -> bool:
    """Whether what a pointer points to is const, in whatever order its qualifiers stand."""
    while "DW_AT_type" in die.attributes:
        die = die.get_DIE_from_attribute("DW_AT_type")
        if die.tag == "DW_TAG_const_type":
            return True
        if die.tag not in _QUALIFIERS:
            return False
    return False


def _struct(die: Any, keyword: str, *, members: bool) -> CType:
    name, size = die_name(die), die_number(die, "DW_AT_byte_size")
    if name == "__va_list":  # AAPCS32 8.1.4: one pointer; passed as a word
        return Integer("va_list", 4, signed=False)
    if not members:
        return Struct(name, keyword=keyword)
    made = tuple(_member(child) for child in children(die) if child.tag == "DW_TAG_member")
    return Struct(name, made, size, die_number(die, "DW_AT_alignment") or _alignment(made, size), keyword)


def _member(die: Any) -> Member:
    ctype = type_of(die, members=True)
    offset = die_number(die, "DW_AT_data_member_location")
    if "DW_AT_data_bit_offset" in die.attributes:  # a bit-field: it counts by its container
        offset = die_number(die, "DW_AT_data_bit_offset") // 8 // ctype.align * ctype.align
    return Member(die_name(die), ctype, offset)


def _alignment(members: tuple[Member, ...], size: int) -> int:
    """Natural alignment, unless the offsets show that the struct is packed: DWARF does not say it."""
    natural = max((member.type.align for member in members), default=1)
    packed = size % natural or any(member.offset % member.type.align for member in members)
    return 1 if packed else natural


def _array(die: Any, *, members: bool) -> CType:
    if "DW_AT_GNU_vector" in die.attributes:
        raise UnsupportedTypeError(die.tag)
    ctype = type_of(die, members=members)
    for dimension in reversed([child for child in children(die) if child.tag == "DW_TAG_subrange_type"]):
        ctype = Array(ctype, die_number(dimension, "DW_AT_count") or die_number(dimension, "DW_AT_upper_bound", -1) + 1)
    return ctype


def _function(die: Any) -> Function:
    given = [child for child in children(die) if child.tag == "DW_TAG_formal_parameter"]
    variadic = any(child.tag == "DW_TAG_unspecified_parameters" for child in children(die))
    result = type_of(die, members=False)
    return Function(result, tuple(type_of(child, members=False) for child in given), variadic)
