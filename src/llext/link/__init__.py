"""ELF file -> Plan -> linked bytes. Pure and deterministic; knows no machine."""

from llext.link.annexes import Annex
from llext.link.apply import apply
from llext.link.notes import Note, weak_note
from llext.link.plan import Plan, Region, plan
from llext.link.regions import ARRAYS, TABLES, RegionKind, kind_of
from llext.link.requests import Allocation, allocations, exported_names
from llext.link.rules import NEWEST, VERSIONS, StockRules, stock_rules
from llext.link.symbols import Placed, Symbol
from llext.link.veneers import branch_fields

__all__ = [
    "ARRAYS",
    "NEWEST",
    "TABLES",
    "VERSIONS",
    "Allocation",
    "Annex",
    "Note",
    "Placed",
    "Plan",
    "Region",
    "RegionKind",
    "StockRules",
    "Symbol",
    "allocations",
    "apply",
    "branch_fields",
    "exported_names",
    "kind_of",
    "plan",
    "stock_rules",
    "weak_note",
]
