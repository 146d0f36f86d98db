"""ELF file -> Plan -> linked bytes. Pure and deterministic; knows no machine."""

from llext.link.apply import Placed, Symbol, apply
from llext.link.notes import Note
from llext.link.plan import Plan, Region, plan
from llext.link.regions import RegionKind, kind_of
from llext.link.requests import Allocation, allocations, exported_names
from llext.link.rules import NEWEST, VERSIONS, StockRules, stock_rules

__all__ = [
    "NEWEST",
    "VERSIONS",
    "Allocation",
    "Note",
    "Placed",
    "Plan",
    "Region",
    "RegionKind",
    "StockRules",
    "Symbol",
    "allocations",
    "apply",
    "exported_names",
    "kind_of",
    "plan",
    "stock_rules",
]
