"""Allocators over guest bytes, to the byte as the device has them."""

from llext.heap.sys_heap import SysHeap

__all__ = ["SysHeap"]
