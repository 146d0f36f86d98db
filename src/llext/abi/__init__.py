"""The C data model: types, prototypes, calls, structures, the service catalogue."""

from llext.abi.calls import CallLayout, Frame, VaList, VarArgs, layout
from llext.abi.prototypes import Parameter, Prototype, parse_prototype
from llext.abi.types import CType, Float, Integer, Pointer, Struct, Void

__all__ = [
    "CType",
    "CallLayout",
    "Float",
    "Frame",
    "Integer",
    "Parameter",
    "Pointer",
    "Prototype",
    "Struct",
    "VaList",
    "VarArgs",
    "Void",
    "layout",
    "parse_prototype",
]
