"""One file per instruction set, as data: identity, relocations, calling convention, service stub."""

from llext.arch.arm import ARM
from llext.arch.convention import CallingConvention, DataModel
from llext.arch.model import Arch, Cpu, Reloc

ARCHES = (ARM,)
"""Every instruction set; a new one is one more file and one more entry."""


def arch_of_cpu(name: str) -> Arch | None:
    """The instruction set that knows a CPU of this name."""
    return next((arch for arch in ARCHES if name in arch.cpus), None)


def arch_of_machine(machine: int) -> Arch | None:
    """The instruction set of an ELF file's e_machine."""
    return next((arch for arch in ARCHES if arch.machine == machine), None)


__all__ = ["ARCHES", "Arch", "CallingConvention", "Cpu", "DataModel", "Reloc", "arch_of_cpu", "arch_of_machine"]
