"""Allocators over guest bytes, to the byte as the device has them."""

from llext.heap.growth import GrowingHeap
from llext.heap.sys_heap import UNIT, SysHeap, Variant

__all__ = ["UNIT", "GrowingHeap", "SysHeap", "Variant"]
