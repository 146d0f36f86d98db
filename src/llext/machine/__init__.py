"""A CPU with memory: read, write, protect, call. Back end: the Unicorn emulator."""

from llext.machine.machine import STACK_GUARD_BYTES, Handler, Machine
from llext.machine.memory import GuestMemory, Permission, Rights
from llext.machine.registers import MachineFault

__all__ = ["STACK_GUARD_BYTES", "GuestMemory", "Handler", "Machine", "MachineFault", "Permission", "Rights"]
