"""Prototypes: the type of a C function, from its C text and back to it.

Reads one declaration, as a header has it; structs and typedefs may be defined in front of it. It does not read
headers: there is no preprocessor, and of typedefs only those in `KNOWN` are there from the start.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from llext.abi.types import (
    Array,
    CType,
    Float,
    Function,
    Integer,
    Pointer,
    Struct,
    Void,
    base_type,
    declaration,
    parameter_list,
    struct,
)
from llext.arch.arm import DATA_MODEL as ARM
from llext.arch.convention import DataModel
from llext.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXAMPLE = "int decode(const uint8_t *data, size_t size)"


@dataclass(frozen=True)
class Parameter:
    """One parameter; the name may be empty."""

    name: str
    type: CType

    def __str__(self) -> str:
        return declaration(self.type, self.name)


@dataclass(frozen=True)
class Prototype:
    """The type of a function.

    Attributes:
        name: Of the function.
        result: Its result type.
        parameters: In order.
        variadic: Whether ``...`` follows them.
    """

    name: str
    result: CType
    parameters: tuple[Parameter, ...]
    variadic: bool = False

    def __str__(self) -> str:
        return declaration(self.result, f"{self.name}({self.parameter_text})")

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Of the whole tree, once: layouts are looked up by prototype at every call."""
        return hash((self.name, self.result, self.parameters, self.variadic))

    @property
    def parameter_text(self) -> str:
        """What stands between the parentheses."""
        return parameter_list(map(str, self.parameters), variadic=self.variadic)


K_TIMEOUT = struct("k_timeout_t", [("ticks", Integer("k_ticks_t", 8))], keyword="")
"""Zephyr's timeouts with CONFIG_TIMEOUT_64BIT, its default: a struct by value."""


@lru_cache(maxsize=8)
def _known_types(model: DataModel) -> Mapping[str, CType]:
    known: dict[str, CType] = {
        "k_timeout_t": K_TIMEOUT,
        "bool": Integer("bool", 1, signed=False, boolean=True),
        "float32_t": Float("float32_t", 4),
        "float64_t": Float("float64_t", 8),
        "wchar_t": Integer("wchar_t", 4, signed=model.wchar_signed),
    }
    for bits in (8, 16, 32, 64):
        # No int_fastN_t: gcc and clang disagree about their sizes.
        for name in (f"int{bits}_t", f"int_least{bits}_t"):
            known |= {name: Integer(name, bits // 8), f"u{name}": Integer(f"u{name}", bits // 8, signed=False)}
    known |= {name: Integer(name, 4) for name in ("ssize_t", "intptr_t", "ptrdiff_t", "off_t")}
    # A va_list is a struct of one pointer (AAPCS32 8.1.4) or a pointer (RISC-V psABI), which is passed as a word.
    known |= {name: Integer(name, 4, signed=False) for name in ("size_t", "uintptr_t", "va_list")}
    known |= {name: Integer(name, 8) for name in ("k_ticks_t", "intmax_t")}
    known |= {
        name: Pointer(Void()) for name in ("k_tid_t", "k_thread_entry_t", "irq_offload_routine_t", "k_thread_timeslice_fn_t")
    }
    known |= {"k_thread_stack_t": Void(), "k_thread_runtime_stats_t": Void()}
    return known | {"uintmax_t": Integer("uintmax_t", 8, signed=False)}


KNOWN = frozenset(_known_types(ARM))
"""Names of the typedefs that prototypes may use without defining them."""


@lru_cache(maxsize=1024)
def parse_prototype(text: str, default_name: str = "", model: DataModel = ARM) -> Prototype:
    """Reads a C prototype.

    Args:
        text: ``int add(int a, int b)``; a semicolon and the names of parameters are optional. Structs and typedefs may
            be defined in front of it.
        default_name: The function's name if the text has none: ``int (int, int)``.
        model: Sizes and signs that differ between guests.

    Raises:
        UsageError: text that is no prototype, a type that is not known, a struct by value without known members.
    """
    definitions, name, function = _declarations(text, default_name)
    reader = _Reader(text, model)
    for node in definitions:
        reader.define(node)
    return reader.prototype(name, function)


# Text -> tree ---------------------------------------------------------------------------------------------------------


def _declarations(text: str, default_name: str) -> tuple[Sequence[Any], str, Any]:
    """The declarations in front, and the name and the tree of the function."""
    tree = _parse(text, default_name)
    last = tree.ext[-1] if tree.ext else None
    if type(last).__name__ == "FuncDef":
        raise _refused(text, "it has a body")
    if last is None or type(getattr(last, "type", None)).__name__ != "FuncDecl":
        raise _refused(text, "it declares no function")
    return tree.ext[:-1], last.name, last.type


def _parse(text: str, default_name: str) -> Any:
    from pycparser.c_parser import CParser, ParseError

    line = _one_line(text)
    used = [name for name in KNOWN if re.search(rf"\b{name}\b", line)]
    prelude = "".join(f"typedef int {name};" for name in used)
    first = None
    for candidate in (line, _named(line, default_name)):
        try:
            # The line break gives the prelude a line of its own, so that columns in errors are those of the text.
            tree = CParser().parse(f"{prelude}\n{candidate};")
        except ParseError as problem:
            first = first or problem
        else:
            tree.ext = tree.ext[len(used) :]
            return tree
    raise _syntax_error(line, str(first)) from None


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip("; ")


def _named(line: str, default_name: str) -> str:
    """``int (int, int)`` with a name in front of the first parenthesis."""
    result, parenthesis, rest = line.partition("(")
    return f"{result} {default_name or 'function'}{parenthesis}{rest}"


def _syntax_error(line: str, problem: str) -> UsageError:
    defined = set(re.findall(r"(\w+)\s*;", line))
    for word in _TYPE_POSITION.findall(line):
        # The parser stops behind an unknown type, or says nothing of the place; so look first.
        if word not in defined | KNOWN | _KEYWORDS and not base_type(word):
            return _unknown(line, word)
    found = re.match(r":?\d+:(\d+): ", problem)
    column = int(found[1]) - 1 if found else len(line)
    return _refused(line, f"unexpected {line[column]!r}" if column < len(line) else "it ends too early", column)


_TYPE_POSITION = re.compile(r"(?:^|[(,;])\s*(?:(?:const|volatile|static|extern|inline)\s+)*([A-Za-z_]\w*)(?=\s*\*|\s+\w)")
_KEYWORDS = {
    "const",
    "volatile",
    "restrict",
    "static",
    "extern",
    "inline",
    "struct",
    "enum",
    "union",
    "typedef",
    "register",
}


def _unknown(text: str, name: str) -> UsageError:
    place = re.search(rf"\b{re.escape(name)}\b", _one_line(text))
    return _refused(text, f"{name!r} is not a type that is known here", place.start() if place else None)


def _refused(text: str, reason: str, column: int | None = None) -> UsageError:
    caret = f"\n  {' ' * column}^" if column is not None else ""
    return UsageError(
        f"cannot read a C prototype, {reason}:\n  {_one_line(text)}{caret}",
        hint=f"write it as in {EXAMPLE!r}; define structs and typedefs in front of it, with semicolons.",
    )


# Tree -> types --------------------------------------------------------------------------------------------------------


class _Reader:
    """Turns pycparser's nodes into types; remembers what the text has defined so far."""

    def __init__(self, text: str, model: DataModel) -> None:
        self.text = text
        self.model = model
        self.typedefs = dict(_known_types(model))
        self.tags: dict[str, Struct] = {}

    def define(self, node: Any) -> None:
        """Takes in a struct or a typedef in front of the prototype."""
        ctype = self.type(node.type)
        if type(node).__name__ == "Typedef":
            self.typedefs[node.name] = renamed(ctype, node.name)

    def prototype(self, name: str, node: Any) -> Prototype:
        """A function's declaration."""
        result = self.type(node.type)
        self._complete(result, "the result")
        return Prototype(name, result, *self._parameters(node))

    def type(self, node: Any) -> CType:
        """Any type."""
        match type(node).__name__:
            case "TypeDecl":
                return self.type(node.type)
            case "PtrDecl":
                return self._pointer(node)
            case "ArrayDecl":
                return Array(self.type(node.type), self._count(node.dim))
            case "FuncDecl":
                parameters, variadic = self._parameters(node)
                return Function(self.type(node.type), tuple(parameter.type for parameter in parameters), variadic)
            case "IdentifierType":
                return self._identifier(" ".join(node.names))
            case "Enum":
                return Integer(f"enum {node.name or ''}".strip(), self.model.enum_bytes)
            case "Struct" | "Union" as keyword:
                return self._struct(node, keyword.lower())
            case other:
                raise _refused(self.text, f"{other} is not supported")

    def _pointer(self, node: Any) -> Pointer:
        """What a PtrDecl or an array parameter points to."""
        return Pointer(behind_pointer(self.type(node.type)), "const" in (getattr(node.type, "quals", None) or ()))

    def _identifier(self, text: str) -> CType:
        found = self.typedefs.get(text) or base_type(text, self.model)
        if found is None:
            raise _unknown(self.text, text)
        return found

    def _struct(self, node: Any, keyword: str) -> Struct:
        if node.decls is None:
            return self.tags.get(node.name, Struct(node.name, keyword=keyword))
        if any(member.bitsize is not None for member in node.decls):
            raise _refused(self.text, f"{keyword} {node.name or ''} has bit-fields, whose layout is not known here")
        members = [(member.name or "", self.type(member.type)) for member in node.decls]
        for name, ctype in members:
            self._complete(ctype, f"member {name!r}")
        made = struct(node.name or "", members, keyword)
        if node.name:
            self.tags[node.name] = made
        return made

    def _parameters(self, node: Any) -> tuple[tuple[Parameter, ...], bool]:
        given = list(node.args.params) if node.args else []
        variadic = bool(given) and type(given[-1]).__name__ == "EllipsisParam"
        parameters = [self._parameter(item) for item in given[: len(given) - variadic]]
        if [parameter.type for parameter in parameters] == [Void()]:
            parameters = []
        for number, parameter in enumerate(parameters, 1):
            self._complete(parameter.type, f"parameter {number}")
        return tuple(parameters), variadic

    def _parameter(self, node: Any) -> Parameter:
        if type(node).__name__ == "ID":
            raise _unknown(self.text, node.name)
        name = node.name or ""
        match type(node.type).__name__:
            case "ArrayDecl":
                return Parameter(name, self._pointer(node.type))
            case "FuncDecl":
                return Parameter(name, Pointer(self.type(node.type)))
            case _:
                return Parameter(name, self.type(node.type))

    def _count(self, dimension: Any) -> int:
        try:
            return int(dimension.value.rstrip("uUlL"), 0) if dimension else 0
        except (AttributeError, ValueError):
            raise _refused(self.text, "the size of an array is not a plain number") from None

    def _complete(self, ctype: CType, what: str) -> None:
        if isinstance(ctype, Struct) and not ctype.size:
            raise _refused(self.text, f"{what} is {ctype} by value, whose members are not known")
        if isinstance(ctype, Void) and what != "the result":
            raise _refused(self.text, f"{what} is void")


def behind_pointer(target: CType) -> CType:
    """A pointer's target: structs lose their members, for which see ``types``."""
    return Struct(target.name, keyword=target.keyword) if isinstance(target, Struct) and target.name else target


def renamed(ctype: CType, name: str) -> CType:
    """A type under the name of a typedef; pointers keep their own text."""
    match ctype:
        case Integer(_, size, signed, boolean):
            return Integer(name, size, signed, boolean)
        case Float(_, size):
            return Float(name, size)
        case Struct(_, members, size, align, _):
            return Struct(name, members, size, align, "")
        case _:
            return ctype
