"""What to do about a name that a firmware does not have: whether it is there unexported, which option brings it, what looks like it."""

from __future__ import annotations

import re
from collections.abc import Collection

from llext.elf import constants as c
from llext.errors import nearest
from llext.firmware.exports import Export
from llext.firmware.image import FirmwareImage

TWO_SPELLINGS = {
    "printf": "printk",
    "snprintf": "snprintk",
    "vsnprintf": "vsnprintk",
    "malloc": "k_malloc",
    "free": "k_free",
    "calloc": "k_calloc",
}
"""Names of which a firmware may export only the kernel's spelling."""
_OPTIONS = (
    (r"k_(malloc|calloc|realloc|free|aligned_alloc)", "HEAP_MEM_POOL_SIZE=4096"),
    (r"(k_poll|k_poll_\w+)", "POLL=y"),
    (r"k_event_\w+", "EVENTS=y"),
    (r"k_pipe_\w+", "PIPES=y"),
    (r"k_thread_name_\w+", "THREAD_NAME=y"),
    (r"k_thread_custom_data_\w+", "THREAD_CUSTOM_DATA=y"),
    (r"k_thread_foreach\w*", "THREAD_MONITOR=y"),
    (r"k_thread_stack_(alloc|free)", "DYNAMIC_THREAD=y"),
    (r"k_thread_stack_space_get", "INIT_STACKS=y"),
    (r"k_(thread|threads)_runtime_stats\w*", "THREAD_RUNTIME_STATS=y"),
    (r"k_thread_deadline_set", "SCHED_DEADLINE=y"),
    (r"k_mem_domain_\w+", "USERSPACE=y"),
    (r"sys_heap_runtime_stats_\w+", "SYS_HEAP_RUNTIME_STATS=y"),
    (r"(z_log|log)_\w+", "LOG=y"),
    (r"__device_dts_ord_\w+", "LLEXT_EXPORT_DEVICES=y"),
    (r"sys_(rand|csrand)\w*", "ENTROPY_GENERATOR=y"),
    (r"(zsock_\w+|socket|connect|bind|send|recv|sendto|recvfrom)", "NET_SOCKETS=y"),
    (r"flash_area_\w+", "FLASH_MAP=y"),
    (r"fs_\w+", "FILE_SYSTEM=y"),
    (r"shell_\w+", "SHELL=y"),
    (r"wdt_\w+", "WATCHDOG=y"),
    (r"uart_\w+", "SERIAL=y"),
    (r"console_\w+", "CONSOLE_SUBSYS=y"),
    (r"(?P<subsystem>gpio|i2c|spi|adc|dac|pwm|sensor|flash|can|counter|rtc|display|video|input|led|regulator|nvs|settings|hwinfo|zbus|dma|i2s)_\w+", ""),
    (r"crc\d\w*", "CRC=y"),
    (r"base64_\w+", "BASE64=y"),
)  # fmt: skip
"""Functions of Zephyr, and the option that a prj.conf sets for them."""
_LIBC = re.compile(
    r"(str|mem)\w+|abs|labs|atoi|atol|strtol|strtoul|qsort|bsearch|snprintf|printf|sprintf|sscanf|is[a-z]+|to(lower|upper)"
)
_HELPER = re.compile(r"__aeabi_\w+|__\w*[sdt][if][23]|__\w*(div|mod|mul|float|fix)\w*[sdt][if]\w*")


def option_for(name: str) -> str:
    """The line of a prj.conf that brings a function of Zephyr; empty if it is none of those that an option brings."""
    bare = name.removeprefix("z_impl_")
    for pattern, option in _OPTIONS:
        found = re.fullmatch(pattern, bare)
        if found:
            return f"CONFIG_{option or found['subsystem'].upper() + '=y'}"
    return ""


def advice(name: str, near: Collection[str], entry: Export | None, image: FirmwareImage) -> str:
    """What to do about a missing name.

    Args:
        name: It.
        near: Names that look like it.
        entry: An export of that name which stands for nothing.
        image: The firmware.
    """
    return " ".join(filter(None, (_close(name, near), _how(name, entry, image))))


def names_near(name: str, known: Collection[str]) -> list[str]:
    """Names that look like one, the kernel's spelling of a C library's function first."""
    other = TWO_SPELLINGS.get(name, "")
    found = nearest(name, dict.fromkeys(known))
    return ([other] if other in known and other not in found else []) + found


def _close(name: str, near: Collection[str]) -> str:
    other = TWO_SPELLINGS.get(name)
    spelled = f" The firmware exports {other}." if other in near else ""
    return f"did you mean {' or '.join(near)}?{spelled}" if near else ""


def _how(name: str, entry: Export | None, image: FirmwareImage) -> str:
    option = option_for(name)
    unset = option and not image.option(option.removeprefix("CONFIG_").partition("=")[0]).value
    if entry is not None:
        return f"The table has it without an implementation{f': {option} brings one' if unset else ''}."
    own = image.symbols.get(name)
    if own is not None and own.section not in (c.SHN_UNDEF, c.SHN_ABS):
        return f"It is in the firmware, at {own.value:#010x}, and not exported. A line in the firmware gives it: EXPORT_SYMBOL({name});"
    if _HELPER.fullmatch(name):
        return "It is a helper of the compiler: 'llext build' links those, unless --helpers import; the firmware has others."
    group = _group(name, image)
    if group:
        return f"{group} exports it with its kind."
    line = f"A line in the firmware gives it: EXPORT_SYMBOL({name});"
    return f"{option} may bring it; else a line in the firmware: EXPORT_SYMBOL({name});" if unset else line


def _group(name: str, image: FirmwareImage) -> str:
    """The option of a group of exports that is off (Zephyr 4.3 and later have groups), in which a name is."""
    groups = [each for each in image.symbols if each.startswith("CONFIG_LLEXT_EXPORT_SYMBOL_GROUP_")]
    kind = "SYSCALL" if name.startswith("z_impl_") else "LIBC" if _LIBC.fullmatch(name) else ""
    option = f"CONFIG_LLEXT_EXPORT_SYMBOL_GROUP_{kind}"
    return f"{option}=y" if kind and groups and option not in groups else ""
