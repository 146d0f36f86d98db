"""Signatures to compare: their C code, their prototypes, values for them.

For every signature a C file has two functions. ``take_N`` stores its arguments in ``argument_N_I`` and returns
``result_N``: Python calls it. ``give_N`` passes ``argument_N_I`` to ``answer`` and stores what comes back in ``result_N``.
If it is variadic, ``list_N`` has a function that passes what it got for ``...`` to ``answer`` as a va_list.
"""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from llext.abi import Array, CType, DataModel, Float, Integer, Pointer, Prototype, Struct, Value, parse_prototype

COUNT = 300

DEFINITIONS = """
struct s1 { uint8_t a; };
struct s2 { uint8_t a[2]; };
struct s3 { uint8_t a[3]; };
struct s4 { int16_t a; int16_t b; };
struct s5 { uint8_t a[5]; };
struct s6 { int16_t a[3]; };
struct s7 { uint8_t a[7]; };
struct s8 { int a; int b; };
struct s8l { int64_t a; };
struct s9 { uint8_t a[9]; };
struct s10 { int16_t a[5]; };
struct s12 { int a; char b; short c; int d; };
struct s13 { uint8_t a[13]; };
struct s15 { uint8_t a[15]; };
struct s16 { int a[4]; };
struct s16l { char a; int64_t b; };
struct s24l { int64_t a; int b; double c; };
struct s64 { int a[16]; };
struct f1 { float a; };
struct f2 { float a; float b; };
struct f3 { float a[3]; };
struct f4 { struct f2 a; struct f2 b; };
struct f5 { float a[5]; };
struct d1 { double a; };
struct d2 { double a; double b; };
struct d4 { double a[4]; };
struct mix { float a; int b; };
struct fd { float a; double b; };
struct n4 { struct s2 a; int16_t b; };
struct n8 { struct s4 a[2]; };
struct n7 { struct s3 a; struct s2 b[2]; };
struct n20 { struct mix a[2]; struct s1 b; };
struct ld { long double a; };
struct lm { char a; long double b; };
union uf { float a; struct f2 b; };
union ui { int a; float b; };
union ul { int64_t a; struct s3 b; };
enum color { RED, GREEN = 70000 };
"""
LINES = DEFINITIONS.strip().split("\n")
TAGS = {" ".join(line.split()[:2]): line for line in LINES}
NAMED = [tag for tag in TAGS if not tag.startswith("enum")]

HANDWRITTEN = [
    "",
    "int",
    "bool, bool",
    "int8_t, uint8_t, int16_t, uint16_t",
    "char, signed char, short, unsigned short",
    "int, unsigned, long, unsigned long",
    "int8_t, int8_t, int8_t, int8_t, int8_t, uint8_t, int16_t, uint16_t",
    "int8_t, uint8_t, int16_t, uint16_t, char, bool, int8_t, uint8_t, int16_t, uint16_t, char, bool, int8_t, uint8_t",
    "int64_t, int64_t",
    "int, int64_t",
    "int, int64_t, int",
    "int, int, int64_t",
    "int, int, int, int64_t",
    "int, int, int, int64_t, int",
    "int64_t, int, int64_t, int",
    "int, int, int, int, int, int64_t, int, uint64_t",
    "int, int, int, int, int, int, int64_t, int, double",
    "int, int, int, int, int, int, int, int64_t, int, uint64_t",
    "int, int, int, int, int, int, int, int, int, int64_t, int",
    "unsigned long long, int, int, int, unsigned long long",
    "void *, const char *, size_t",
    "enum color, int8_t, enum color",
    "float",
    "double",
    "float, double, float",
    "double, float, double, float, float",
    "float, double, double, float, double, float, double, double, double, double, float, float",
    "float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float",
    "int, float, int, double, int, float, int, double, int",
    "double, double, double, double, double, double, double, double, double, float, int",
    "double, double, double, double, double, double, double, float, double, float, float",
    "double, double, double, double, double, double, double, double, float, int, int, int, int64_t, int",
    "float, int64_t, float, int64_t, int",
    "long double",
    "int, long double, int",
    "long double, double, long double, float, long double, int, long double, long double, long double, long double",
    "int, int, int, int, int, int, int, int, int, long double, int64_t, long double",
    "struct s1, struct s2, struct s3, struct s4",
    "struct s5, struct s6",
    "struct s7, struct s8",
    "int, struct s8l, int",
    "int, struct s9",
    "int, int, struct s9, int",
    "int, int, struct s12",
    "int, int, int, struct s13, int",
    "int, int, int, int64_t, struct s15",
    "struct s16, int",
    "int, struct s16, int",
    "int, struct s16l, int",
    "int, int, struct s16l, int",
    "int, int, int, struct s16l",
    "int, struct s24l, int",
    "int, int, int, int, int, struct s8, int",
    "int, int, int, int, int, int, int, struct s5, struct s8l",
    "int, int, int, int, int, int, int, int, char, struct s8l, char, struct s7",
    "struct s64, struct s9, struct s64, struct s10, struct s64, struct s12, struct s13, struct s15, struct s16l, struct s9",
    "double, double, double, double, double, double, double, double, double, int, struct s16, int",
    "struct f1, struct f2, struct f3",
    "struct f4, float, struct f4, double, struct f4, float, struct f4, float",
    "float, struct d1, float, struct d2, struct f2, struct d4, struct f1",
    "struct f5, struct f3",
    "struct d4, struct d4, float, struct d1",
    "struct d4, struct d2, double, struct d2, double, float",
    "struct mix, struct fd, float",
    "struct n4, struct n8, struct n7, struct n20, struct n7",
    "struct ld, struct lm, struct ld",
    "union uf, union ui, float, union ul",
    "int, k_timeout_t, int, k_timeout_t",
    "struct f3, double, struct f3, double, struct f3, double, struct f3, float, float, float, int, int",
    "int, ..., int, int64_t, double, void *, int64_t, double, unsigned",
    "int, int, ..., int64_t, int, double",
    "int, ..., int, int64_t",
    "int, ..., int, int, int, int, int, int, double, int",
    "int, int, int, int, int, ..., double, int",
    "int, int, int, int, int, int, int, ..., double, int64_t",
    "int, int, int, int, int, int, int, int, int, ..., double, int, int64_t",
    "float, int, ..., double, int",
    "int64_t, struct s9, int, ..., long double, int, long double, int64_t",
    "struct s8l, int, ..., int, int, long double, double, int, long double, int, double",
    "int, ..., struct s9, int, struct s8l, struct s5, int, struct s12",
    "int, ..., struct s3, struct s8l, struct s13, struct s7, struct s1",
]
BASICS = ["bool", "int8_t", "uint8_t", "int16_t", "uint16_t", "int", "uint32_t", "int64_t", "uint64_t", "char", "void *"]
FLOATING = ["float", "double"]
POOL = BASICS + 3 * FLOATING + NAMED + ["long double", "k_timeout_t"]
READABLE = ["int", "unsigned", "int64_t", "uint64_t", "double", "void *", "long double"]
"""What `VarArgs` reads. Structs as variable arguments are only passed, as bytes."""
RESULTS = ["void", *BASICS, *FLOATING, "long double", *NAMED, "k_timeout_t", "enum color"]


@dataclass(frozen=True)
class Signature:
    """A function's type.

    Attributes:
        number: Which one it is.
        result: C text.
        named: C text of the named parameters.
        variable: Of what is passed for ``...``.
        variadic: Whether it has ``...``.
    """

    number: int
    result: str
    named: tuple[str, ...]
    variable: tuple[str, ...] = ()
    variadic: bool = False

    def __str__(self) -> str:
        return f"{self.number}: {self.result} f({', '.join([*self.named, *['...'] * self.variadic, *self.variable])})"

    @property
    def types(self) -> tuple[str, ...]:
        """Of all arguments."""
        return self.named + self.variable

    @property
    def readable(self) -> bool:
        """Whether Python can read all of its variable arguments."""
        return set(READABLE).issuperset(self.variable)

    @property
    def parameters(self) -> str:
        """C text."""
        return ", ".join([*self.named, *["..."] * self.variadic]) or "void"

    def prototype(self, model: DataModel) -> Prototype:
        """Read from its text."""
        function = f"{self.result} f({self.parameters})"
        return parse_prototype(f"{_defined(function)} {function};", model=model)


def _defined(text: str) -> str:
    """The definitions that a text needs, those they need themselves first."""
    tags = re.findall(r"(?:struct|union|enum) \w+", text)
    found: list[str] = []
    for tag in tags:
        inner = _defined(TAGS[tag].partition("{")[2])
        found += [line for line in [*inner.split("\n"), TAGS[tag]] if line and line not in found]
    return "\n".join(found)


def _texts() -> Iterator[str]:
    """The same in every run: a failure must come back."""
    yield from HANDWRITTEN
    source = random.Random(20261124)
    while True:
        named = source.choices(POOL, k=source.randint(1, 11))
        yield ", ".join(named)
        yield ", ".join(named + source.choices(BASICS, k=source.randint(1, 4)))
        yield ", ".join([*source.choices(POOL, k=source.randint(0, 5)), "int", "...", *source.choices(READABLE, k=6)])


def _signature(number: int, text: str) -> Signature:
    named, dots, variable = text.partition("...")
    pieces = [tuple(word for word in part.strip(" ,").split(", ") if word) for part in (named, variable)]
    return Signature(number, RESULTS[number % len(RESULTS)], *pieces, variadic=bool(dots))


SIGNATURES = [_signature(number, text) for number, text in zip(range(COUNT), _texts(), strict=False)]


# C code ---------------------------------------------------------------------------------------------------------------


def functions(signature: Signature) -> str:
    """``take_N`` and ``give_N``."""
    number, result = signature.number, signature.result
    names = [f"argument_{number}_{index}" for index in range(len(signature.types))]
    lines = [f"{kind} {name};" for kind, name in zip(signature.types, names, strict=True)]
    if result != "void":
        lines.append(f"{result} result_{number};")
    lines.append(_take(signature, names))
    stored = "" if result == "void" else f"result_{number} = "
    passed = f"(({result} (*)({signature.parameters}))answer)({', '.join(names)})"
    lines.append(f"void give_{number}(void) {{ {stored}{passed}; }}")
    if signature.variadic:
        lines.append(_list(signature, names))
    return "\n".join(lines)


def _take(signature: Signature, names: Sequence[str]) -> str:
    count = len(signature.named)
    parameters = [f"{kind} a{index}" for index, kind in enumerate(signature.named)] + ["..."] * signature.variadic
    body = [f"{name} = a{index};" for index, name in enumerate(names[:count])]
    if signature.variadic:
        body.append(f"va_list ap; va_start(ap, a{count - 1});")
        body += [f"{name} = va_arg(ap, {kind});" for name, kind in zip(names[count:], signature.variable, strict=True)]
        body.append("va_end(ap);")
    if signature.result != "void":
        body.append(f"return result_{signature.number};")
    return f"{signature.result} take_{signature.number}({', '.join(parameters) or 'void'}) {{ {' '.join(body)} }}"


def _list(signature: Signature, names: Sequence[str]) -> str:
    number, last = signature.number, f"a{len(signature.named) - 1}"
    parameters = ", ".join([f"{kind} a{index}" for index, kind in enumerate(signature.named)] + ["..."])
    passed_on = f"va_list ap; va_start(ap, {last}); ((void (*)(va_list))answer)(ap); va_end(ap);"
    return (
        f"static __attribute__((noinline)) void pass_{number}({parameters}) {{ {passed_on} }}\n"
        f"void list_{number}(void) {{ pass_{number}({', '.join(names)}); }}"
    )


def source() -> str:
    """A C file with the functions of all signatures."""
    timeout = "typedef struct { int64_t ticks; } k_timeout_t;"
    return "\n".join([timeout, DEFINITIONS, *(functions(signature) for signature in SIGNATURES)])


# Values ---------------------------------------------------------------------------------------------------------------


@cache
def variable_types(signature: Signature, model: DataModel) -> list[CType]:
    """Of what is passed for ``...``."""
    text = ", ".join(signature.variable)
    return [item.type for item in parse_prototype(f"{_defined(text)} void f({text});", model=model).parameters]


def sample(ctype: CType, seed: int) -> tuple[Value, bytes]:
    """A value of a type and its bytes in memory, by other means than those that are tested; differs by seed."""
    match ctype:
        case Integer(boolean=True):
            return bool(seed % 2), bytes([seed % 2])
        case Integer(size=size, signed=signed):
            low = -(1 << 8 * size - 1) if signed else 0
            big = 0x1122334455667788 % (1 << 8 * size - 1) + seed % 7
            value = (low, low + (1 << 8 * size) - 1, low + seed % 97, big)[seed % 4]
            return value, value.to_bytes(size, "little", signed=signed)
        case Pointer():
            return 0x20000000 + seed, struct.pack("<I", 0x20000000 + seed)
        case Float(_, size):
            number = (seed * 0.25 - 2) * (-1) ** seed
            return number, _float_bytes(number, size)
        case Struct():
            data = bytes_of(ctype, seed)
            return data, data
        case _:
            return None, b""


def _float_bytes(number: float, size: int) -> bytes:
    if size < 16:
        return struct.pack("<f" if size == 4 else "<d", number)
    if not number:
        return bytes(16)
    digits, exponent = number.hex().lstrip("-").removeprefix("0x1.").split("p")
    sign = "1" if number < 0 else "0"
    return int(f"{sign}{int(exponent) + 16383:015b}{int(digits, 16):052b}" + "0" * 60, 2).to_bytes(16, "little")


def bytes_of(ctype: Struct, seed: int) -> bytes:
    """A struct whose members, and array elements, are all set and whose padding is 0."""
    data = bytearray(ctype.size)
    for index, member in enumerate(ctype.members):
        kind, count = (member.type.element, member.type.count) if isinstance(member.type, Array) else (member.type, 1)
        for step in range(count):
            piece = sample(kind, seed + 5 * index + step)[1]
            at = member.offset + step * kind.size
            data[at : at + len(piece)] = piece
    return bytes(data)
