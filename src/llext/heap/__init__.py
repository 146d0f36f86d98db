"""Allocators over guest bytes, to the byte as the device has them."""

from llext.heap.geometry import UNIT, Variant
from llext.heap.growth import GrowingHeap
from llext.heap.inspected import InspectedHeap
from llext.heap.mem_blocks import MemBlocks
from llext.heap.sys_heap import SysHeap

__all__ = ["UNIT", "GrowingHeap", "InspectedHeap", "MemBlocks", "SysHeap", "Variant"]
