"""The C data model: types, prototypes, calls, structures, the service catalogue."""

from llext.abi.calls import CallLayout, layout
from llext.abi.codecs import Value
from llext.abi.frames import Frame
from llext.abi.places import Place
from llext.abi.prototypes import K_TIMEOUT, Parameter, Prototype, parse_prototype
from llext.abi.types import (
    INT,
    Array,
    CType,
    Float,
    Function,
    Integer,
    Member,
    Pointer,
    Struct,
    Void,
    base_type,
    declaration,
    struct,
)
from llext.abi.varargs import VaList, VarArgs
from llext.arch.arm import DATA_MODEL as ARM
from llext.arch.convention import DataModel

__all__ = [
    "ARM",
    "INT",
    "K_TIMEOUT",
    "Array",
    "CType",
    "CallLayout",
    "DataModel",
    "Float",
    "Frame",
    "Function",
    "Integer",
    "Member",
    "Parameter",
    "Place",
    "Pointer",
    "Prototype",
    "Struct",
    "VaList",
    "Value",
    "VarArgs",
    "Void",
    "base_type",
    "declaration",
    "layout",
    "parse_prototype",
    "struct",
]
