"""Memory in blocks of one size: slabs, and blocks that can be had in a row."""

from __future__ import annotations

from llext.abi.catalogue.parts import wait_q
from llext.abi.catalogue.spec import ServiceSpec, service
from llext.abi.structs import CStruct, Member

_BLOCKS = "zephyr/sys/mem_blocks.h"

K_MEM_SLAB = CStruct(
    "k_mem_slab",
    (
        wait_q(),
        Member("char *", "buffer"),
        Member("char *", "free_list"),
        Member("uint32_t", "info.num_blocks"),
        Member("size_t", "info.block_size"),
        Member("uint32_t", "info.num_used"),
        Member("uint32_t", "info.max_used"),
    ),
)
SYS_BITARRAY = CStruct(
    "sys_bitarray", (Member("uint32_t", "num_bits"), Member("uint32_t", "num_bundles"), Member("uint32_t *", "bundles"))
)
SYS_MEM_BLOCKS = CStruct(
    "sys_mem_blocks",
    (
        Member("uint32_t", "info.num_blocks"),
        Member("uint8_t", "info.blk_sz_shift", 1),
        Member("uint32_t", "info.used_blocks"),
        Member("uint32_t", "info.max_used_blocks"),
        Member("uint8_t *", "buffer"),
        Member("struct sys_bitarray *", "bitmap"),
    ),
)

STRUCTS: tuple[CStruct, ...] = (K_MEM_SLAB, SYS_BITARRAY, SYS_MEM_BLOCKS)
SERVICES: tuple[ServiceSpec, ...] = (
    service("int k_mem_slab_init(struct k_mem_slab *slab, void *buffer, size_t block_size, uint32_t num_blocks)"),
    service("int k_mem_slab_alloc(struct k_mem_slab *slab, void **mem, k_timeout_t timeout)"),
    service("void k_mem_slab_free(struct k_mem_slab *slab, void *mem)"),
    service("int k_mem_slab_runtime_stats_get(struct k_mem_slab *slab, struct sys_memory_stats *stats)"),
    service("int k_mem_slab_runtime_stats_reset_max(struct k_mem_slab *slab)"),
    service("int sys_mem_blocks_alloc(struct sys_mem_blocks *mem_block, size_t count, void **out_blocks)", _BLOCKS),
    service("int sys_mem_blocks_alloc_contiguous(struct sys_mem_blocks *mem_block, size_t count, void **out_block)", _BLOCKS),
    service("int sys_mem_blocks_get(struct sys_mem_blocks *mem_block, void *in_block, size_t count)", _BLOCKS),
    service("int sys_mem_blocks_is_region_free(struct sys_mem_blocks *mem_block, void *in_block, size_t count)", _BLOCKS),
    service("int sys_mem_blocks_free(struct sys_mem_blocks *mem_block, size_t count, void **in_blocks)", _BLOCKS),
    service("int sys_mem_blocks_free_contiguous(struct sys_mem_blocks *mem_block, void *block, size_t count)", _BLOCKS),
    service("int sys_mem_blocks_runtime_stats_get(struct sys_mem_blocks *mem_block, struct sys_memory_stats *stats)", _BLOCKS),
    service("int sys_mem_blocks_runtime_stats_reset_max(struct sys_mem_blocks *mem_block)", _BLOCKS),
)
