/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of one size, a power of two, that can be had in a row.
 */
#ifndef ZEPHYR_INCLUDE_SYS_MEM_BLOCKS_H_
#define ZEPHYR_INCLUDE_SYS_MEM_BLOCKS_H_

#include <zephyr/kernel/objects.h>
#include <zephyr/sys/mem_stats.h>
#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sys_bitarray {
	uint32_t num_bits;
	uint32_t num_bundles;
	uint32_t *bundles;
};
typedef struct sys_bitarray sys_bitarray_t;

struct sys_mem_blocks_info {
	uint32_t num_blocks;
	uint8_t blk_sz_shift;
	uint32_t used_blocks;
	uint32_t max_used_blocks;
};

struct sys_mem_blocks {
	struct sys_mem_blocks_info info;
	uint8_t *buffer;
	sys_bitarray_t *bitmap;
};
typedef struct sys_mem_blocks sys_mem_blocks_t;

#define Z_MEM_BLOCKS_DEFINE(linkage, name, blk_sz, num_blks, buf)                                                      \
	BUILD_ASSERT(IS_POWER_OF_TWO(blk_sz) && (num_blks) > 0, "blocks of a power of two");                           \
	static uint32_t _sys_mem_blocks_bundles_##name[DIV_ROUND_UP(num_blks, 32)];                                    \
	static sys_bitarray_t _sys_mem_blocks_bitmap_##name = {                                                        \
		num_blks, DIV_ROUND_UP(num_blks, 32),                                                                  \
		_sys_mem_blocks_bundles_##name};                                                                       \
	linkage sys_mem_blocks_t name = {                                                                              \
		{num_blks, LOG2(blk_sz), 0, 0}, buf,                                                                   \
		&_sys_mem_blocks_bitmap_##name}

#define Z_MEM_BLOCKS_BUFFER(name, blk_sz, num_blks, balign)                                                            \
	static uint8_t __noinit __aligned(balign) _sys_mem_blocks_buf_##name[(num_blks) * (blk_sz)]

#define SYS_MEM_BLOCKS_DEFINE(name, blk_sz, num_blks, balign)                                                          \
	Z_MEM_BLOCKS_BUFFER(name, blk_sz, num_blks, balign);                                                           \
	Z_MEM_BLOCKS_DEFINE(, name, blk_sz, num_blks, _sys_mem_blocks_buf_##name)
#define SYS_MEM_BLOCKS_DEFINE_STATIC(name, blk_sz, num_blks, balign)                                                   \
	Z_MEM_BLOCKS_BUFFER(name, blk_sz, num_blks, balign);                                                           \
	Z_MEM_BLOCKS_DEFINE(static, name, blk_sz, num_blks, _sys_mem_blocks_buf_##name)
#define SYS_MEM_BLOCKS_DEFINE_WITH_EXT_BUF(name, blk_sz, num_blks, buf)                                                \
	Z_MEM_BLOCKS_DEFINE(, name, blk_sz, num_blks, buf)
#define SYS_MEM_BLOCKS_DEFINE_STATIC_WITH_EXT_BUF(name, blk_sz, num_blks, buf)                                         \
	Z_MEM_BLOCKS_DEFINE(static, name, blk_sz, num_blks, buf)

int sys_mem_blocks_alloc(sys_mem_blocks_t *mem_block, size_t count, void **out_blocks);
int sys_mem_blocks_alloc_contiguous(sys_mem_blocks_t *mem_block, size_t count, void **out_block);
int sys_mem_blocks_get(sys_mem_blocks_t *mem_block, void *in_block, size_t count);
int sys_mem_blocks_is_region_free(sys_mem_blocks_t *mem_block, void *in_block, size_t count);
int sys_mem_blocks_free(sys_mem_blocks_t *mem_block, size_t count, void **in_blocks);
int sys_mem_blocks_free_contiguous(sys_mem_blocks_t *mem_block, void *block, size_t count);
int sys_mem_blocks_runtime_stats_get(sys_mem_blocks_t *mem_block, struct sys_memory_stats *stats);
int sys_mem_blocks_runtime_stats_reset_max(sys_mem_blocks_t *mem_block);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_MEM_BLOCKS_H_ */
