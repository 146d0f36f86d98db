"""What the linker says of an application that cannot be linked, in words: what is missing and where it is asked for, what is
twice, which memory is too small and what takes most of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from llext.abi.catalogue import SERVICES
from llext.build.firmware.services import OF_OPTIONS
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import LlextError, nearest

_ERROR = re.compile(r"ld\.lld: error: (?P<what>.*)")
_OVERFLOW = re.compile(
    r"section '(?P<section>[^']+)' will not fit in region '(?P<region>[^']+)': overflowed by (?P<bytes>\d+) bytes"
)
_UNDEFINED = re.compile(r"undefined symbol: (?P<name>.+)")
_DUPLICATE = re.compile(r"duplicate symbol: (?P<name>.+)")
_ORPHAN = re.compile(r"(?P<object>.+?):\((?P<section>.+)\) is being placed in '(?P<name>.+)'")
_LISTED = re.compile(r"\._(?P<name>\w+)\.static\.\w+$")
_BOUNDS = re.compile(r"_(\w+)_list_(?:start|end)")
_ENDS = re.compile(r"__(?:start|stop)_(\w+)")
_AT = re.compile(r">>> (?:referenced by|defined at|defined in) (?:.+? \((?P<place>.+:\d+)\)|(?P<object>.+))")
_FIRMWARE = re.compile(r"\blibzephyr\.a\b|\bzephyr/(?:services|configuration|exports|board)\.o\b")
"""What every firmware is linked with."""
_KERNEL = {
    "z_main_stack": ("main's stack", "CONFIG_MAIN_STACK_SIZE"), "z_interrupt_stacks": ("stack of interrupts", "CONFIG_ISR_STACK_SIZE"),
    "sys_work_q_stack": ("stack of the system work queue", "CONFIG_SYSTEM_WORKQUEUE_STACK_SIZE"),
    "logging_stack": ("stack of the log's thread", "CONFIG_LOG_PROCESS_THREAD_STACK_SIZE"),
    "kheap__system_heap": ("heap of k_malloc", "CONFIG_HEAP_MEM_POOL_SIZE"),
    "kheap_llext_heap": ("heap of extensions", "CONFIG_LLEXT_HEAP_SIZE"),
}  # fmt: skip
"""What of the linker script takes RAM, by the options that say how much."""
_SHOWN = 8
"""Symbols that are shown of what is too large."""


def link_reason(lines: Sequence[str], app: Path, build: Path) -> tuple[str, str]:
    """What is wrong, and what to do about it; empty where the linker said nothing.

    Args:
        lines: What the tools printed.
        app: The application's folder.
        build: The build folder.
    """
    errors = [(index, found["what"]) for index, line in enumerate(lines) if (found := _ERROR.match(line))]
    if not errors:
        return "", ""
    overflows = [found for _, what in errors if (found := _OVERFLOW.match(what))]
    if overflows:
        return _too_large(overflows, build)
    index, what = errors[0]
    places = list(_places(lines[index + 1 :]))
    undefined, duplicate, orphan = _UNDEFINED.match(what), _DUPLICATE.match(what), _ORPHAN.match(what)
    if undefined:
        others = [found["name"] for _, other in errors[1:] if (found := _UNDEFINED.match(other))]
        return _undefined(undefined["name"], places, others)
    if duplicate:
        return _twice(duplicate["name"], lines[index + 1 :], app)
    listed = orphan and _LISTED.match(orphan["section"])
    if listed:
        return _no_list(listed["name"])
    if orphan:
        return _nowhere(orphan["name"], _in_text(app, _source(orphan["object"]), f'"{re.escape(orphan["name"])}"'))
    return f"the linker refuses it: {what}", ""


def _places(lines: Sequence[str]) -> Iterator[str]:
    """Where the symbol of an error stands: file:line of sources, names of objects."""
    seen = set()
    for line in lines:
        if not line.startswith(">>>"):
            return
        found = _AT.match(line)
        place = (found["place"] or _source(found["object"])) if found else ""
        if place and place not in seen:
            seen.add(place)
            yield place


def _nowhere(section: str, place: str) -> tuple[str, str]:
    """A section that the linker script has no place for."""
    return (
        f"{place}: no memory is meant for section {section!r}",
        f"zephyr_linker_sources(DATA_SECTIONS more.ld) in CMakeLists.txt gives it one, with this line in more.ld: {section.lstrip('.')} : "
        f"{{ KEEP(*({section})) }} > RAM AT> FLASH. Or is it named after a memory region of the devicetree? A mistyped label leaves such a name.",
    )


def _in_text(app: Path, source: str, pattern: str) -> str:
    """A source of which the linker knows no line, with the first line that has what is looked for, if that is one of the application's."""
    path = app / source
    with suppress(OSError):
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if re.search(pattern, line) and "extern" not in line:
                return f"{path}:{number}"
    return source


def _twice(name: str, lines: Sequence[str], app: Path) -> tuple[str, str]:
    """A name with two definitions; one of them may be the firmware's own, in a file that no user knows."""
    block = "\n".join(takewhile(lambda line: line.startswith(">>>"), lines))
    definitions = [f">>> defined {each}" for each in block.split(">>> defined ")[1:]]
    own = [each.partition("\n")[0] for each in definitions if not _FIRMWARE.search(each)]
    places = _places(own)
    where = ", ".join(_in_text(app, place, rf"\b{re.escape(name)}\b") for place in places)
    if len(own) < len(definitions):
        words = f"{where}: {name} is a name of the firmware's own, which every application has"
        return words, "give it another name; or make it static, if it is used in that file only."
    return f"{where}: {name} is defined twice", "a name may be defined once: make one of them static, or rename it."


def _source(name: str) -> str:
    """The source of an object in CMake's folders."""
    return re.sub(r"^.*CMakeFiles/[^/]+\.dir/", "", name.partition(":(")[0]).removesuffix(".obj")


def _undefined(name: str, places: Sequence[str], others: Sequence[str]) -> tuple[str, str]:
    """A name that nobody defines."""
    if name == "main":
        return (
            "no source defines main",
            "an application begins in int main(void); its source stands in target_sources(app PRIVATE ...).",
        )
    place = f"{places[0]}: " if places else ""
    if name in OF_OPTIONS:
        words, line = OF_OPTIONS[name]
        return f"{place}{words.format(name)}", f"write in prj.conf: {line}"
    ends = _ENDS.fullmatch(name)
    if ends:
        return f"{place}{name} is a bound of a section named {ends[1]!r}, which is not there", _bounds_hint(ends[1])
    bounds = _BOUNDS.fullmatch(name)
    if bounds:
        words, hint = _no_list(bounds[1])
        return (f"{places[0]}: " if places else "") + words, hint
    known = [each for spec in SERVICES for each in spec.names if not each.startswith("z_")]
    near = {each: found for each in (name, *others) if (found := nearest(each, known, 3))}
    guesses = "".join(f"{f'{each}: ' if others else ''}did you mean {' or '.join(found)}? " for each, found in near.items())
    further = f", nor {', '.join(others)}" if others else ""
    hint = f"{guesses}{'Else a' if near else 'a'} source that defines it is missing in target_sources(app PRIVATE ...)."
    return f"{place}nothing defines {name}{further}", hint


def _bounds_hint(section: str) -> str:
    return (
        f'it takes a variable that has __attribute__((used, section("{section}"))), and a line in a file of '
        f"zephyr_linker_sources(DATA_SECTIONS more.ld): {section} : {{ KEEP(*({section})) }} > RAM AT> FLASH."
    )


def _no_list(name: str) -> tuple[str, str]:
    """Objects of an iterable section that no linker script knows."""
    return (
        f"nothing says where the objects of struct {name} go (STRUCT_SECTION_ITERABLE)",
        f"write zephyr_iterable_section(NAME {name}) in CMakeLists.txt, with GROUP RODATA_REGION for constant ones;"
        " or ITERABLE_SECTION_RAM or _ROM in a file of zephyr_linker_sources.",
    )


def _too_large(overflows: Sequence[re.Match[str]], build: Path) -> tuple[str, str]:
    """A memory that is too small, and what takes most of it."""
    most = max(overflows, key=lambda found: int(found["bytes"]))
    region = most["region"]
    rows = sorted(_largest(build, region), reverse=True)[:_SHOWN]
    shown = "".join(f"\n    {size:>10} {name} ({file})" for size, name, file in rows)
    return (
        f"the firmware is too large for {region}: by {int(most['bytes'])} bytes",
        f"what takes most of it:{shown}" if rows else "make stacks, heaps and arrays smaller.",
    )


def _largest(build: Path, region: str) -> Iterator[tuple[int, str, str]]:
    """(bytes, name, where it is from) of what lies in a memory: the application's symbols, the kernel's stacks and heaps."""
    for path in build.rglob("*.obj"):
        if path.is_relative_to(build / "CMakeFiles") and "_llext_lib.dir" in str(path):
            continue
        try:
            elf = ElfFile.parse(path.read_bytes(), path.name)
        except (LlextError, OSError):
            continue
        for symbol in elf.symbols:
            if symbol.size and 0 < symbol.section < len(elf.sections) and not symbol.name.startswith(".L"):
                section = elf.sections[symbol.section]
                if section.flags & c.SHF_ALLOC and region in _regions(section.name, section.type, section.flags):
                    yield symbol.size, symbol.name, path.name.removesuffix(".obj")
    if region == "RAM":
        yield from _kernel_parts(build / "zephyr" / "linker.cmd")


def _regions(name: str, kind: int, flags: int) -> tuple[str, ...]:
    """Where a section goes; one that is no usual one is named after its memory region."""
    if not name.startswith("."):
        return (name.strip('"').partition(".")[0],)
    if not flags & c.SHF_WRITE:
        return ("FLASH",)
    return ("RAM",) if kind == c.SHT_NOBITS else ("RAM", "FLASH")


def _kernel_parts(script: Path) -> Iterator[tuple[int, str, str]]:
    text = script.read_text("utf-8") if script.is_file() else ""
    for name, size in re.findall(r"(\w+) = \.; \. \+= (\d+);", text):
        if name in _KERNEL and int(size):
            yield (int(size), *_KERNEL[name])
