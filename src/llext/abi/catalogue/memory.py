"""Heaps."""

from llext.abi.catalogue.spec import ServiceSpec, service
from llext.abi.structs import K_HEAP, CStruct, Member

_HEAP = "zephyr/sys/sys_heap.h"

SYS_MEMORY_STATS = CStruct(
    "sys_memory_stats",
    (Member("size_t", "free_bytes"), Member("size_t", "allocated_bytes"), Member("size_t", "max_allocated_bytes")),
)

STRUCTS: tuple[CStruct, ...] = (K_HEAP, SYS_MEMORY_STATS)
SERVICES: tuple[ServiceSpec, ...] = (
    service("void *k_aligned_alloc(size_t align, size_t size)"),
    service("void *k_malloc(size_t size)"),
    service("void *k_calloc(size_t nmemb, size_t size)"),
    service("void *k_realloc(void *ptr, size_t size)"),
    service("void k_free(void *ptr)"),
    service("void k_heap_init(struct k_heap *heap, void *mem, size_t bytes)"),
    service("void *k_heap_alloc(struct k_heap *heap, size_t bytes, k_timeout_t timeout)"),
    service("void *k_heap_aligned_alloc(struct k_heap *heap, size_t align, size_t bytes, k_timeout_t timeout)"),
    service("void *k_heap_calloc(struct k_heap *heap, size_t num, size_t size, k_timeout_t timeout)"),
    service("void *k_heap_realloc(struct k_heap *heap, void *ptr, size_t bytes, k_timeout_t timeout)"),
    service("void k_heap_free(struct k_heap *heap, void *mem)"),
    service("void sys_heap_init(struct sys_heap *heap, void *mem, size_t bytes)", _HEAP),
    service("void *sys_heap_alloc(struct sys_heap *heap, size_t bytes)", _HEAP),
    service("void *sys_heap_aligned_alloc(struct sys_heap *heap, size_t align, size_t bytes)", _HEAP),
    service("void *sys_heap_realloc(struct sys_heap *heap, void *ptr, size_t bytes)", _HEAP),
    service("void *sys_heap_aligned_realloc(struct sys_heap *heap, void *ptr, size_t align, size_t bytes)", _HEAP),
    service("void sys_heap_free(struct sys_heap *heap, void *mem)", _HEAP),
    service("size_t sys_heap_usable_size(struct sys_heap *heap, void *mem)", _HEAP),
    service("bool sys_heap_validate(struct sys_heap *heap)", _HEAP),
    service("int sys_heap_runtime_stats_get(struct sys_heap *heap, struct sys_memory_stats *stats)", _HEAP),
    service("int sys_heap_runtime_stats_reset_max(struct sys_heap *heap)", _HEAP),
)
