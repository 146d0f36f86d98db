"""What nothing told of a firmware that a verdict rests on, and what would settle it."""

from __future__ import annotations

from collections.abc import Iterator

from llext.firmware.firmware import Firmware


def unknown(firmware: Firmware) -> tuple[str, ...]:
    """One line for each; none if everything was read."""
    return (*_version(firmware), *_options(firmware), *_heap(firmware), *_debug(firmware))


def _version(firmware: Firmware) -> Iterator[str]:
    if not firmware.version.known:
        yield "the Zephyr version: a firmware with its boot banner tells it"
    elif not firmware.measured:
        yield f"Zephyr {firmware.version.value} on {firmware.arch.name}: its loader was never measured, what it does is from source"


def _options(firmware: Firmware) -> Iterator[str]:
    image = firmware.image
    if not image.settings and not image.has_configuration:
        yield "its options: --config .config tells them"
    if image.contradictions:
        names = ", ".join(f"CONFIG_{name}" for name in image.contradictions[:3])
        yield f"which is right: {image.config} says something else of {names} than the ELF; it counts"
    for name in ("LLEXT_RODATA_NO_RELOC", *(() if firmware.rules.prepad else ("MMU",))):
        if image.option(name).value:
            yield f"CONFIG_{name}: what it changes is not modelled"


def _heap(firmware: Firmware) -> Iterator[str]:
    heap, size = firmware.heap, firmware.image.option("LLEXT_HEAP_SIZE")
    if not firmware.heaps:
        yield f"the LLEXT heap: {firmware.heap_kind.value}; --heap BYTES@ADDRESS tells one"
    elif heap is not None and not heap.known:
        yield "the address of the LLEXT heap: a firmware with symbols tells it, or --heap BYTES@ADDRESS"
    elif heap is not None and size.known and size.value and heap.source != "--heap" and size.value * 1024 != heap.value.size:
        yield f"the size of the LLEXT heap: {heap.value.size} bytes by {heap.source}, {size.value} KiB by {size.source}; the former counts"
    if any(firmware.image.option(name).value for name in ("SYS_HEAP_CANARIES", "SYS_HEAP_HARDENING_FULL")):
        yield "the canaries of its heap: their bytes are not counted"


def _debug(firmware: Firmware) -> Iterator[str]:
    if firmware.debug.present and not firmware.debug.readable:
        yield "its debug information: it is there and cannot be read"
    if not firmware.struct_bytes.known and firmware.measured:
        yield f"sizeof(struct llext): {firmware.struct_bytes.source}; a firmware with debug information tells it"
