"""What Zephyr's loader may object to in a file, in the order in which it comes to it, and what each version answers.

The first of several objections is the one that a stock loader answers with. What firmware of a version was seen to do
is certain; the rest is from Zephyr's source. Conditions are in the modules that find them; here are only the answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, auto

from llext.elf import lines
from llext.errors import Errno


class Check(IntEnum):
    """One property of a file, in the loader's order: header, tables, mapping, copying, symbols, linking, then use."""

    MAGIC = auto()
    FILE_TYPE = auto()
    SECTION_HEADER_SIZE = auto()
    NO_SECTIONS = auto()
    SECTION_HEADERS_OUTSIDE = auto()
    MISSING_TABLE = auto()
    SHARED_NAMES = auto()
    NAMES_BEFORE_SYMBOLS = auto()
    SEVERAL_STRING_TABLES = auto()
    STRING_TABLE_LINK = auto()
    SEVERAL_SYMBOL_TABLES = auto()
    DYNAMIC_SYMBOLS = auto()
    SYMBOL_ENTRY_SIZE = auto()
    SYMBOL_TABLE_SIZE = auto()
    SECTION_NAME = auto()
    ARRAY_ENTRY = auto()
    FLAGS_DIFFER = auto()
    SEVERAL_NOBITS = auto()
    SECOND_ARRAY = auto()
    IMAGE_ADDRESSES = auto()
    IMAGE_ALIGNMENT = auto()
    IMAGE_OVERLAP = auto()
    INTERLEAVED = auto()
    RELOCATION_TARGET = auto()
    SYMBOL_NAME = auto()
    NO_GLOBAL = auto()
    SYMBOL_SECTION = auto()
    COMMON = auto()
    UNMAPPED_SYMBOL = auto()
    INSTRUCTION_SET = auto()
    RELOCATION_ENTRY = auto()
    ADDENDS = auto()
    RELOCATION_OF_UNMAPPED = auto()
    RELOCATION_OF_UNLOADED = auto()
    RELOCATION_SYMBOL = auto()
    RESERVED_INDEX = auto()
    RELOCATION_TYPE = auto()
    PAIRING = auto()
    RELOCATION_OFFSET = auto()
    RELOCATION_EDGE = auto()
    OUT_OF_REACH = auto()
    WEAK = auto()
    IMAGE_RELOCATIONS = auto()
    EXPORTS_NOT_LOADED = auto()
    NOT_IN_FILE = auto()
    IGNORED_ALIGNMENT = auto()
    ALIGNMENT_POWER = auto()
    MISALIGNED = auto()
    GAP = auto()
    LOST_SYMBOL = auto()
    DEFECT = auto()
    NO_BASE = auto()
    ARRAY_TARGET = auto()
    DUPLICATE_EXPORT = auto()
    UNTRACKED = auto()
    LONG_NAME = auto()


@dataclass(frozen=True)
class Answer:
    """What one version does.

    Attributes:
        errno: What ``llext_load`` returns; None where it loads the file, or may not return.
        crash: Whether it may die: a wild read, or a write outside the extension.
        measured: Whether firmware was seen to do so; else it is from source.
    """

    errno: Errno | None = None
    crash: bool = False
    measured: bool = False


_BUT = Answer()
_CRASH = Answer(crash=True)
_EXEC, _MEM, _SUP, _DATA = (Answer(errno) for errno in (Errno.ENOEXEC, Errno.ENOMEM, Errno.ENOTSUP, Errno.ENODATA))


def _seen(answer: Answer) -> Answer:
    return replace(answer, measured=True)


Row = tuple[Answer | None, Answer | None, Answer | None, Answer | None]


def _old(answer: Answer, newer: Answer | None = None, newest: Answer | None = None) -> Row:
    """Measured on 3.7 and 4.0; what 4.2 and 4.4 answer, from source."""
    return _seen(answer), _seen(answer), newer, newest


def _all(answer: Answer) -> Row:
    """The same in every version, and measured in none."""
    return answer, answer, answer, answer


def _always(answer: Answer) -> Row:
    """The same in every version, and measured in those of which there was firmware."""
    return _old(answer, answer, answer)


ANSWERS: dict[Check, Row] = {  # of 3.7, 4.0, 4.2 and 4.4; None: it takes the file without more ado
    Check.MAGIC: _all(_EXEC),
    Check.FILE_TYPE: _all(_EXEC),
    Check.SECTION_HEADER_SIZE: _all(_EXEC),
    Check.NO_SECTIONS: _always(_MEM),
    Check.SECTION_HEADERS_OUTSIDE: _always(_CRASH),
    Check.MISSING_TABLE: _always(_EXEC),
    Check.SHARED_NAMES: _old(_EXEC, _EXEC, None),
    Check.NAMES_BEFORE_SYMBOLS: (None, None, _EXEC, None),
    Check.SEVERAL_STRING_TABLES: _old(_EXEC),
    Check.STRING_TABLE_LINK: (None, None, _EXEC, _EXEC),
    Check.SEVERAL_SYMBOL_TABLES: _all(_EXEC),
    Check.DYNAMIC_SYMBOLS: _all(_EXEC),
    Check.SYMBOL_ENTRY_SIZE: _old(_MEM, _EXEC, _EXEC),
    Check.SYMBOL_TABLE_SIZE: (None, None, _EXEC, _EXEC),
    Check.SECTION_NAME: _old(_CRASH, _EXEC, _EXEC),
    Check.ARRAY_ENTRY: _all(_EXEC),
    Check.FLAGS_DIFFER: _all(_EXEC),
    Check.SEVERAL_NOBITS: _always(_SUP),
    Check.SECOND_ARRAY: _all(_EXEC),
    Check.IMAGE_ADDRESSES: _always(_EXEC),
    Check.IMAGE_ALIGNMENT: (None, None, _EXEC, _EXEC),
    Check.IMAGE_OVERLAP: _all(_EXEC),
    Check.INTERLEAVED: _all(_EXEC),
    Check.RELOCATION_TARGET: (_EXEC, _EXEC, _CRASH, _EXEC),
    Check.SYMBOL_NAME: (_CRASH, _CRASH, _EXEC, _EXEC),
    Check.NO_GLOBAL: _always(_MEM),
    Check.SYMBOL_SECTION: _old(_CRASH, _CRASH, _EXEC),
    Check.COMMON: _old(_CRASH, _CRASH, _EXEC),
    Check.UNMAPPED_SYMBOL: _all(_SUP),
    Check.INSTRUCTION_SET: _all(_SUP),  # for versions before the one that an instruction set came with
    Check.RELOCATION_ENTRY: _all(_EXEC),
    Check.ADDENDS: _all(_SUP),
    Check.RELOCATION_OF_UNMAPPED: _always(_EXEC),
    Check.RELOCATION_OF_UNLOADED: _old(_EXEC),
    Check.RELOCATION_SYMBOL: _always(_CRASH),
    Check.RESERVED_INDEX: _all(_EXEC),
    Check.RELOCATION_TYPE: _always(_EXEC),
    Check.PAIRING: _all(_EXEC),
    Check.RELOCATION_OFFSET: _old(_CRASH, _CRASH, _EXEC),
    Check.RELOCATION_EDGE: _always(_CRASH),
    Check.OUT_OF_REACH: _always(_EXEC),
    Check.WEAK: _old(_DATA, _DATA, None),
    Check.IMAGE_RELOCATIONS: _old(_EXEC, _BUT, None),
    Check.EXPORTS_NOT_LOADED: _all(_BUT),
    Check.NOT_IN_FILE: _all(_BUT),
    Check.IGNORED_ALIGNMENT: _old(_BUT),
    Check.ALIGNMENT_POWER: (None, None, _BUT, _BUT),
    Check.MISALIGNED: (None, None, _BUT, _BUT),
    Check.GAP: _always(_BUT),
    Check.LOST_SYMBOL: _all(_BUT),
    Check.DEFECT: _all(_BUT),
    Check.NO_BASE: _all(_CRASH),
    Check.ARRAY_TARGET: _all(_BUT),
    Check.DUPLICATE_EXPORT: _all(_BUT),
    Check.UNTRACKED: _always(_BUT),
    Check.LONG_NAME: _all(_BUT),
}

UNEXPECTED_INDEX = "target symbol has unexpected section index"
UNKNOWN_RELOCATION = "unknown relocation: {}"
NO_HIGH_PART = "Could not find R_RISCV_PCREL_HI20"
LINES: dict[Check, str] = {  # what newer versions log at level ERR when they refuse; {} are the numbers of the note
    Check.SHARED_NAMES: lines.MISSING_TABLE,
    Check.NAMES_BEFORE_SYMBOLS: lines.MISSING_TABLE,
    Check.SEVERAL_STRING_TABLES: lines.MISSING_TABLE,
    Check.SEVERAL_SYMBOL_TABLES: lines.MISSING_TABLE,
    Check.DYNAMIC_SYMBOLS: lines.MISSING_TABLE,
    Check.FLAGS_DIFFER: "Unsupported section flags",
    Check.SEVERAL_NOBITS: "Multiple SHT_NOBITS sections are not supported",
    Check.SECOND_ARRAY: "Region {} redefined",
    Check.INTERLEAVED: "Region {} ELF file range ({:#x}-{:#x}) overlaps with {} ({:#x}-{:#x})",
    Check.COMMON: UNEXPECTED_INDEX,
    Check.UNMAPPED_SYMBOL: "No data for section",
    Check.RELOCATION_ENTRY: lines.RELOCATION_SECTION,
    Check.RELOCATION_OF_UNMAPPED: "Section {} not loaded in any memory region",
    Check.RELOCATION_OF_UNLOADED: "Section {} not loaded in any memory region",
    Check.RESERVED_INDEX: UNEXPECTED_INDEX,
    Check.RELOCATION_TYPE: UNKNOWN_RELOCATION,
    Check.PAIRING: NO_HIGH_PART,
}
