"""What is said about calls that cannot be made: which value, what is wanted, which prototype."""

from __future__ import annotations

from llext.abi.codecs import Value, integer_range
from llext.abi.prototypes import Prototype
from llext.abi.types import CType, Integer, Pointer, Struct, Void
from llext.errors import UsageError


def misfit(prototype: Prototype, what: str, ctype: CType, value: Value) -> UsageError:
    """A value that a type cannot hold; ``what`` says whether it is an argument or the result."""
    return UsageError(f"{prototype.name}: {_shown(value)} does not fit {what}: {_wanted(ctype)}")


def wrong_count(prototype: Prototype, given: int) -> UsageError:
    """Too many values, or too few."""
    count = len(prototype.parameters)
    least = "at least " if prototype.variadic else ""
    plural = "argument" if count == 1 else "arguments"
    takes = f"{least}{count} {plural} ({prototype.parameter_text})" if count else "no arguments"
    return UsageError(f"{prototype.name} takes {takes}, {given} given", hint=f"its type: {prototype}")


def no_type(name: str, value: Value, number: int) -> UsageError:
    """A variable argument whose type does not follow from the value."""
    return UsageError(
        f"{name}: {_shown(value)}, argument {number}, does not fit a word, and its type is not known",
        hint="give a prototype that has its type, or the bytes of a long long: struct.pack('<q', value).",
    )


def no_room_for_result(prototype: Prototype) -> UsageError:
    """A result in memory without an address."""
    name, result = prototype.name, prototype.result
    return UsageError(
        f"{name} returns {result}, {result.size} bytes in memory, and nobody said where",
        hint=f"return it through a pointer: void {name}({result} *result, ...).",
    )


def no_room_for_copies(prototype: Prototype) -> UsageError:
    """An argument that is passed by reference without a stack for its copy."""
    return UsageError(
        f"{prototype.name} takes an argument by reference, and nobody said where the stack is for a copy of it",
        hint=f"its type: {prototype}",
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"a value of type {type(value).__name__}"


def _wanted(ctype: CType) -> str:
    match ctype:
        case Integer(boolean=True):
            return "False or True is wanted"
        case Integer(size=size):
            low, high = integer_range(size)
            return f"an integer from {low} to {high} is wanted"
        case Pointer():
            return "an address from 0 to 0xffffffff or None is wanted"
        case Struct(size=size):
            return f"{size} bytes are wanted"
        case Void():
            return "None is wanted"
        case _:
            return f"a number that fits {ctype} is wanted"
