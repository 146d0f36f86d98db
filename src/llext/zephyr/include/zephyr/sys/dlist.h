/* SPDX-License-Identifier: Apache-2.0
 *
 * Doubly linked lists. A list is a node that its ends lead back to; a node that is in no list leads nowhere. Unlike in
 * Zephyr, list and node have one pair of names for their two pointers: next (first of a list) and prev (last).
 */
#ifndef ZEPHYR_INCLUDE_SYS_DLIST_H_
#define ZEPHYR_INCLUDE_SYS_DLIST_H_

#include <stdbool.h>
#include <stddef.h>
#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct _dnode {
	struct _dnode *next;
	struct _dnode *prev;
};

typedef struct _dnode sys_dlist_t;
typedef struct _dnode sys_dnode_t;

#define SYS_DLIST_STATIC_INIT(list) {(list), (list)}

static inline void sys_dlist_init(sys_dlist_t *list)
{
	list->next = list;
	list->prev = list;
}

static inline void sys_dnode_init(sys_dnode_t *node)
{
	node->next = NULL;
	node->prev = NULL;
}

static inline bool sys_dnode_is_linked(const sys_dnode_t *node)
{
	return node->next != NULL;
}

static inline bool sys_dlist_is_head(const sys_dlist_t *list, const sys_dnode_t *node)
{
	return list->next == node;
}

static inline bool sys_dlist_is_tail(const sys_dlist_t *list, const sys_dnode_t *node)
{
	return list->prev == node;
}

static inline bool sys_dlist_is_empty(const sys_dlist_t *list)
{
	return list->next == list;
}

static inline bool sys_dlist_has_multiple_nodes(const sys_dlist_t *list)
{
	return list->next != list->prev;
}

static inline sys_dnode_t *sys_dlist_peek_head(const sys_dlist_t *list)
{
	return sys_dlist_is_empty(list) ? NULL : list->next;
}

static inline sys_dnode_t *sys_dlist_peek_head_not_empty(const sys_dlist_t *list)
{
	return list->next;
}

static inline sys_dnode_t *sys_dlist_peek_tail(const sys_dlist_t *list)
{
	return sys_dlist_is_empty(list) ? NULL : list->prev;
}

static inline sys_dnode_t *sys_dlist_peek_next_no_check(const sys_dlist_t *list, const sys_dnode_t *node)
{
	return node == list->prev ? NULL : node->next;
}

static inline sys_dnode_t *sys_dlist_peek_next(const sys_dlist_t *list, const sys_dnode_t *node)
{
	return node == NULL ? NULL : sys_dlist_peek_next_no_check(list, node);
}

static inline sys_dnode_t *sys_dlist_peek_prev_no_check(const sys_dlist_t *list, const sys_dnode_t *node)
{
	return node == list->next ? NULL : node->prev;
}

static inline sys_dnode_t *sys_dlist_peek_prev(const sys_dlist_t *list, const sys_dnode_t *node)
{
	return node == NULL ? NULL : sys_dlist_peek_prev_no_check(list, node);
}

/* Puts a node in front of another, which may be the list itself: then it is the last one. */
static inline void sys_dlist_insert(sys_dnode_t *successor, sys_dnode_t *node)
{
	node->next = successor;
	node->prev = successor->prev;
	successor->prev->next = node;
	successor->prev = node;
}

static inline void sys_dlist_append(sys_dlist_t *list, sys_dnode_t *node)
{
	sys_dlist_insert(list, node);
}

static inline void sys_dlist_prepend(sys_dlist_t *list, sys_dnode_t *node)
{
	sys_dlist_insert(list->next, node);
}

/* Takes a node out without marking it as out. */
static inline void sys_dlist_dequeue(sys_dnode_t *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
}

static inline void sys_dlist_remove(sys_dnode_t *node)
{
	sys_dlist_dequeue(node);
	sys_dnode_init(node);
}

static inline sys_dnode_t *sys_dlist_get(sys_dlist_t *list)
{
	sys_dnode_t *node = sys_dlist_peek_head(list);

	if (node != NULL) {
		sys_dlist_remove(node);
	}
	return node;
}

/* In front of the first node for which the condition holds, or behind all. */
static inline void sys_dlist_insert_at(sys_dlist_t *list, sys_dnode_t *node,
				       int (*condition)(sys_dnode_t *node, void *data), void *data)
{
	sys_dnode_t *at = list->next;

	while (at != list && !condition(at, data)) {
		at = at->next;
	}
	sys_dlist_insert(at, node);
}

static inline size_t sys_dlist_len(const sys_dlist_t *list)
{
	size_t length = 0;
	const sys_dnode_t *node = list->next;

	for (; node != list; node = node->next) {
		length++;
	}
	return length;
}

#define SYS_DLIST_ITERATE_FROM_NODE(list, node)                                                                        \
	for (node = (node) ? sys_dlist_peek_next(list, node) : sys_dlist_peek_head(list); (node) != NULL;              \
	     node = sys_dlist_peek_next(list, node))
#define SYS_DLIST_FOR_EACH_NODE(list, node)                                                                            \
	for (node = sys_dlist_peek_head(list); (node) != NULL; node = sys_dlist_peek_next(list, node))
#define SYS_DLIST_FOR_EACH_NODE_SAFE(list, node, after)                                                                \
	for (node = sys_dlist_peek_head(list), after = sys_dlist_peek_next(list, node); (node) != NULL;                \
	     node = (after), after = sys_dlist_peek_next(list, node))

/* "container" is a pointer to the struct in which "member" is the node. */
#define SYS_DLIST_CONTAINER(node, container, member)                                                                   \
	((node) != NULL ? CONTAINER_OF(node, __typeof__(*(container)), member) : NULL)
#define SYS_DLIST_PEEK_HEAD_CONTAINER(list, container, member)                                                         \
	SYS_DLIST_CONTAINER(sys_dlist_peek_head(list), container, member)
#define SYS_DLIST_PEEK_NEXT_CONTAINER(list, container, member)                                                         \
	((container) != NULL ? SYS_DLIST_CONTAINER(sys_dlist_peek_next(list, &((container)->member)), container, member) \
			     : NULL)
#define SYS_DLIST_FOR_EACH_CONTAINER(list, container, member)                                                          \
	for (container = SYS_DLIST_PEEK_HEAD_CONTAINER(list, container, member); (container) != NULL;                  \
	     container = SYS_DLIST_PEEK_NEXT_CONTAINER(list, container, member))
#define SYS_DLIST_FOR_EACH_CONTAINER_SAFE(list, container, after, member)                                              \
	for (container = SYS_DLIST_PEEK_HEAD_CONTAINER(list, container, member),                                       \
	    after = SYS_DLIST_PEEK_NEXT_CONTAINER(list, container, member);                                            \
	     (container) != NULL;                                                                                      \
	     container = (after), after = SYS_DLIST_PEEK_NEXT_CONTAINER(list, container, member))

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_DLIST_H_ */
