"""A stock zephyr.elf, read and asked: what it exports, how its loader works, whether it will load an extension."""

from llext.firmware.check import STORAGES, Import, Result, Verdict, check
from llext.firmware.exports import Export, ExportTable
from llext.firmware.facts import Fact
from llext.firmware.firmware import Firmware, HeapPlace
from llext.firmware.memory import HeapUse, Request

__all__ = [
    "STORAGES",
    "Export",
    "ExportTable",
    "Fact",
    "Firmware",
    "HeapPlace",
    "HeapUse",
    "Import",
    "Request",
    "Result",
    "Verdict",
    "check",
]
