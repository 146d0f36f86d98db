/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of properties. Strings can be had as tokens, too, and nodes that are pointed at as nodes, with the numbers behind them
 * by the names that the binding of the node gives them.
 */
#ifndef ZEPHYR_INCLUDE_DEVICETREE_PROPERTIES_H_
#define ZEPHYR_INCLUDE_DEVICETREE_PROPERTIES_H_

#define DT_PROP(node_id, prop) DT_CAT3(node_id, _P_, prop)
#define DT_PROP_OR(node_id, prop, default_value) Z_DT_OR(DT_NODE_HAS_PROP(node_id, prop), DT_PROP(node_id, prop), default_value)
#define DT_PROP_LEN(node_id, prop) DT_CAT4(node_id, _P_, prop, _LEN)
#define DT_PROP_LEN_OR(node_id, prop, default_value)                                                                   \
	Z_DT_OR(DT_NODE_HAS_PROP(node_id, prop), DT_PROP_LEN(node_id, prop), default_value)
#define DT_PROP_HAS_IDX(node_id, prop, idx) IS_ENABLED(DT_CAT6(node_id, _P_, prop, _IDX_, idx, _EXISTS))
#define DT_PROP_HAS_NAME(node_id, prop, name) IS_ENABLED(DT_CAT6(node_id, _P_, prop, _PHN_, name, _EXISTS))
#define DT_PROP_BY_IDX(node_id, prop, idx) DT_CAT5(node_id, _P_, prop, _IDX_, idx)
#define DT_PROP_LAST(node_id, prop) DT_CAT4(node_id, _P_, prop, _LAST)

/* The place of a value in the list of those that are allowed. */
#define DT_ENUM_IDX(node_id, prop) DT_CAT4(node_id, _P_, prop, _ENUM)
#define DT_ENUM_IDX_OR(node_id, prop, default_value)                                                                   \
	Z_DT_OR(DT_NODE_HAS_PROP(node_id, prop), DT_ENUM_IDX(node_id, prop), default_value)
#define DT_ENUM_IDX_BY_IDX(node_id, prop, idx) DT_CAT6(node_id, _P_, prop, _IDX_, idx, _ENUM)
#define DT_ENUM_IDX_BY_IDX_OR(node_id, prop, idx, default_value)                                                       \
	Z_DT_OR(IS_ENABLED(DT_CAT7(node_id, _P_, prop, _IDX_, idx, _ENUM, _EXISTS)), DT_ENUM_IDX_BY_IDX(node_id, prop, idx), default_value)
#define DT_ENUM_HAS_VALUE_BY_IDX(node_id, prop, idx, value)                                                            \
	IS_ENABLED(DT_CAT8(node_id, _P_, prop, _IDX_, idx, _ENUM_VAL_, value, _EXISTS))
#define DT_ENUM_HAS_VALUE(node_id, prop, value) IS_ENABLED(DT_CAT6(node_id, _P_, prop, _ENUM_VAL_, value, _EXISTS))

/* Strings as tokens. */
#define DT_STRING_TOKEN(node_id, prop) DT_CAT4(node_id, _P_, prop, _TOKEN)
#define DT_STRING_TOKEN_OR(node_id, prop, default_value)                                                               \
	Z_DT_OR(DT_NODE_HAS_PROP(node_id, prop), DT_STRING_TOKEN(node_id, prop), default_value)
#define DT_STRING_UPPER_TOKEN(node_id, prop) DT_CAT4(node_id, _P_, prop, _UPPER)
#define DT_STRING_UPPER_TOKEN_OR(node_id, prop, default_value)                                                         \
	Z_DT_OR(DT_NODE_HAS_PROP(node_id, prop), DT_STRING_UPPER_TOKEN(node_id, prop), default_value)
#define DT_STRING_UNQUOTED(node_id, prop) DT_CAT4(node_id, _P_, prop, _UNQUOTED)
#define DT_STRING_UNQUOTED_OR(node_id, prop, default_value)                                                            \
	Z_DT_OR(DT_NODE_HAS_PROP(node_id, prop), DT_STRING_UNQUOTED(node_id, prop), default_value)
#define DT_STRING_TOKEN_BY_IDX(node_id, prop, idx) DT_CAT6(node_id, _P_, prop, _IDX_, idx, _TOKEN)
#define DT_STRING_UPPER_TOKEN_BY_IDX(node_id, prop, idx) DT_CAT6(node_id, _P_, prop, _IDX_, idx, _UPPER)
#define DT_STRING_UNQUOTED_BY_IDX(node_id, prop, idx) DT_CAT6(node_id, _P_, prop, _IDX_, idx, _UNQUOTED)

/* Nodes that are pointed at. */
#define DT_PHANDLE_BY_IDX(node_id, prop, idx) DT_CAT5(node_id, _P_, prop, _PH_, idx)
#define DT_PHANDLE(node_id, prop) DT_PHANDLE_BY_IDX(node_id, prop, 0)
#define DT_PHANDLE_BY_NAME(node_id, prop, name) DT_CAT5(node_id, _P_, prop, _PHN_, name)
#define DT_PROP_BY_PHANDLE_IDX(node_id, phs, idx, prop) DT_PROP(DT_PHANDLE_BY_IDX(node_id, phs, idx), prop)
#define DT_PROP_BY_PHANDLE_IDX_OR(node_id, phs, idx, prop, default_value)                                              \
	DT_PROP_OR(DT_PHANDLE_BY_IDX(node_id, phs, idx), prop, default_value)
#define DT_PROP_BY_PHANDLE(node_id, ph, prop) DT_PROP_BY_PHANDLE_IDX(node_id, ph, 0, prop)

/* The numbers behind them. */
#define DT_PHA_BY_IDX(node_id, pha, idx, cell) DT_CAT7(node_id, _P_, pha, _PH_, idx, _CELL_, cell)
#define DT_PHA_HAS_CELL_AT_IDX(node_id, pha, idx, cell)                                                                \
	IS_ENABLED(DT_CAT8(node_id, _P_, pha, _PH_, idx, _CELL_, cell, _EXISTS))
#define DT_PHA_BY_IDX_OR(node_id, pha, idx, cell, default_value)                                                       \
	Z_DT_OR(DT_PHA_HAS_CELL_AT_IDX(node_id, pha, idx, cell), DT_PHA_BY_IDX(node_id, pha, idx, cell), default_value)
#define DT_PHA(node_id, pha, cell) DT_PHA_BY_IDX(node_id, pha, 0, cell)
#define DT_PHA_OR(node_id, pha, cell, default_value) DT_PHA_BY_IDX_OR(node_id, pha, 0, cell, default_value)
#define DT_PHA_HAS_CELL(node_id, pha, cell) DT_PHA_HAS_CELL_AT_IDX(node_id, pha, 0, cell)
#define DT_PHA_BY_NAME(node_id, pha, name, cell) DT_CAT7(node_id, _P_, pha, _PHN_, name, _CELL_, cell)
#define DT_PHA_BY_NAME_OR(node_id, pha, name, cell, default_value)                                                     \
	Z_DT_OR(IS_ENABLED(DT_CAT8(node_id, _P_, pha, _PHN_, name, _CELL_, cell, _EXISTS)),                            \
		DT_PHA_BY_NAME(node_id, pha, name, cell), default_value)
#define DT_PHA_NUM_CELLS_BY_IDX(node_id, pha, idx) DT_CAT6(node_id, _P_, pha, _PH_, idx, _NUM_CELLS)

#endif /* ZEPHYR_INCLUDE_DEVICETREE_PROPERTIES_H_ */
