"""A CPU with memory: read, write, protect, call. Back end: the Unicorn emulator."""

from llext.machine.machine import Handler, Machine, MachineFault
from llext.machine.memory import GuestMemory, Permission, Rights

__all__ = ["GuestMemory", "Handler", "Machine", "MachineFault", "Permission", "Rights"]
