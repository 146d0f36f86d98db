"""Where an extension and a firmware that were compiled apart mean different things by one name.

No loader can see it: a symbol has a name and an address. What is compared is what a call needs to agree on, and the bytes of structs
that both sides define.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from llext.dwarf import unreadable
from llext.dwarf.declarations import Declaration, Shape, declared_by
from llext.dwarf.twins import debug_files
from llext.elf import ElfFile
from llext.link import matches


@dataclass(frozen=True)
class TypeDifference:
    """One name that both sides have a type of, and not the same.

    Attributes:
        name: It.
        what: What differs, in words: first what the extension has, then the firmware.
        extension: The type as the extension's sources declare it.
        firmware: The type as the firmware's sources define it.
    """

    name: str
    what: str
    extension: Declaration
    firmware: Declaration


def imported_types(path: Path, names: Iterable[str]) -> dict[str, Declaration]:
    """The types of an extension's imports, from its debug file.

    Empty where there is none, it cannot be read, or it is of another build.
    """
    wanted = set(names)
    for candidate in debug_files(path):
        with suppress(OSError, *unreadable()):
            data = candidate.read_bytes()
            if candidate != path and not matches(ElfFile.parse(path.read_bytes()), ElfFile.parse(data)):
                continue
            found = declared_by(data, wanted)
            if found:
                return found
    return {}


def differences(extension: Mapping[str, Declaration], firmware: Mapping[str, Declaration]) -> Iterator[TypeDifference]:
    """What differs between the two sides, in the order of the extension's names."""
    for name, ours in extension.items():
        theirs = firmware.get(name)
        if theirs is not None:
            yield from (TypeDifference(name, what, ours, theirs) for what in _differing(ours, theirs))


def _differing(ours: Declaration, theirs: Declaration) -> Iterator[str]:
    if ours.function != theirs.function:
        kinds = ("a function", "a variable") if ours.function else ("a variable", "a function")
        yield _both("it", *kinds)
        return
    if ours.function:
        yield from _calls(ours, theirs)
    elif _are_other(ours.result, theirs.result):
        yield _both("it", ours.result, theirs.result)
    for struct, size in ours.structs.items():
        other = theirs.structs.get(struct, size)
        if other != size:
            yield f"{struct} has {size} bytes for the extension and {other} in the firmware"


def _calls(ours: Declaration, theirs: Declaration) -> Iterator[str]:
    if ours.parameters is None or theirs.parameters is None:
        return
    if ours.result.kind != "void" and _passed(ours.result) != _passed(theirs.result):
        yield _both("the result", ours.result, theirs.result)
    if len(ours.parameters) != len(theirs.parameters) or ours.variadic != theirs.variadic:
        yield f"it takes {_count(ours)} for the extension and {_count(theirs)} in the firmware"
        return
    for number, (mine, other) in enumerate(zip(ours.parameters, theirs.parameters, strict=True), 1):
        if _passed(mine) != _passed(other):
            yield _both(f"argument {number}", mine, other)


def _are_other(ours: Shape, theirs: Shape) -> bool:
    """Whether two variables are: an array is no pointer; of what one side does not say nothing is said."""
    if "void" in (ours.kind, theirs.kind):
        return False
    if (ours.kind == "array") != (theirs.kind == "array"):
        return True
    return bool(ours.size and theirs.size) and _passed(ours) != _passed(theirs)


def _both(what: str, ours: object, theirs: object) -> str:
    return f"{what} is {ours} for the extension and {theirs} in the firmware"


def _count(side: Declaration) -> str:
    count = len(side.parameters or ())
    return f"{count} argument{'' if count == 1 else 's'}" + (" and more" if side.variadic else "")


def _passed(shape: Shape) -> Shape:
    """How a value is passed: an address as a word is, a union as a struct."""
    kind = {"pointer": "integer", "union": "struct"}.get(shape.kind, shape.kind)
    return Shape(kind, shape.size)
