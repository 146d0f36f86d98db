/* SPDX-License-Identifier: Apache-2.0
 *
 * Who made a node's device, and what it is called there, as strings: by the part of a compatible before its comma, where a file
 * vendor-prefixes.txt beside bindings says who that is, and the part behind it.
 */
#ifndef ZEPHYR_INCLUDE_DEVICETREE_VENDORS_H_
#define ZEPHYR_INCLUDE_DEVICETREE_VENDORS_H_

#define DT_NODE_VENDOR_BY_IDX(node_id, idx) DT_CAT3(node_id, _VENDOR_, idx)
#define DT_NODE_VENDOR_HAS_IDX(node_id, idx) IS_ENABLED(DT_CAT4(node_id, _VENDOR_, idx, _EXISTS))
#define DT_NODE_VENDOR_BY_IDX_OR(node_id, idx, default_value)                                                          \
	Z_DT_OR(DT_NODE_VENDOR_HAS_IDX(node_id, idx), DT_NODE_VENDOR_BY_IDX(node_id, idx), default_value)
#define DT_NODE_VENDOR_OR(node_id, default_value) DT_NODE_VENDOR_BY_IDX_OR(node_id, 0, default_value)
#define DT_NODE_MODEL_BY_IDX(node_id, idx) DT_CAT3(node_id, _MODEL_, idx)
#define DT_NODE_MODEL_HAS_IDX(node_id, idx) IS_ENABLED(DT_CAT4(node_id, _MODEL_, idx, _EXISTS))
#define DT_NODE_MODEL_BY_IDX_OR(node_id, idx, default_value)                                                           \
	Z_DT_OR(DT_NODE_MODEL_HAS_IDX(node_id, idx), DT_NODE_MODEL_BY_IDX(node_id, idx), default_value)
#define DT_NODE_MODEL_OR(node_id, default_value) DT_NODE_MODEL_BY_IDX_OR(node_id, 0, default_value)

#endif /* ZEPHYR_INCLUDE_DEVICETREE_VENDORS_H_ */
