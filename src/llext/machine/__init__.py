"""A CPU with memory: read, write, protect, call. Back end: the Unicorn emulator."""

from llext.machine.machine import Handler, Machine
from llext.machine.memory import GuestMemory, Permission, Rights
from llext.machine.registers import MachineFault

__all__ = ["GuestMemory", "Handler", "Machine", "MachineFault", "Permission", "Rights"]
