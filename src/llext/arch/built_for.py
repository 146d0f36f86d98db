"""What files say of the CPU that they were built for, and in what two of them differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BuiltFor:
    """What a file says of the CPU that it was built for.

    Attributes:
        cpu: A name that compilers take, for code that runs there.
        float_abi: How floats are passed, as compilers name it.
        words: The same for people.
        source: Where it stands.
        flags: What compilers must be told so that types have the same sizes.
    """

    cpu: str
    float_abi: str
    words: str
    source: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Misfit:
    """Something in which two files that shall run together differ, and whether code of one cannot run where the other does."""

    text: str
    fatal: bool = False
