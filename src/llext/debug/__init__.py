"""Reports for people: what a guest fault was."""

from llext.debug.fault import coloured, fault_facts, fault_text, plain

__all__ = ["coloured", "fault_facts", "fault_text", "plain"]
