"""C types of a 32-bit little-endian guest, as frozen values: sizes, alignments, C text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Void:
    """No value."""

    size: int = 0
    align: int = 1

    def __str__(self) -> str:
        return "void"


@dataclass(frozen=True)
class Integer:
    """An integer, enum or _Bool of 1, 2, 4 or 8 bytes."""

    name: str
    size: int
    signed: bool = True

    @property
    def align(self) -> int:
        """Natural alignment (AAPCS32 5.1)."""
        return self.size

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Float:
    """float (4 bytes) or double (8)."""

    name: str
    size: int

    @property
    def align(self) -> int:
        """Natural alignment."""
        return self.size

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Pointer:
    """A pointer; what it points to matters only for the text."""

    target: CType | None = None
    const: bool = False
    size: int = 4
    align: int = 4

    def __str__(self) -> str:
        inner = "void" if self.target is None else str(self.target)
        return f"{'const ' if self.const else ''}{inner}{'' if inner.endswith('*') else ' '}*"


@dataclass(frozen=True)
class Struct:
    """A structure passed by value. ``members`` may be empty where only the size is known."""

    name: str
    members: tuple[tuple[str, CType], ...]
    size: int
    align: int

    def __str__(self) -> str:
        return self.name


CType = Void | Integer | Float | Pointer | Struct
