"""One file per instruction set, as data: identity, relocations, calling convention, service stub.

A file that defines ``ARCH`` is an instruction set; no list names them.
"""

from importlib import import_module
from pkgutil import iter_modules

from llext.arch.convention import CallingConvention, DataModel
from llext.arch.model import Arch, Chip, Cpu, EmulatorFacts, FatalFacts, FatalWords, Field, Operand, Processor, Reloc, Veneer
from llext.arch.patching import patch, patch_all
from llext.errors import TargetError

_MODULES = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
ARCHES: tuple[Arch, ...] = tuple(module.ARCH for module in _MODULES if hasattr(module, "ARCH"))
"""Every instruction set."""


def arch_of_cpu(name: str) -> Arch | None:
    """The instruction set that knows a board's CPU of this name."""
    return next((arch for arch in ARCHES if name in arch.cpus), None)


def arch_of_machine(machine: int) -> Arch | None:
    """The instruction set of an ELF file's e_machine."""
    return next((arch for arch in ARCHES if arch.machine == machine), None)


def named_chip(name: str, float_abi: str = "") -> Chip:
    """A CPU by the name that compilers know, with or without a board of ours.

    Raises:
        TargetError: no instruction set has such names. Whether the CPU exists, the compiler says.
    """
    for arch in ARCHES:
        cpu = arch.named_cpu(name, float_abi)
        if cpu is not None:
            return Chip(arch, cpu)
    raise TargetError(
        f"no instruction set of ours has a CPU {name!r}",
        hint="a name as compilers take it: cortex-m7, cortex-m55, rv32imac, sifive-e31; or a board of ours: --board.",
    )


__all__ = [
    "ARCHES", "Arch", "CallingConvention", "Chip", "Cpu", "DataModel", "EmulatorFacts", "FatalFacts", "FatalWords", "Field",
    "Operand", "Processor", "Reloc", "Veneer", "arch_of_cpu", "arch_of_machine", "named_chip", "patch", "patch_all",
]  # fmt: skip
