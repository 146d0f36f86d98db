"""A CPU with memory: read, write, protect, call. Back end: the Unicorn emulator."""

from llext.machine.machine import STACK_GUARD_BYTES, Event, Handler, Machine, Stack
from llext.machine.memory import GuestMemory, Permission, Rights
from llext.machine.registers import MachineFault

__all__ = ["STACK_GUARD_BYTES", "Event", "GuestMemory", "Handler", "Machine", "MachineFault", "Permission", "Rights", "Stack"]
