"""Reports for people: what a guest fault was."""

from llext.debug.fault import fault_text

__all__ = ["fault_text"]
