"""The services that guest code may call: one line each, as data.

build/ makes headers and stubs from these lines, kernel/ registers an implementation for each, a test compares all
three. ``symbol`` is what the headers make code refer to: Zephyr's exported name, ``z_impl_X`` for its syscalls.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ServiceSpec:
    """One service.

    Attributes:
        name: What C code writes.
        prototype: Its C prototype, under the symbol's name.
        header: Where it is declared.
        symbol: What the linker sees.
        trap: Whether it is entered by the supervisor call of fatal errors (Zephyr's ARCH_EXCEPT) instead of a stub.
    """

    name: str
    prototype: str
    header: str
    symbol: str
    trap: bool = False


def _service(prototype: str, header: str, name: str = "", *, trap: bool = False) -> ServiceSpec:
    symbol = prototype.partition("(")[0].replace("*", " ").split()[-1]
    return ServiceSpec(name or symbol, prototype, header, symbol, trap)


_PRINTK, _STDIO, _KERNEL = "zephyr/sys/printk.h", "stdio.h", "zephyr/kernel.h"

SERVICES = (
    _service("void printk(const char *fmt, ...)", _PRINTK),
    _service("void vprintk(const char *fmt, va_list ap)", _PRINTK),
    _service("int snprintk(char *str, size_t size, const char *fmt, ...)", _PRINTK),
    _service("int vsnprintk(char *str, size_t size, const char *fmt, va_list ap)", _PRINTK),
    _service("int printf(const char *fmt, ...)", _STDIO),
    _service("int snprintf(char *str, size_t size, const char *fmt, ...)", _STDIO),
    _service("int vsnprintf(char *str, size_t size, const char *fmt, va_list ap)", _STDIO),
    _service("int puts(const char *string)", _STDIO),
    _service("int putchar(int c)", _STDIO),
    _service("void *k_malloc(size_t size)", _KERNEL),
    _service("void *k_calloc(size_t nmemb, size_t size)", _KERNEL),
    _service("void k_free(void *ptr)", _KERNEL),
    _service("void k_heap_init(struct k_heap *heap, void *mem, size_t bytes)", _KERNEL),
    _service("void *k_heap_alloc(struct k_heap *heap, size_t bytes, k_timeout_t timeout)", _KERNEL),
    _service("void *k_heap_aligned_alloc(struct k_heap *heap, size_t align, size_t bytes, k_timeout_t timeout)", _KERNEL),
    _service("void k_heap_free(struct k_heap *heap, void *mem)", _KERNEL),
    _service("k_ticks_t z_impl_k_uptime_ticks(void)", _KERNEL, "k_uptime_ticks"),
    _service("uint32_t sys_clock_cycle_get_32(void)", _KERNEL, "k_cycle_get_32"),
    _service("int *z_impl_z_errno(void)", "errno.h", "errno"),
    _service("void z_fatal_error(unsigned int reason, const struct arch_esf *esf)", "zephyr/fatal.h"),
    _service("void z_except_reason(unsigned int reason)", _KERNEL, "k_panic, k_oops", trap=True),
)
