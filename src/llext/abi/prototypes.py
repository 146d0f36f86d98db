"""C prototypes: from text to values and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from llext.abi.types import CType, Float, Integer, Pointer, Struct, Void
from llext.errors import UsageError


@dataclass(frozen=True)
class Parameter:
    """One parameter; its name may be empty."""

    name: str
    type: CType

    def __str__(self) -> str:
        text = str(self.type)
        return text if not self.name else f"{text}{'' if text.endswith('*') else ' '}{self.name}"


@dataclass(frozen=True)
class Prototype:
    """The type of a function and its name."""

    name: str
    result: CType
    parameters: tuple[Parameter, ...]
    variadic: bool = False

    def __str__(self) -> str:
        shown = [str(parameter) for parameter in self.parameters] + (["..."] if self.variadic else [])
        result = str(self.result)
        return f"{result}{'' if result.endswith('*') else ' '}{self.name}({', '.join(shown) or 'void'})"


def _integers() -> dict[str, CType]:
    found: dict[str, CType] = {
        f"{'' if signed else 'u'}int{bits}_t": Integer(f"{'' if signed else 'u'}int{bits}_t", bits // 8, signed)
        for bits in (8, 16, 32, 64)
        for signed in (True, False)
    }
    for name, size, signed in (
        ("size_t", 4, False), ("ssize_t", 4, True), ("ptrdiff_t", 4, True), ("intptr_t", 4, True), ("uintptr_t", 4, False),
        ("bool", 1, False), ("k_ticks_t", 8, True), ("intmax_t", 8, True), ("uintmax_t", 8, False), ("wchar_t", 4, False),
        ("off_t", 4, True),
    ):  # fmt: skip
        found[name] = Integer(name, size, signed)
    return found


_TICKS = Integer("k_ticks_t", 8)
TYPEDEFS: dict[str, CType] = {
    **_integers(),
    "va_list": Pointer(None),
    "k_timeout_t": Struct("k_timeout_t", (("ticks", _TICKS),), 8, 8),
    "float32_t": Float("float", 4),
    "float64_t": Float("double", 8),
}
"""Names that prototypes may use; va_list is a structure of one pointer, which AAPCS32 passes as the pointer."""

_BASE: dict[tuple[str, ...], CType] = {
    ("void",): Void(),
    ("char",): Integer("char", 1, signed=False),
    ("char", "signed"): Integer("signed char", 1),
    ("char", "unsigned"): Integer("unsigned char", 1, signed=False),
    ("short",): Integer("short", 2),
    ("short", "unsigned"): Integer("unsigned short", 2, signed=False),
    (): Integer("int", 4),
    ("unsigned",): Integer("unsigned int", 4, signed=False),
    ("long",): Integer("long", 4),
    ("long", "unsigned"): Integer("unsigned long", 4, signed=False),
    ("long", "long"): Integer("long long", 8),
    ("long", "long", "unsigned"): Integer("unsigned long long", 8, signed=False),
    ("float",): Float("float", 4),
    ("double",): Float("double", 8),
    ("double", "long"): Float("long double", 8),
    ("_Bool",): Integer("_Bool", 1, signed=False),
}


@lru_cache(maxsize=512)
def parse_prototype(text: str, default_name: str = "") -> Prototype:
    """Reads a C prototype such as ``int mix(float a, int b)``; parameter names may be missing.

    Args:
        text: The prototype, with or without a semicolon.
        default_name: Name to use where the text has none: ``int (float, int)``.

    Raises:
        UsageError: it does not parse, or uses a type that is not known.
    """
    from pycparser import c_ast, c_parser

    source = text.strip().rstrip(";").strip()
    if default_name and re.search(r"[\w*]\s*\(", source) and not re.search(rf"\b{re.escape(default_name)}\s*\(", source):
        head, _, rest = source.partition("(")
        if " " not in head.strip() or re.search(
            r"\b(int|void|char|float|double|long|short|unsigned|signed|\w+_t)\s*\**\s*$", head
        ):
            source = f"{head} {default_name}({rest}"
    declared = "".join(f"typedef int {name};" for name in TYPEDEFS)
    try:
        tree = c_parser.CParser().parse(f"{declared}\n{source};")
    except c_parser.ParseError as error:
        raise _wrong(text, str(error).partition(": ")[2] or str(error)) from None
    declaration = tree.ext[-1]
    function = getattr(declaration, "type", None)
    if not isinstance(function, c_ast.FuncDecl):
        raise _wrong(text, "that declares no function")
    return _prototype(function, declaration.name or default_name, text)


def _wrong(text: str, why: str) -> UsageError:
    return UsageError(f"no C prototype: {text!r}: {why}", hint="write it as in C: 'int mix(float a, const char *name)'.")


def _prototype(function: Any, name: str, text: str) -> Prototype:
    from pycparser import c_ast

    parameters, variadic = [], False
    for node in function.args.params if function.args else []:
        if isinstance(node, c_ast.EllipsisParam):
            variadic = True
            continue
        if isinstance(node, c_ast.ID):
            raise _wrong(text, f"{node.name!r} is no type that is known here")
        parameters.append(Parameter(node.name or "", _ctype(node.type, text, parameter=True)))
    if len(parameters) == 1 and isinstance(parameters[0].type, Void):
        parameters = []
    if any(isinstance(parameter.type, Void) for parameter in parameters):
        raise _wrong(text, "a parameter cannot be void")
    return Prototype(name, _ctype(function.type, text), tuple(parameters), variadic)


def _ctype(node: Any, text: str, *, parameter: bool = False) -> CType:
    from pycparser import c_ast

    if isinstance(node, c_ast.PtrDecl):
        inner = node.type
        const = "const" in (getattr(inner, "quals", None) or [])
        if isinstance(inner, c_ast.FuncDecl):
            return Pointer(None)
        if isinstance(inner, c_ast.TypeDecl) and isinstance(inner.type, (c_ast.Struct, c_ast.Union, c_ast.Enum)):
            return Pointer(Struct(f"struct {inner.type.name}", (), 0, 1), const)
        return Pointer(_ctype(inner, text), const)
    if isinstance(node, c_ast.ArrayDecl):
        return Pointer(_ctype(node.type, text), "const" in (getattr(node.type, "quals", None) or []))
    if isinstance(node, c_ast.FuncDecl) and parameter:
        return Pointer(None)
    if isinstance(node, c_ast.TypeDecl):
        return _ctype(node.type, text)
    if isinstance(node, c_ast.IdentifierType):
        return _named(node.names, text)
    if isinstance(node, c_ast.Enum):
        return Integer(f"enum {node.name}", 4)
    if isinstance(node, c_ast.Struct) and node.decls:
        return _struct(node, text)
    raise _wrong(text, f"a {type(node).__name__.lower()} by value needs its members: struct {{int a; int b;}}")


def _named(names: list[str], text: str) -> CType:
    if len(names) == 1 and names[0] in TYPEDEFS:
        return TYPEDEFS[names[0]]
    words = sorted(name for name in names if name != "int" and not (name == "signed" and "char" not in names))
    try:
        return _BASE[tuple(words)]
    except KeyError:
        raise _wrong(text, f"{' '.join(names)!r} is no type that is known here") from None


def _struct(node: Any, text: str) -> Struct:
    members = tuple((member.name, _ctype(member.type, text)) for member in node.decls)
    offset, align = 0, 1
    for _, kind in members:
        offset = -(-offset // kind.align) * kind.align + kind.size
        align = max(align, kind.align)
    return Struct(f"struct {node.name or ''}".strip(), members, -(-offset // align) * align, align)
