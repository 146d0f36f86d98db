"""Arm's build attributes (ADDENDA32 section 3.3), and what they say about where a file can run."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache

from llext.arch.built_for import BuiltFor, Misfit
from llext.arch.model import Cpu
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.elf.leb128 import uleb

TAG_CPU_ARCH, TAG_CPU_ARCH_PROFILE, TAG_ABI_VFP_ARGS = 6, 7, 28
_TAG_FP_ARCH, _TAG_WCHAR, _TAG_ENUM, _TAG_FP_USE, _TAG_DSP = 10, 18, 26, 27, 46
_TEXT_TAGS = {4, 5, 65, 67}
_ARCHITECTURES = {
    0: "pre-v4", 1: "v4", 2: "v4T", 3: "v5T", 4: "v5TE", 5: "v5TEJ", 6: "v6", 7: "v6KZ", 8: "v6T2", 9: "v6K",
    10: "v7", 11: "v6-M", 12: "v6S-M", 13: "v7E-M", 14: "v8-A", 15: "v8-R", 16: "v8-M.base", 17: "v8-M.main",
    21: "v8.1-M.main",
}  # fmt: skip
_RUNS = {
    "v6-M": {11, 12},
    "v7-M": {10, 11, 12},
    "v7E-M": {10, 11, 12, 13},
    "v8-M.main": {10, 11, 12, 16, 17},
}
"""Which Tag_CPU_arch values a CPU of an architecture executes; v7-M files say v7 (10) with the M profile."""


_FOREIGN_PROFILES = {ord("A"): "-A", ord("R"): "-R"}


def _pairs(data: bytes) -> Iterator[tuple[int, int]]:
    """Numeric (tag, value) pairs of a file-scope attribute list; strings are stepped over."""
    at = 0
    while at < len(data):
        tag, at = uleb(data, at)
        if tag in _TEXT_TAGS or (tag > 32 and tag % 2):
            end = data.find(b"\0", at)
            at = end + 1 if end >= 0 else len(data)
            continue
        value, at = uleb(data, at)
        if tag == 32:  # Tag_compatibility: a number, then a string
            end = data.find(b"\0", at)
            at = end + 1 if end >= 0 else len(data)
        yield tag, value


def attributes(elf: ElfFile) -> Mapping[int, int] | None:
    """The file-scope build attributes of the "aeabi" vendor; None if the file has no such section."""
    section = next((section for section in elf.sections if section.type == c.SHT_ARM_ATTRIBUTES), None)
    return None if section is None else _attributes(bytes(elf.contents(section)))


@lru_cache(maxsize=4)  # several ask for those of one file
def _attributes(data: bytes) -> Mapping[int, int] | None:
    end_of_vendor = data.find(b"\0", 5)
    if data[:1] != b"A" or data[5:end_of_vendor] != b"aeabi" or len(data) < end_of_vendor + 6:
        return None
    scope, at = data[end_of_vendor + 1], end_of_vendor + 2
    if scope != 1:  # only Tag_File is of interest; compilers write nothing else
        return None
    size = struct.unpack_from("<I", data, at)[0]
    return dict(_pairs(data[at + 4 : end_of_vendor + 1 + size]))


def incompatibility(elf: ElfFile, cpu: Cpu) -> str | None:
    """Why a CPU cannot run a file or would misunderstand its calls; None if it can."""
    found = attributes(elf)
    if found is None:
        return None
    level, profile = found.get(TAG_CPU_ARCH, 0), _FOREIGN_PROFILES.get(found.get(TAG_CPU_ARCH_PROFILE, 0), "")
    if level and (level not in _RUNS[cpu.architecture] or profile):
        built = _ARCHITECTURES.get(level, f"architecture {level}") + profile
        return f"it is built for Arm {built}, and the board's {cpu.name} executes {cpu.architecture}"
    arguments = found.get(TAG_ABI_VFP_ARGS, 0)
    if arguments in (0, 1) and (arguments == 1) != (cpu.float_abi == "hard"):
        built = "hard" if arguments == 1 else "soft"
        return f"it passes floats by the {built}-float ABI, and the board's {cpu.name} by the {cpu.float_abi}-float ABI"
    return None


def is_baseline(elf: ElfFile) -> bool:
    """Whether a file may run on a CPU with 16-bit Thumb only (v6-M, v8-M baseline); also if it does not say."""
    found = attributes(elf)
    return found is None or found.get(TAG_CPU_ARCH, 0) in (0, 11, 12, 16)


_CPUS = {
    10: "cortex-m3",
    11: "cortex-m0",
    12: "cortex-m0",
    13: "cortex-m4",
    16: "cortex-m23",
    17: "cortex-m33",
    21: "cortex-m55",
}
"""The least CPU of an architecture by Tag_CPU_arch, with the M profile."""
_ABOVE = {
    11: {10, 11, 12, 13, 16, 17, 21},
    12: {10, 12, 13, 16, 17, 21},
    10: {10, 13, 17, 21},
    13: {13, 17, 21},
    16: {16, 17, 21},
    17: {17, 21},
    21: {21},
}
"""Which architectures execute what was built for one. Of 17 only cores with the DSP extension execute all of 13."""
_SINGLE, _SINGLE_UNITS = 1, {6: "fpv4-sp-d16", 8: "fpv5-sp-d16"}
"""Tag_ABI_HardFP_use: single precision only; and such units by Tag_FP_arch."""
_V8_MAIN = 17
_SIZE_FLAGS = {(_TAG_ENUM, 1): "-fshort-enums", (_TAG_WCHAR, 2): "-fshort-wchar"}
_ENUMS = {1: "as small as they can be", 2: "as an int"}


def built_for(elf: ElfFile) -> BuiltFor | None:
    """What a file says of the CPU that it is for; None if it says nothing."""
    found = attributes(elf)
    level = found.get(TAG_CPU_ARCH, 0) if found else 0
    if found is None or level not in _CPUS or found.get(TAG_CPU_ARCH_PROFILE, 0) in _FOREIGN_PROFILES:
        return None
    abi = "hard" if found.get(TAG_ABI_VFP_ARGS, 0) == 1 else "softfp" if found.get(_TAG_FP_ARCH, 0) else "soft"
    words = f"Arm {'v7-M' if level == 10 else _ARCHITECTURES[level]}"
    flags = [flag for (tag, value), flag in _SIZE_FLAGS.items() if found.get(tag) == value]
    if found.get(_TAG_FP_USE, 0) == _SINGLE and found.get(_TAG_FP_ARCH, 0) in _SINGLE_UNITS:
        flags.append(f"-mfpu={_SINGLE_UNITS[found[_TAG_FP_ARCH]]}")
    if level == _V8_MAIN and not found.get(_TAG_DSP, 0):
        flags.append(f"-mcpu={_CPUS[level]}+nodsp")
    return BuiltFor(_CPUS[level], abi, words, ".ARM.attributes", tuple(flags))


def misfits(extension: ElfFile, firmware: ElfFile) -> Iterator[Misfit]:
    """Why a firmware's CPU cannot run an extension, and where both understand calls differently."""
    ours, theirs = attributes(extension), attributes(firmware)
    if ours is None or theirs is None:
        return
    yield from _levels(ours, theirs)
    mine, other = (side.get(TAG_ABI_VFP_ARGS, 0) for side in (ours, theirs))
    if {mine, other} == {0, 1}:
        words = ("soft", "hard") if other else ("hard", "soft")
        yield Misfit(f"it passes floats by the {words[0]}-float ABI, the firmware by the {words[1]}-float ABI")
    if ours.get(_TAG_FP_ARCH, 0) and not theirs.get(_TAG_FP_ARCH, 0):
        yield Misfit(
            "it uses the floating-point unit, which the firmware was built without and may not have turned on", fatal=True
        )
    if _doubles(ours) and theirs.get(_TAG_FP_ARCH, 0) and not _doubles(theirs):
        yield Misfit("it may use doubles in the floating-point unit, and the firmware's has single precision only", fatal=True)
    if ours.get(_TAG_DSP, 0) and not theirs.get(_TAG_DSP, 0) and theirs.get(TAG_CPU_ARCH, 0) == _V8_MAIN:
        yield Misfit("it uses the DSP extension, which the firmware was built without", fatal=True)
    for tag, what, names in ((_TAG_ENUM, "enums", _ENUMS), (_TAG_WCHAR, "wchar_t", {2: "2 bytes", 4: "4 bytes"})):
        if ours.get(tag, 0) in names and theirs.get(tag, 0) in names and ours[tag] != theirs[tag]:
            yield Misfit(f"it has {what} {names[ours[tag]]}, the firmware {names[theirs[tag]]}")


def _doubles(found: Mapping[int, int]) -> bool:
    """Whether a file was built for a floating-point unit with double precision: Tag_ABI_HardFP_use 0 is what Tag_FP_arch has."""
    return bool(found.get(_TAG_FP_ARCH, 0)) and found.get(_TAG_FP_USE, 0) != _SINGLE


def _levels(ours: Mapping[int, int], theirs: Mapping[int, int]) -> Iterator[Misfit]:
    mine, other = ours.get(TAG_CPU_ARCH, 0), theirs.get(TAG_CPU_ARCH, 0)
    foreign = _FOREIGN_PROFILES.get(ours.get(TAG_CPU_ARCH_PROFILE, 0), "")
    if theirs.get(TAG_CPU_ARCH_PROFILE, 0) in _FOREIGN_PROFILES:
        return
    if mine and other and (other not in _ABOVE.get(mine, {other}) or foreign):
        built, runs = (_ARCHITECTURES.get(level, f"architecture {level}") for level in (mine, other))
        yield Misfit(f"it is built for Arm {built}{foreign}, the firmware for {runs}", fatal=True)
