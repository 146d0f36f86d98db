"""A CPU with memory: read, write, protect, call. Back end: the Unicorn emulator."""

from llext.machine.events import Event
from llext.machine.machine import Handler, Machine
from llext.machine.memory import GuestMemory, Permission, Rights
from llext.machine.naming import STACK_GUARD_BYTES, Stack
from llext.machine.registers import MachineFault

__all__ = ["STACK_GUARD_BYTES", "Event", "GuestMemory", "Handler", "Machine", "MachineFault", "Permission", "Rights", "Stack"]
