"""A stock zephyr.elf, read and asked: what it exports, how its loader works, whether it will load an extension."""

from llext.firmware.check import STORAGES, check
from llext.firmware.exports import Export, ExportTable
from llext.firmware.facts import Fact
from llext.firmware.firmware import Firmware
from llext.firmware.heap_place import HeapPlace, given_heap
from llext.firmware.identity import Identity
from llext.firmware.memory import HeapUse, Request
from llext.firmware.prelinked import Copy, FunctionArray, LinkedRegion, Prelinked, Saved, Zeroed
from llext.firmware.types import TypeDifference
from llext.firmware.verdict import Compared, Import, Result, Saving, Verdict

__all__ = [
    "STORAGES",
    "Compared",
    "Copy",
    "Export",
    "ExportTable",
    "Fact",
    "Firmware",
    "FunctionArray",
    "HeapPlace",
    "HeapUse",
    "Identity",
    "Import",
    "LinkedRegion",
    "Prelinked",
    "Request",
    "Result",
    "Saved",
    "Saving",
    "TypeDifference",
    "Verdict",
    "Zeroed",
    "check",
    "given_heap",
]
