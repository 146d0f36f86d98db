"""The linker script of a zephyr.elf: where a board's firmware lies, and the tables that the linker gathers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llext.abi.catalogue.threads import K_THREAD
from llext.abi.catalogue.work import K_WORK_Q
from llext.errors import TargetError
from llext.target import NULL_PAGE_BYTES, Target
from llext.target.tree import Region

SNIPPETS = ("rodata", "rwdata", "noinit", "rom_sections", "data_sections", "ram_sections", "sections")
"""Places for what an application adds (zephyr_linker_sources): files ``snippets-PLACE.ld`` in the build folder."""
LEVELS = ("EARLY", "PRE_KERNEL_1", "PRE_KERNEL_2", "POST_KERNEL", "APPLICATION", "SMP")
_DIGITS = ("?", "??", "???")
ROM_LISTS = ("device", "llext_const_symbol", "init_entry", "gpio_driver_api", "uart_driver_api")
RAM_LISTS = ("k_heap", "k_mem_slab", "static_thread_data")
TRAP_BYTES = 32
"""At the start of flash, nobody's code: where calls and interrupt handlers return to."""


@dataclass(frozen=True)
class Sizes:
    """Bytes, of what the configuration decides."""

    main_stack: int = 1024
    isr_stack: int = 2048
    work_stack: int = 1024
    log_stack: int = 0
    heap_pool: int = 0
    llext_heap: int = 0


def linker_script(target: Target, sizes: Sizes, regions: Sequence[Region] = ()) -> str:
    """The script for a board."""
    rom = max(target.flash.address, NULL_PAGE_BYTES)
    memories = [("FLASH", "rx", rom, target.flash.end - rom), ("RAM", "rw", target.ram.address, target.ram.size)]
    memories += [(area.name, "rw", area.address, area.size) for area in regions]
    lines = "".join(f"  {name} ({rights}) : ORIGIN = {at:#x}, LENGTH = {size:#x}\n" for name, rights, at, size in memories)
    return f"MEMORY {{\n{lines}}}\nENTRY(z_boot)\n{_externs()}SECTIONS {{\n{_rom()}{_ram(target, sizes)}{_regions(regions)}{_rest()}}}\n"


_SECTIONS = {"rom_start", "text", "initlevel", "init_array", "rodata", "kernel_ram", "datas", "bss", "noinit"}
_SECTIONS |= {f"{name}_area" for name in (*ROM_LISTS, *RAM_LISTS)}
"""Names of output sections, which a region's section cannot have too."""


def check_regions(regions: Sequence[Region], place: Callable[[str, str], str]) -> None:
    """Refuses memory regions whose names the script has for something else.

    Args:
        regions: Of the devicetree.
        place: Where a property of a node was said, in words that end in a colon.

    Raises:
        TargetError: there is one.
    """
    seen: dict[str, str] = {}
    for region in regions:
        taken = "the board's own memory" if region.name in ("FLASH", "RAM") else seen.get(region.name, "")
        if not taken and region.name in _SECTIONS:
            taken = "a section of every firmware"
        where = place(region.path, "zephyr,memory-region")
        if not region.name:
            raise TargetError(f"{where}the memory region of {region.path} has no name", hint='name it: zephyr,memory-region = "SHARED";', errno=None)
        if taken:
            message = f"{where}the memory region of {region.path} is named {region.name}, as {taken} is"
            raise TargetError(message, hint='give it another name: zephyr,memory-region = "SHARED";', errno=None)
        seen[region.name] = f"that of {region.path}"


ENTRIES = (
    "z_boot", "z_thread_entry", "z_timer_expired", "z_work_queue_main", "z_work_flusher", "z_work_poll_handler", "z_log_thread",
    "z_empty_string",
)  # fmt: skip
"""What the kernel calls of the guest runtime."""
PARTS = ("boot", "threads", "timers", "work", "log", "foreach")
"""The sources that have it. Each is asked for by a name of its own, so that who else defines an entry defines it twice."""


def _externs() -> str:
    return f"EXTERN({' '.join((*ENTRIES, *(f'z_part_{part}' for part in PARTS)))})\n"


def own_names(script: str) -> frozenset[str]:
    """The symbols that a script defines. The linker would let them take the place of an application's own without a word."""
    return frozenset(re.findall(r"\b(\w+) = [.A-Z]", script))


def _rom() -> str:
    levels = "\n".join(
        f"    __init_{level}_start = .; " + " ".join(f"KEEP(*(SORT_BY_NAME(.z_init_{level}_P_{digits}_SUB_*)))" for digits in _DIGITS)
        for level in LEVELS
    )
    return f"""\
  rom_start : {{ BYTE(0) . += {TRAP_BYTES - 1}; }} > FLASH
  text : {{ __text_region_start = .; *(.text .text.*) __text_region_end = .; }} > FLASH
  initlevel : ALIGN(4) {{
    __rodata_region_start = .; __init_start = .;
{levels}
    __init_end = .;
  }} > FLASH
  init_array : ALIGN(4) {{
    __zephyr_init_array_start = .;
    KEEP(*(SORT_BY_INIT_PRIORITY(.preinit_array*))) KEEP(*(SORT_BY_INIT_PRIORITY(.init_array.*))) KEEP(*(.init_array))
    __zephyr_init_array_end = .;
  }} > FLASH
{_lists(ROM_LISTS, "FLASH", kept="_area")}{_snippet("rom_sections")}  rodata : {{ *(.rodata .rodata.* .srodata .srodata.*) *(._*_driver_api.static.*) {_snippet("rodata")} }} > FLASH
  __rodata_region_end = .;
"""


def _lists(names: tuple[str, ...], memory: str, *, kept: str) -> str:
    return "".join(
        f"  {name}{kept} : ALIGN(8) {{ _{name}_list_start = .; KEEP(*(SORT_BY_NAME(._{name}.static.*))) _{name}_list_end = .; }} > {memory}\n"
        for name in names
    )


def _ram(target: Target, sizes: Sizes) -> str:
    """The main thread's stack stands at the very start of RAM; a stack's lowest granule is nobody's, and then comes its size."""
    granule = target.granule

    def stack(name: str, size: int) -> str:
        return f"    . = ALIGN({granule}); {name} = .; . += {granule + -(-size // 8) * 8}; {name}_end = .;\n"

    stacks = stack("z_main_stack", sizes.main_stack) + stack("z_interrupt_stacks", sizes.isr_stack)
    stacks += stack("sys_work_q_stack", sizes.work_stack)
    log = f". = ALIGN(8); logging_thread = .; . += {K_THREAD.size};" if sizes.log_stack else ""
    stacks += stack("logging_stack", sizes.log_stack) if sizes.log_stack else ""
    return f"""\
  kernel_ram (NOLOAD) : ALIGN({granule}) {{
{stacks}    z_main_thread = .; . += {K_THREAD.size}; . = ALIGN(8); k_sys_work_q = .; . += {K_WORK_Q.size};{log}
  }} > RAM
  datas : ALIGN(8) {{ __data_region_start = .; *(.data .data.* .sdata .sdata.*) *(.got .got.*) {_snippet("rwdata")} }} > RAM AT> FLASH
{_snippet("data_sections")}{_lists(RAM_LISTS, "RAM AT> FLASH", kept="_area")}  __data_region_end = .;
  bss (NOLOAD) : ALIGN(8) {{ __bss_start = .; *(.bss .bss.* .sbss .sbss.* COMMON) __bss_end = .; }} > RAM
{_snippet("ram_sections")}  noinit (NOLOAD) : ALIGN({granule}) {{
    *(.noinit .noinit.*) {_snippet("noinit")}
    . = ALIGN(8); kheap__system_heap = .; . += {sizes.heap_pool}; kheap__system_heap_end = .;
    . = ALIGN(8); kheap_llext_heap = .; . += {sizes.llext_heap}; kheap_llext_heap_end = .;
    . = ALIGN({granule});
  }} > RAM
  _end = .;
{_bounds()}"""


def _bounds() -> str:
    """What zephyr/linker/linker-defs.h declares beside what stands within sections."""
    bounds = {
        "__rom_region_start": "ADDR(rom_start)", "__rom_region_end": "__rom_end", "__rom_region_size": "__rom_end - ADDR(rom_start)",
        "_flash_used": "__rom_end - ADDR(rom_start)", "__data_region_load_start": "LOADADDR(datas)",
        "__text_region_size": "__text_region_end - __text_region_start",
        "__rodata_region_size": "__rodata_region_end - __rodata_region_start",
    }  # fmt: skip
    ram = {"start": "ORIGIN(RAM)", "end": "_end", "size": "_end - ORIGIN(RAM)"}
    bounds |= {f"{prefix}_ram_{what}": value for prefix in ("_image", "__kernel") for what, value in ram.items()}
    return "".join(f"  {name} = {value};\n" for name, value in bounds.items())


def _snippet(place: str) -> str:
    return f"  INCLUDE snippets-{place}.ld\n"


def _regions(regions: Sequence[Region]) -> str:
    """A section for each memory region of devicetree; clang keeps the quotes that the macro puts around the name."""
    return "".join(
        f"  {area.name} (NOLOAD) : {{ __{area.name}_start = .; KEEP(*({area.name} {area.name}.* ?{area.name}?)) __{area.name}_end = .; }}"
        f" > {area.name}\n"
        for area in regions
    )


def _rest() -> str:
    names = "abbrev addr aranges cu_index frame gnu_pubnames gnu_pubtypes info line line_str loc loclists macinfo macro names".split()
    names += "pubnames pubtypes ranges rnglists str str_offsets tu_index types".split()
    debug = "".join(f"  .debug_{name} 0 : {{ *(.debug_{name}) }}\n" for name in names)
    return _snippet("sections") + "  rom_end : { __rom_end = .; } > FLASH\n" + debug + """\
  .comment 0 : { *(.comment) }
  .ARM.attributes 0 : { *(.ARM.attributes) }
  .riscv.attributes 0 : { *(.riscv.attributes) }
  llext_exports_strtab 0 (INFO) : { KEEP(*(llext_exports_strtab)) }
  .llext_services 0 : { KEEP(*(.llext_services)) }
  .llext_board 0 : { KEEP(*(.llext_board)) }
  .symtab 0 : { *(.symtab) }
  .strtab 0 : { *(.strtab) }
  .shstrtab 0 : { *(.shstrtab) }
  /DISCARD/ : { *(.note.GNU-stack .note.* .ARM.exidx* .ARM.extab* .eh_frame* .llvm_addrsig .fini_array*) }
"""
