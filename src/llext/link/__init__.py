"""ELF file -> Plan -> linked bytes. Pure and deterministic; knows no machine."""

from llext.link.apply import Placed, Symbol, apply
from llext.link.plan import Allocation, Note, Plan, Region, RegionKind, allocations, exported_names, kind_of, plan
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
