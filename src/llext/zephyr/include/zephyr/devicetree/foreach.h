/* SPDX-License-Identifier: Apache-2.0
 *
 * A macro for each of several: fn(node_id), with further arguments behind it in _VARGS, with something in parentheses between
 * the calls in _SEP. Different ones go inside each other, not the same one.
 */
#ifndef ZEPHYR_INCLUDE_DEVICETREE_FOREACH_H_
#define ZEPHYR_INCLUDE_DEVICETREE_FOREACH_H_

/* For each child. */
#define DT_FOREACH_CHILD(node_id, fn) DT_CAT(node_id, _CHILDREN)(fn)
#define DT_FOREACH_CHILD_SEP(node_id, fn, sep) DT_CAT(node_id, _CHILDREN_SEP)(fn, sep)
#define DT_FOREACH_CHILD_VARGS(node_id, fn, ...) DT_CAT(node_id, _CHILDREN_VARGS)(fn, __VA_ARGS__)
#define DT_FOREACH_CHILD_SEP_VARGS(node_id, fn, sep, ...) DT_CAT(node_id, _CHILDREN_SEP_VARGS)(fn, sep, __VA_ARGS__)
#define DT_FOREACH_CHILD_STATUS_OKAY(node_id, fn) DT_CAT(node_id, _CHILDREN_OKAY)(fn)
#define DT_FOREACH_CHILD_STATUS_OKAY_SEP(node_id, fn, sep) DT_CAT(node_id, _CHILDREN_OKAY_SEP)(fn, sep)
#define DT_FOREACH_CHILD_STATUS_OKAY_VARGS(node_id, fn, ...) DT_CAT(node_id, _CHILDREN_OKAY_VARGS)(fn, __VA_ARGS__)
#define DT_FOREACH_CHILD_STATUS_OKAY_SEP_VARGS(node_id, fn, sep, ...) DT_CAT(node_id, _CHILDREN_OKAY_SEP_VARGS)(fn, sep, __VA_ARGS__)

/* For each node above, the nearest first. */
#define DT_FOREACH_ANCESTOR(node_id, fn) DT_CAT(node_id, _ANCESTORS)(fn)

/* fn(node_id, idx) for each entry of its ranges. */
#define DT_FOREACH_RANGE(node_id, fn) DT_CAT(node_id, _RANGES_EACH)(fn)

/* fn(node_id, prop, idx) for each element of a property. */
#define DT_FOREACH_PROP_ELEM(node_id, prop, fn) DT_CAT4(node_id, _P_, prop, _EACH)(fn)
#define DT_FOREACH_PROP_ELEM_SEP(node_id, prop, fn, sep) DT_CAT4(node_id, _P_, prop, _EACH_SEP)(fn, sep)
#define DT_FOREACH_PROP_ELEM_VARGS(node_id, prop, fn, ...) DT_CAT4(node_id, _P_, prop, _EACH_VARGS)(fn, __VA_ARGS__)
#define DT_FOREACH_PROP_ELEM_SEP_VARGS(node_id, prop, fn, sep, ...) DT_CAT4(node_id, _P_, prop, _EACH_SEP_VARGS)(fn, sep, __VA_ARGS__)

/* For each node of the tree. */
#define DT_FOREACH_NODE(fn) Z_DT_EACH(DTT_EACH, Z_DT_HAS_TREE)(fn)
#define DT_FOREACH_STATUS_OKAY_NODE(fn) Z_DT_EACH(DTT_EACH_OKAY, Z_DT_HAS_TREE)(fn)
#define DT_FOREACH_NODE_VARGS(fn, ...) Z_DT_EACH(DTT_EACH_VARGS, Z_DT_HAS_TREE)(fn, __VA_ARGS__)
#define DT_FOREACH_STATUS_OKAY_NODE_VARGS(fn, ...) Z_DT_EACH(DTT_EACH_OKAY_VARGS, Z_DT_HAS_TREE)(fn, __VA_ARGS__)
#define DT_FOREACH_NODELABEL(node_id, fn) DT_CAT(node_id, _LABELS)(fn)
#define DT_FOREACH_NODELABEL_VARGS(node_id, fn, ...) DT_CAT(node_id, _LABELS_VARGS)(fn, __VA_ARGS__)

/* For each node of a compatible that is okay. */
#define DT_FOREACH_STATUS_OKAY(compat, fn) Z_DT_EACH_OF(compat, _EACH_NODE)(fn)
#define DT_FOREACH_STATUS_OKAY_VARGS(compat, fn, ...) Z_DT_EACH_OF(compat, _EACH_NODE_VARGS)(fn, __VA_ARGS__)

/* The macro that calls fn for each; one that swallows it where there is nothing. */
#define Z_DT_HAS_TREE DT_NODE_EXISTS(DT_ROOT)
#define Z_DT_EACH(each, exists) COND_CODE_1(exists, (each), (Z_DT_NOTHING))
#define Z_DT_EACH_OF(compat, each) Z_DT_EACH(DT_CAT3(DTK_, compat, each), DT_HAS_COMPAT_STATUS_OKAY(compat))
#define Z_DT_NOTHING(...)

#endif /* ZEPHYR_INCLUDE_DEVICETREE_FOREACH_H_ */
