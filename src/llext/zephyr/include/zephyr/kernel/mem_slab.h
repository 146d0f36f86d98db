/* SPDX-License-Identifier: Apache-2.0
 *
 * Slabs: memory in blocks of one size.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_MEM_SLAB_H_
#define ZEPHYR_INCLUDE_KERNEL_MEM_SLAB_H_

#include <zephyr/kernel/objects.h>
#include <zephyr/sys/mem_stats.h>

#ifdef __cplusplus
extern "C" {
#endif

struct k_mem_slab_info {
	uint32_t num_blocks;
	size_t block_size;
	uint32_t num_used;
	uint32_t max_used;
};

struct k_mem_slab {
	_wait_q_t wait_q;
	char *buffer;
	char *free_list;
	struct k_mem_slab_info info;
};

#define Z_MEM_SLAB_INITIALIZER(slab, slab_buffer, slab_block_size, slab_num_blocks)                                    \
	{                                                                                                              \
		{NULL, NULL}, slab_buffer, NULL, {slab_num_blocks, slab_block_size, 0, 0}                              \
	}

/* Firmware links the free blocks at boot; those of an extension here at the first use. */
#define Z_MEM_SLAB_DEFINE(linkage, name, slab_block_size, slab_num_blocks, slab_align)                                 \
	static char __noinit __aligned(MAX(slab_align, 4))                                                             \
		_k_mem_slab_buf_##name[(slab_num_blocks) * WB_UP(slab_block_size)];                                    \
	linkage struct k_mem_slab __attribute__((__section__("._k_mem_slab.static." #name "_"))) __used name =         \
		Z_MEM_SLAB_INITIALIZER(name, _k_mem_slab_buf_##name, WB_UP(slab_block_size), slab_num_blocks)

#define K_MEM_SLAB_DEFINE(name, slab_block_size, slab_num_blocks, slab_align)                                          \
	Z_MEM_SLAB_DEFINE(, name, slab_block_size, slab_num_blocks, slab_align)
#define K_MEM_SLAB_DEFINE_STATIC(name, slab_block_size, slab_num_blocks, slab_align)                                   \
	Z_MEM_SLAB_DEFINE(static, name, slab_block_size, slab_num_blocks, slab_align)

int k_mem_slab_init(struct k_mem_slab *slab, void *buffer, size_t block_size, uint32_t num_blocks);
int k_mem_slab_alloc(struct k_mem_slab *slab, void **mem, k_timeout_t timeout);
void k_mem_slab_free(struct k_mem_slab *slab, void *mem);
int k_mem_slab_runtime_stats_get(struct k_mem_slab *slab, struct sys_memory_stats *stats);
int k_mem_slab_runtime_stats_reset_max(struct k_mem_slab *slab);

static inline uint32_t k_mem_slab_num_used_get(struct k_mem_slab *slab)
{
	return slab->info.num_used;
}

static inline uint32_t k_mem_slab_max_used_get(struct k_mem_slab *slab)
{
	return slab->info.max_used;
}

static inline uint32_t k_mem_slab_num_free_get(struct k_mem_slab *slab)
{
	return slab->info.num_blocks - slab->info.num_used;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_MEM_SLAB_H_ */
