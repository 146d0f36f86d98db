/* SPDX-License-Identifier: Apache-2.0
 *
 * Places of nodes in an order in which each comes behind those that it depends on.
 */
#ifndef ZEPHYR_INCLUDE_DEVICETREE_ORDINALS_H_
#define ZEPHYR_INCLUDE_DEVICETREE_ORDINALS_H_

#define DT_DEP_ORD(node_id) DT_CAT(node_id, _ORD)
#define DT_DEP_ORD_STR_SORTABLE(node_id) DT_CAT(node_id, _ORD_SORTABLE)
/* Lists with a comma behind each. */
#define DT_REQUIRES_DEP_ORDS(node_id) DT_CAT(node_id, _REQUIRES)
#define DT_SUPPORTS_DEP_ORDS(node_id) DT_CAT(node_id, _SUPPORTS)

#endif /* ZEPHYR_INCLUDE_DEVICETREE_ORDINALS_H_ */
