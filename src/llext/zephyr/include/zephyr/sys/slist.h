/* SPDX-License-Identifier: Apache-2.0
 *
 * Singly linked lists.
 */
#ifndef ZEPHYR_INCLUDE_SYS_SLIST_H_
#define ZEPHYR_INCLUDE_SYS_SLIST_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct _snode {
	struct _snode *next;
};
typedef struct _snode sys_snode_t;

struct _slist {
	sys_snode_t *head;
	sys_snode_t *tail;
};
typedef struct _slist sys_slist_t;

#define SYS_SLIST_STATIC_INIT(list) {NULL, NULL}

static inline void sys_slist_init(sys_slist_t *list)
{
	list->head = NULL;
	list->tail = NULL;
}

static inline void z_snode_link(sys_snode_t *node, sys_snode_t *next)
{
	node->next = next;
}

static inline sys_snode_t *sys_slist_peek_next_no_check(const sys_snode_t *node)
{
	return node->next;
}

static inline sys_snode_t *sys_slist_peek_head(const sys_slist_t *list)
{
	return list->head;
}

static inline sys_snode_t *sys_slist_peek_tail(const sys_slist_t *list)
{
	return list->tail;
}

static inline bool sys_slist_is_empty(const sys_slist_t *list)
{
	return list->head == NULL;
}

static inline sys_snode_t *sys_slist_peek_next(const sys_snode_t *node)
{
	return node == NULL ? NULL : sys_slist_peek_next_no_check(node);
}

static inline void sys_slist_prepend(sys_slist_t *list, sys_snode_t *node)
{
	z_snode_link(node, list->head);
	list->head = node;
	if (list->tail == NULL) {
		list->tail = node;
	}
}

/* Nodes that are linked already, from head to tail. Nothing if either is NULL. */
static inline void sys_slist_append_list(sys_slist_t *list, void *head, void *tail)
{
	if (head == NULL || tail == NULL) {
		return;
	}
	if (list->tail == NULL) {
		list->head = (sys_snode_t *)head;
	} else {
		z_snode_link(list->tail, (sys_snode_t *)head);
	}
	list->tail = (sys_snode_t *)tail;
}

static inline void sys_slist_append(sys_slist_t *list, sys_snode_t *node)
{
	z_snode_link(node, NULL);
	sys_slist_append_list(list, node, node);
}

/* All of another list, which is empty afterwards. */
static inline void sys_slist_merge_slist(sys_slist_t *list, sys_slist_t *other)
{
	sys_slist_append_list(list, other->head, other->tail);
	sys_slist_init(other);
}

/* Behind another node, or first of all behind NULL. */
static inline void sys_slist_insert(sys_slist_t *list, sys_snode_t *previous, sys_snode_t *node)
{
	if (previous == NULL) {
		sys_slist_prepend(list, node);
	} else if (sys_slist_peek_next_no_check(previous) == NULL) {
		sys_slist_append(list, node);
	} else {
		z_snode_link(node, sys_slist_peek_next_no_check(previous));
		z_snode_link(previous, node);
	}
}

/* Takes the node out that stands behind another one, or first of all behind NULL. */
static inline void sys_slist_remove(sys_slist_t *list, sys_snode_t *previous, sys_snode_t *node)
{
	if (previous == NULL) {
		list->head = sys_slist_peek_next_no_check(node);
	} else {
		z_snode_link(previous, sys_slist_peek_next_no_check(node));
	}
	if (list->tail == node) {
		list->tail = previous;
	}
	z_snode_link(node, NULL);
}

static inline sys_snode_t *sys_slist_get_not_empty(sys_slist_t *list)
{
	sys_snode_t *node = list->head;

	sys_slist_remove(list, NULL, node);
	return node;
}

static inline sys_snode_t *sys_slist_get(sys_slist_t *list)
{
	return sys_slist_is_empty(list) ? NULL : sys_slist_get_not_empty(list);
}

#define SYS_SLIST_FOR_EACH_NODE(list, node)                                                                           \
	for (node = sys_slist_peek_head(list); (node) != NULL; node = sys_slist_peek_next(node))
#define SYS_SLIST_ITERATE_FROM_NODE(list, node)                                                                       \
	for (node = (node) ? sys_slist_peek_next(node) : sys_slist_peek_head(list); (node) != NULL;                  \
	     node = sys_slist_peek_next(node))
#define SYS_SLIST_FOR_EACH_NODE_SAFE(list, node, after)                                                               \
	for (node = sys_slist_peek_head(list), after = sys_slist_peek_next(node); (node) != NULL;                    \
	     node = (after), after = sys_slist_peek_next(node))

/* Whether it is there; the node before it, or the last one of the list if it is not, is stored if that is asked for. */
static inline bool sys_slist_find(const sys_slist_t *list, const sys_snode_t *node, sys_snode_t **previous)
{
	sys_snode_t *before = NULL;
	sys_snode_t *at = list->head;

	while (at != NULL && at != node) {
		before = at;
		at = sys_slist_peek_next_no_check(at);
	}
	if (previous != NULL) {
		*previous = before;
	}
	return at != NULL;
}

static inline bool sys_slist_find_and_remove(sys_slist_t *list, sys_snode_t *node)
{
	sys_snode_t *before;

	if (!sys_slist_find(list, node, &before)) {
		return false;
	}
	sys_slist_remove(list, before, node);
	return true;
}

static inline size_t sys_slist_len(const sys_slist_t *list)
{
	size_t length = 0;
	const sys_snode_t *node;

	SYS_SLIST_FOR_EACH_NODE(list, node) {
		length++;
	}
	return length;
}

/* "container" is a pointer to the struct in which "member" is the node. */
#define SYS_SLIST_CONTAINER(node, container, member)                                                                  \
	((node) != NULL ? CONTAINER_OF(node, __typeof__(*(container)), member) : NULL)
#define SYS_SLIST_PEEK_HEAD_CONTAINER(list, container, member)                                                        \
	SYS_SLIST_CONTAINER(sys_slist_peek_head(list), container, member)
#define SYS_SLIST_PEEK_TAIL_CONTAINER(list, container, member)                                                        \
	SYS_SLIST_CONTAINER(sys_slist_peek_tail(list), container, member)
#define SYS_SLIST_PEEK_NEXT_CONTAINER(container, member)                                                              \
	((container) != NULL ? SYS_SLIST_CONTAINER(sys_slist_peek_next(&((container)->member)), container, member)   \
			     : NULL)
#define SYS_SLIST_FOR_EACH_CONTAINER(list, container, member)                                                         \
	for (container = SYS_SLIST_PEEK_HEAD_CONTAINER(list, container, member); (container) != NULL;                 \
	     container = SYS_SLIST_PEEK_NEXT_CONTAINER(container, member))
#define SYS_SLIST_FOR_EACH_CONTAINER_SAFE(list, container, after, member)                                             \
	for (container = SYS_SLIST_PEEK_HEAD_CONTAINER(list, container, member),                                      \
	    after = SYS_SLIST_PEEK_NEXT_CONTAINER(container, member);                                                 \
	     (container) != NULL;                                                                                      \
	     container = (after), after = SYS_SLIST_PEEK_NEXT_CONTAINER(container, member))

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_SLIST_H_ */
