/* SPDX-License-Identifier: Apache-2.0
 *
 * Singly linked lists whose nodes carry two flags in the low bits of their pointer (three where it has 64 bits).
 * sys_sfnode_init makes a node ready; what moves nodes keeps their flags.
 */
#ifndef ZEPHYR_INCLUDE_SYS_SFLIST_H_
#define ZEPHYR_INCLUDE_SYS_SFLIST_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct _sfnode {
	uintptr_t next_and_flags;
};
typedef struct _sfnode sys_sfnode_t;

struct _sflist {
	sys_sfnode_t *head;
	sys_sfnode_t *tail;
};
typedef struct _sflist sys_sflist_t;

/* The bits that the address of an aligned node leaves free. */
#define SYS_SFLIST_FLAGS_MASK ((uintptr_t)(sizeof(void *) - 1))

#define SYS_SFLIST_STATIC_INIT(list) {NULL, NULL}

static inline void sys_sflist_init(sys_sflist_t *list)
{
	list->head = NULL;
	list->tail = NULL;
}

/* Another successor; the node's flags stay. */
static inline void z_sfnode_link(sys_sfnode_t *node, sys_sfnode_t *next)
{
	node->next_and_flags = (uintptr_t)next | (node->next_and_flags & SYS_SFLIST_FLAGS_MASK);
}

static inline sys_sfnode_t *sys_sflist_peek_next_no_check(const sys_sfnode_t *node)
{
	return (sys_sfnode_t *)(node->next_and_flags & ~SYS_SFLIST_FLAGS_MASK);
}

static inline uint8_t sys_sfnode_flags_get(const sys_sfnode_t *node)
{
	return (uint8_t)(node->next_and_flags & SYS_SFLIST_FLAGS_MASK);
}

/* A node that is in no list yet. */
static inline void sys_sfnode_init(sys_sfnode_t *node, uint8_t flags)
{
	node->next_and_flags = flags & SYS_SFLIST_FLAGS_MASK;
}

static inline void sys_sfnode_flags_set(sys_sfnode_t *node, uint8_t flags)
{
	node->next_and_flags = (node->next_and_flags & ~SYS_SFLIST_FLAGS_MASK) | (flags & SYS_SFLIST_FLAGS_MASK);
}

static inline sys_sfnode_t *sys_sflist_peek_head(const sys_sflist_t *list)
{
	return list->head;
}

static inline sys_sfnode_t *sys_sflist_peek_tail(const sys_sflist_t *list)
{
	return list->tail;
}

static inline bool sys_sflist_is_empty(const sys_sflist_t *list)
{
	return list->head == NULL;
}

static inline sys_sfnode_t *sys_sflist_peek_next(const sys_sfnode_t *node)
{
	return node == NULL ? NULL : sys_sflist_peek_next_no_check(node);
}

static inline void sys_sflist_prepend(sys_sflist_t *list, sys_sfnode_t *node)
{
	z_sfnode_link(node, list->head);
	list->head = node;
	if (list->tail == NULL) {
		list->tail = node;
	}
}

/* Nodes that are linked already, from head to tail. Nothing if either is NULL. */
static inline void sys_sflist_append_list(sys_sflist_t *list, void *head, void *tail)
{
	if (head == NULL || tail == NULL) {
		return;
	}
	if (list->tail == NULL) {
		list->head = (sys_sfnode_t *)head;
	} else {
		z_sfnode_link(list->tail, (sys_sfnode_t *)head);
	}
	list->tail = (sys_sfnode_t *)tail;
}

static inline void sys_sflist_append(sys_sflist_t *list, sys_sfnode_t *node)
{
	z_sfnode_link(node, NULL);
	sys_sflist_append_list(list, node, node);
}

/* All of another list, which is empty afterwards. */
static inline void sys_sflist_merge_sflist(sys_sflist_t *list, sys_sflist_t *other)
{
	sys_sflist_append_list(list, other->head, other->tail);
	sys_sflist_init(other);
}

/* Behind another node, or first of all behind NULL. */
static inline void sys_sflist_insert(sys_sflist_t *list, sys_sfnode_t *previous, sys_sfnode_t *node)
{
	if (previous == NULL) {
		sys_sflist_prepend(list, node);
	} else if (sys_sflist_peek_next_no_check(previous) == NULL) {
		sys_sflist_append(list, node);
	} else {
		z_sfnode_link(node, sys_sflist_peek_next_no_check(previous));
		z_sfnode_link(previous, node);
	}
}

/* Takes the node out that stands behind another one, or first of all behind NULL. */
static inline void sys_sflist_remove(sys_sflist_t *list, sys_sfnode_t *previous, sys_sfnode_t *node)
{
	if (previous == NULL) {
		list->head = sys_sflist_peek_next_no_check(node);
	} else {
		z_sfnode_link(previous, sys_sflist_peek_next_no_check(node));
	}
	if (list->tail == node) {
		list->tail = previous;
	}
	z_sfnode_link(node, NULL);
}

static inline sys_sfnode_t *sys_sflist_get_not_empty(sys_sflist_t *list)
{
	sys_sfnode_t *node = list->head;

	sys_sflist_remove(list, NULL, node);
	return node;
}

static inline sys_sfnode_t *sys_sflist_get(sys_sflist_t *list)
{
	return sys_sflist_is_empty(list) ? NULL : sys_sflist_get_not_empty(list);
}

#define SYS_SFLIST_FOR_EACH_NODE(list, node)                                                                           \
	for (node = sys_sflist_peek_head(list); (node) != NULL; node = sys_sflist_peek_next(node))
#define SYS_SFLIST_ITERATE_FROM_NODE(list, node)                                                                       \
	for (node = (node) ? sys_sflist_peek_next(node) : sys_sflist_peek_head(list); (node) != NULL;                  \
	     node = sys_sflist_peek_next(node))
#define SYS_SFLIST_FOR_EACH_NODE_SAFE(list, node, after)                                                               \
	for (node = sys_sflist_peek_head(list), after = sys_sflist_peek_next(node); (node) != NULL;                    \
	     node = (after), after = sys_sflist_peek_next(node))

/* Whether it is there; the node before it, or the last one of the list if it is not, is stored if that is asked for. */
static inline bool sys_sflist_find(const sys_sflist_t *list, const sys_sfnode_t *node, sys_sfnode_t **previous)
{
	sys_sfnode_t *before = NULL;
	sys_sfnode_t *at = list->head;

	while (at != NULL && at != node) {
		before = at;
		at = sys_sflist_peek_next_no_check(at);
	}
	if (previous != NULL) {
		*previous = before;
	}
	return at != NULL;
}

static inline bool sys_sflist_find_and_remove(sys_sflist_t *list, sys_sfnode_t *node)
{
	sys_sfnode_t *before;

	if (!sys_sflist_find(list, node, &before)) {
		return false;
	}
	sys_sflist_remove(list, before, node);
	return true;
}

static inline size_t sys_sflist_len(const sys_sflist_t *list)
{
	size_t length = 0;
	const sys_sfnode_t *node;

	SYS_SFLIST_FOR_EACH_NODE(list, node) {
		length++;
	}
	return length;
}

/* "container" is a pointer to the struct in which "member" is the node. */
#define SYS_SFLIST_CONTAINER(node, container, member)                                                                  \
	((node) != NULL ? CONTAINER_OF(node, __typeof__(*(container)), member) : NULL)
#define SYS_SFLIST_PEEK_HEAD_CONTAINER(list, container, member)                                                        \
	SYS_SFLIST_CONTAINER(sys_sflist_peek_head(list), container, member)
#define SYS_SFLIST_PEEK_TAIL_CONTAINER(list, container, member)                                                        \
	SYS_SFLIST_CONTAINER(sys_sflist_peek_tail(list), container, member)
#define SYS_SFLIST_PEEK_NEXT_CONTAINER(container, member)                                                              \
	((container) != NULL ? SYS_SFLIST_CONTAINER(sys_sflist_peek_next(&((container)->member)), container, member)   \
			     : NULL)
#define SYS_SFLIST_FOR_EACH_CONTAINER(list, container, member)                                                         \
	for (container = SYS_SFLIST_PEEK_HEAD_CONTAINER(list, container, member); (container) != NULL;                 \
	     container = SYS_SFLIST_PEEK_NEXT_CONTAINER(container, member))
#define SYS_SFLIST_FOR_EACH_CONTAINER_SAFE(list, container, after, member)                                             \
	for (container = SYS_SFLIST_PEEK_HEAD_CONTAINER(list, container, member),                                      \
	    after = SYS_SFLIST_PEEK_NEXT_CONTAINER(container, member);                                                 \
	     (container) != NULL;                                                                                      \
	     container = (after), after = SYS_SFLIST_PEEK_NEXT_CONTAINER(container, member))

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_SFLIST_H_ */
