/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of flashes.
 */
#ifndef ZEPHYR_INCLUDE_DEVICETREE_FIXED_PARTITIONS_H_
#define ZEPHYR_INCLUDE_DEVICETREE_FIXED_PARTITIONS_H_

#define DT_NODE_BY_FIXED_PARTITION_LABEL(label) DT_CAT(DTF_, label)
#define DT_HAS_FIXED_PARTITION_LABEL(label) DT_NODE_EXISTS(DT_NODE_BY_FIXED_PARTITION_LABEL(label))
#define DT_FIXED_PARTITION_EXISTS(node_id) DT_NODE_HAS_COMPAT(DT_PARENT(node_id), fixed_partitions)
#define DT_FIXED_PARTITION_ID(node_id) DT_CAT(node_id, _PARTITION_ID)
/* The flash, where it is the CPU's own, and the device that writes it. */
#define DT_MEM_FROM_FIXED_PARTITION(node_id)                                                                           \
	COND_CODE_1(DT_NODE_HAS_COMPAT(DT_GPARENT(node_id), soc_nv_flash), (DT_GPARENT(node_id)), (DT_INVALID_NODE))
#define DT_MTD_FROM_FIXED_PARTITION(node_id)                                                                           \
	COND_CODE_1(DT_NODE_HAS_COMPAT(DT_GPARENT(node_id), soc_nv_flash), (DT_PARENT(DT_GPARENT(node_id))),           \
		    (DT_GPARENT(node_id)))
#define DT_FIXED_PARTITION_ADDR(node_id) (DT_REG_ADDR(DT_MEM_FROM_FIXED_PARTITION(node_id)) + DT_REG_ADDR(node_id))

#endif /* ZEPHYR_INCLUDE_DEVICETREE_FIXED_PARTITIONS_H_ */
