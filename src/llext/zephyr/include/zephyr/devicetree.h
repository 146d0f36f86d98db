/* SPDX-License-Identifier: Apache-2.0
 *
 * The board's devicetree for C code: nodes, and whether they are there. What is told is in devicetree_generated.h, which the
 * build of an application makes; without one there are no nodes. A node is one token (DTO_5_uart_40004000), a fact about it
 * that token with a suffix; whatever does not exist is a name that nobody defined. Usable in preprocessor conditions, where
 * numbers and existence are.
 */
#ifndef ZEPHYR_INCLUDE_DEVICETREE_H_
#define ZEPHYR_INCLUDE_DEVICETREE_H_

#include <zephyr/sys/util_macro.h>

#if defined(__has_include)
#if __has_include(<zephyr/devicetree_generated.h>)
#include <zephyr/devicetree_generated.h>
#endif
#endif

/* Pastes its arguments as they are; those of the macros below have been expanded by then. */
#define DT_CAT(a, b) a##b
#define DT_CAT3(a, b, c) a##b##c
#define DT_CAT4(a, b, c, d) a##b##c##d
#define DT_CAT5(a, b, c, d, e) a##b##c##d##e
#define DT_CAT6(a, b, c, d, e, f) a##b##c##d##e##f
#define DT_CAT7(a, b, c, d, e, f, g) a##b##c##d##e##f##g
#define DT_CAT8(a, b, c, d, e, f, g, h) a##b##c##d##e##f##g##h
#define Z_DT_OR(exists, value, otherwise) COND_CODE_1(exists, (value), (otherwise))

/* Nodes. */
#define DT_ROOT DTP_
#define DT_INVALID_NODE DTX_no_node
#define DT_NODELABEL(label) DT_CAT(DTL_, label)
#define DT_ALIAS(alias) DT_CAT(DTA_, alias)
#define DT_CHOSEN(name) DT_CAT(DTC_, name)
#define DT_INST(inst, compat) DT_CAT4(DTI_, compat, _, inst)
#define DT_PARENT(node_id) DT_CAT(node_id, _PARENT)
#define DT_GPARENT(node_id) DT_PARENT(DT_PARENT(node_id))
#define DT_CHILD(node_id, child) DT_CAT3(node_id, _CHILD_, child)
#define DT_COMPAT_GET_ANY_STATUS_OKAY(compat) DT_INST(0, compat)

/* The node of a path of up to ten names. */
#define DT_PATH(...) Z_PASTE(Z_DT_PATH_, Z_COUNT(__VA_ARGS__))(__VA_ARGS__)
#define Z_DT_PATH_1(a) DTP__S_##a
#define Z_DT_PATH_2(a, b) DTP__S_##a##_S_##b
#define Z_DT_PATH_3(a, b, c) DTP__S_##a##_S_##b##_S_##c
#define Z_DT_PATH_4(a, b, c, d) DTP__S_##a##_S_##b##_S_##c##_S_##d
#define Z_DT_PATH_5(a, b, c, d, e) DTP__S_##a##_S_##b##_S_##c##_S_##d##_S_##e
#define Z_DT_PATH_6(a, b, c, d, e, f) DTP__S_##a##_S_##b##_S_##c##_S_##d##_S_##e##_S_##f
#define Z_DT_PATH_7(a, b, c, d, e, f, g) DTP__S_##a##_S_##b##_S_##c##_S_##d##_S_##e##_S_##f##_S_##g
#define Z_DT_PATH_8(a, b, c, d, e, f, g, h) DTP__S_##a##_S_##b##_S_##c##_S_##d##_S_##e##_S_##f##_S_##g##_S_##h
#define Z_DT_PATH_9(a, b, c, d, e, f, g, h, i) DTP__S_##a##_S_##b##_S_##c##_S_##d##_S_##e##_S_##f##_S_##g##_S_##h##_S_##i
#define Z_DT_PATH_10(a, b, c, d, e, f, g, h, i, j) DTP__S_##a##_S_##b##_S_##c##_S_##d##_S_##e##_S_##f##_S_##g##_S_##h##_S_##i##_S_##j

/* Names and places. */
#define DT_NODE_PATH(node_id) DT_CAT(node_id, _PATH)
#define DT_NODE_HASH(node_id) DT_CAT(node_id, _HASH)
#define DT_NODE_FULL_NAME(node_id) DT_CAT(node_id, _NAME)
#define DT_NODE_FULL_NAME_UNQUOTED(node_id) DT_CAT(node_id, _NAME_UNQUOTED)
#define DT_NODE_FULL_NAME_TOKEN(node_id) DT_CAT(node_id, _NAME_TOKEN)
#define DT_NODE_FULL_NAME_UPPER_TOKEN(node_id) DT_CAT(node_id, _NAME_UPPER_TOKEN)
#define DT_NODE_CHILD_IDX(node_id) DT_CAT(node_id, _CHILD_IDX)
#define DT_CHILD_NUM(node_id) DT_CAT(node_id, _NUM_CHILDREN)
#define DT_CHILD_NUM_STATUS_OKAY(node_id) DT_CAT(node_id, _NUM_CHILDREN_OKAY)
#define DT_NUM_NODELABELS(node_id) DT_CAT(node_id, _NUM_LABELS)
#define DT_NODELABEL_STRING_ARRAY(node_id) {DT_FOREACH_NODELABEL(node_id, Z_DT_QUOTED)}
#define Z_DT_QUOTED(label) STRINGIFY(label),
#define DT_SAME_NODE(node_id1, node_id2) (DT_DEP_ORD(node_id1) == DT_DEP_ORD(node_id2))

/* Existence: 1 or 0. */
#define DT_NODE_EXISTS(node_id) IS_ENABLED(DT_CAT(node_id, _EXISTS))
#define DT_NODE_HAS_STATUS(node_id, status) IS_ENABLED(DT_CAT3(node_id, _STATUS_, status))
#define DT_NODE_HAS_STATUS_OKAY(node_id) IS_ENABLED(DT_CAT(node_id, _STATUS_okay))
#define DT_NODE_HAS_COMPAT(node_id, compat) IS_ENABLED(DT_CAT3(node_id, _COMPAT_, compat))
#define DT_NODE_HAS_COMPAT_STATUS(node_id, compat, status)                                                             \
	UTIL_AND(DT_NODE_HAS_COMPAT(node_id, compat), DT_NODE_HAS_STATUS(node_id, status))
#define DT_NODE_HAS_PROP(node_id, prop) IS_ENABLED(DT_CAT4(node_id, _P_, prop, _EXISTS))
#define DT_HAS_CHOSEN(name) IS_ENABLED(DT_CAT3(DTC_, name, _EXISTS))
#define DT_HAS_ALIAS(alias) DT_NODE_EXISTS(DT_ALIAS(alias))
#define DT_HAS_COMPAT_STATUS_OKAY(compat) IS_ENABLED(DT_CAT3(DTK_, compat, _OKAY))
#define DT_NUM_INST_STATUS_OKAY(compat)                                                                                \
	Z_DT_OR(DT_HAS_COMPAT_STATUS_OKAY(compat), DT_CAT3(DTK_, compat, _NUM_OKAY), 0)
#define DT_ANY_COMPAT_HAS_PROP_STATUS_OKAY(compat, prop) IS_ENABLED(DT_CAT4(DTK_, compat, _ANY_P_, prop))
#define DT_HAS_COMPAT_ON_BUS_STATUS_OKAY(compat, bus) IS_ENABLED(DT_CAT4(DTK_, compat, _BUS_, bus))
/* The node that is the bus. */
#define DT_BUS(node_id) DT_CAT(node_id, _BUS)
#define DT_ON_BUS(node_id, bus) IS_ENABLED(DT_CAT3(node_id, _BUS_, bus))

#include <zephyr/devicetree/ordinals.h>
#include <zephyr/devicetree/properties.h>
#include <zephyr/devicetree/registers.h>
#include <zephyr/devicetree/vendors.h>
#include <zephyr/devicetree/foreach.h>
#include <zephyr/devicetree/gpio.h>
#include <zephyr/devicetree/fixed-partitions.h>
#include <zephyr/devicetree/instances.h>

#endif /* ZEPHYR_INCLUDE_DEVICETREE_H_ */
