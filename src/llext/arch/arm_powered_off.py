"""Firmware of Cortex-M without its device. Address ranges are those of the architecture's memory map (Armv7-M B3.1)."""

from __future__ import annotations

from llext.arch.arm_attributes import TAG_ABI_VFP_ARGS, attributes
from llext.arch.powered_off import PoweredOff
from llext.elf import ElfFile


def _float_abi(elf: ElfFile) -> str:
    return "hard" if (attributes(elf) or {}).get(TAG_ABI_VFP_ARGS) == 1 else "soft"


POWERED_OFF = PoweredOff(
    models={
        "CPU_CORTEX_M0": "ARM_CORTEX_M0",
        "CPU_CORTEX_M0PLUS": "ARM_CORTEX_M0",
        "CPU_CORTEX_M1": "ARM_CORTEX_M0",
        "CPU_CORTEX_M3": "ARM_CORTEX_M3",
        "CPU_CORTEX_M4": "ARM_CORTEX_M4",
        "CPU_CORTEX_M7": "ARM_CORTEX_M7",
        "CPU_CORTEX_M23": "ARM_CORTEX_M33",
        "CPU_CORTEX_M33": "ARM_CORTEX_M33",
        "CPU_CORTEX_M52": "ARM_CORTEX_M33",
        "CPU_CORTEX_M55": "ARM_CORTEX_M33",
        "CPU_CORTEX_M85": "ARM_CORTEX_M33",
    },
    model="ARM_CORTEX_M33",
    float_abi=_float_abi,
    newer=frozenset({"CPU_CORTEX_M52", "CPU_CORTEX_M55", "CPU_CORTEX_M85"}),
    foreign=(
        ("CPU_CORTEX_R", "a Cortex-R"), ("CPU_AARCH32_CORTEX_R", "a Cortex-R"), ("CPU_CORTEX_A", "a Cortex-A"),
        ("CPU_AARCH32_CORTEX_A", "a Cortex-A"),
    ),
    quiet=((0xE0000000, 0x100000),),  # the private peripheral bus: caches, MPU, interrupts, cycle counter
    spare=((0x20000000, 0x40000000), (0x60000000, 0xA0000000), (0x10000, 0x20000000)),
)  # fmt: skip
