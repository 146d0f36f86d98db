"""A stock zephyr.elf, read and asked: what it exports, how its loader works, whether it will load an extension."""

from llext.firmware.check import STORAGES, check
from llext.firmware.exports import Export, ExportTable
from llext.firmware.facts import Fact
from llext.firmware.firmware import Firmware
from llext.firmware.heap_place import HeapPlace, given_heap
from llext.firmware.memory import HeapUse, Request
from llext.firmware.types import TypeDifference
from llext.firmware.verdict import Compared, Import, Result, Saving, Verdict

__all__ = [
    "STORAGES",
    "Compared",
    "Export",
    "ExportTable",
    "Fact",
    "Firmware",
    "HeapPlace",
    "HeapUse",
    "Import",
    "Request",
    "Result",
    "Saving",
    "TypeDifference",
    "Verdict",
    "check",
    "given_heap",
]
