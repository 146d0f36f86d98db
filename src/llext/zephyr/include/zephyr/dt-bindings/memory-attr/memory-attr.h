/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes of memories, for zephyr,memory-attr in devicetree.
 */
#ifndef ZEPHYR_INCLUDE_DT_BINDINGS_MEMORY_ATTR_MEMORY_ATTR_H_
#define ZEPHYR_INCLUDE_DT_BINDINGS_MEMORY_ATTR_MEMORY_ATTR_H_

#define DT_MEM_CACHEABLE (1 << 0)
#define DT_MEM_NON_VOLATILE (1 << 1)
#define DT_MEM_OOO (1 << 2)
#define DT_MEM_DMA (1 << 3)

#endif /* ZEPHYR_INCLUDE_DT_BINDINGS_MEMORY_ATTR_MEMORY_ATTR_H_ */
