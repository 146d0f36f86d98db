"""ELF file -> Plan -> linked bytes. Pure and deterministic; knows no machine."""

from llext.link.annexes import Annex
from llext.link.apply import apply
from llext.link.checks import Answer, Check
from llext.link.intel_hex import intel_hex
from llext.link.linked_elf import ElfNote, linked_elf, matches
from llext.link.notes import Note, Notes, note_dependencies, note_exports, note_name, note_weak
from llext.link.plan import Plan, Region, plan
from llext.link.regions import ARRAYS, DETACHABLE, TABLES, Detached, Home, RegionKind, kind_of, permission_of
from llext.link.requests import Allocation, allocations, exported_names
from llext.link.rules import NEWEST, VERSIONS, StockRules, stock_rules
from llext.link.symbols import Placed, Symbol
from llext.link.veneers import branch_fields
from llext.link.verdicts import stock_notes

__all__ = [
    "ARRAYS",
    "DETACHABLE",
    "NEWEST",
    "TABLES",
    "VERSIONS",
    "Allocation",
    "Annex",
    "Answer",
    "Check",
    "Detached",
    "ElfNote",
    "Home",
    "Note",
    "Notes",
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
    "intel_hex",
    "kind_of",
    "linked_elf",
    "matches",
    "note_dependencies",
    "note_exports",
    "note_name",
    "note_weak",
    "permission_of",
    "plan",
    "stock_notes",
    "stock_rules",
]
