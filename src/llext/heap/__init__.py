"""Allocators over guest bytes, to the byte as the device has them."""

from llext.heap.sys_heap import SysHeap, Variant

__all__ = ["SysHeap", "Variant"]
