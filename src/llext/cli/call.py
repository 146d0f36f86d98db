"""The words of ``--call``: ``add(2, 3)``, or with a prototype ``float mix(float, int)(1.5, 2)``."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from types import EllipsisType

from llext.errors import UsageError

_NAMES = {"NULL": None, "true": 1, "false": 0, "nan": math.nan, "inf": math.inf}

_MOST_BITS = 64
_LONG = 200


@dataclass(frozen=True)
class CallText:
    """One call as the user wrote it: function, prototype text if one was given, arguments."""

    name: str
    prototype: str | None
    values: tuple[int | float | str | None, ...]

    @property
    def shown(self) -> str:
        """The call without its prototype."""
        return f"{self.name}({', '.join(map(_shown, self.values))})"


def _shown(value: float | str | None) -> str:
    if value is None:
        return "NULL"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else repr(value)


def parse_call(text: str) -> CallText:
    """Takes a call apart.

    Raises:
        UsageError: it is none; the message shows a right one.
    """
    text = text.strip()
    if text.isidentifier():
        return CallText(text, None, ())
    opening = _last_group(text)
    if opening <= 0:
        raise _wrong(text, "a call is a name and arguments in parentheses")
    head, arguments = text[:opening].strip(), text[opening + 1 : -1]
    prototype = head if "(" in head else None
    words = head.partition("(")[0].replace("*", " ").split()
    if not words or not words[-1].isidentifier() or (prototype is None and len(words) > 1):
        raise _wrong(text, "a type in front of the name needs the types of the parameters too")
    return CallText(words[-1], prototype, tuple(_arguments(arguments, text)))


def _last_group(text: str) -> int:
    """Where the last parenthesis group opens, strings aside; -1 if the text does not end in one."""
    if not text.endswith(")"):
        return -1
    opening, depth, quoted, at = -1, 0, False, 0
    while at < len(text):
        character = text[at]
        if quoted and character == "\\":
            at += 1
        elif character == '"':
            quoted = not quoted
        elif not quoted and character == "(":
            if depth == 0:
                opening = at
            depth += 1
        elif not quoted and character == ")":
            depth -= 1
        at += 1
    return opening if depth == 0 and not quoted else -1


def _arguments(text: str, whole: str) -> list[int | float | str | None]:
    source = f"f({text.strip()})"
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _wrong(whole, f"the arguments do not parse ({getattr(error, 'msg', error)})") from None
    if not isinstance(tree, ast.Call) or tree.keywords:
        raise _wrong(whole, "arguments are values separated by commas")
    values = []
    for node in tree.args:
        value = _signed(node)
        if value is Ellipsis:
            segment = ast.get_source_segment(source, node) or ""
            raise _wrong(whole, f"{segment[:_LONG]} is no value")
        values.append(value)
    return values


def _signed(node: ast.expr) -> int | float | str | EllipsisType | None:
    """The value of an argument with at most one sign; the ellipsis if it has none."""
    if not isinstance(node, ast.UnaryOp):
        return _plain(node)
    value = _plain(node.operand)
    if not isinstance(value, (int, float)) or not isinstance(node.op, (ast.USub, ast.UAdd)):
        return ...
    return -value if isinstance(node.op, ast.USub) else value


def _plain(node: ast.expr) -> int | float | str | EllipsisType | None:
    match node:
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]
        case ast.Constant(value=bool() as value):
            return int(value)
        case ast.Constant(value=int() as value) if value.bit_length() <= _MOST_BITS:
            return value
        case ast.Constant(value=str() | float() as value):
            return value
    return ...


def _wrong(text: str, why: str) -> UsageError:
    shown = text if len(text) <= _LONG else text[:_LONG] + "..."
    return UsageError(
        f"--call {shown!r}: {why}",
        hint="""like this: --call 'add(2, 0x10)', --call 'say("hello")', --call 'float mix(float, int)(1.5, 2)'""",
    )
