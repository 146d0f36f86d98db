/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects of one type, defined anywhere, gathered by the linker in the order of their names. An extension that asks for a
 * list gets those of its own sources; 'llext build' makes the list's bounds when it joins them.
 */
#ifndef ZEPHYR_INCLUDE_SYS_ITERABLE_SECTIONS_H_
#define ZEPHYR_INCLUDE_SYS_ITERABLE_SECTIONS_H_

#include <stddef.h>
#include <stdint.h>
#include <zephyr/sys/util_macro.h>
#include <zephyr/toolchain.h>

/* "secname" names the list, "postfix" the object's place in it. */
#define TYPE_SECTION_ITERABLE(type, varname, secname, postfix)                                                         \
	__aligned(__alignof__(type)) type varname Z_ITERABLE_SECTION(secname, postfix) __used
#define Z_ITERABLE_SECTION(secname, postfix) Z_ITERABLE_NAME(secname, postfix)
#define Z_ITERABLE_NAME(secname, postfix) __attribute__((__section__("._" #secname ".static." #postfix "_")))

#define TYPE_SECTION_START(secname) CONCAT(_, secname, _list_start)
#define TYPE_SECTION_END(secname) CONCAT(_, secname, _list_end)
#define TYPE_SECTION_START_EXTERN(type, secname) extern type TYPE_SECTION_START(secname)[]
#define TYPE_SECTION_END_EXTERN(type, secname) extern type TYPE_SECTION_END(secname)[]

#define TYPE_SECTION_FOREACH(type, secname, iterator)                                                                  \
	TYPE_SECTION_START_EXTERN(type, secname);                                                                      \
	TYPE_SECTION_END_EXTERN(type, secname);                                                                        \
	for (type * iterator = TYPE_SECTION_START(secname); iterator < TYPE_SECTION_END(secname); iterator++)

#define TYPE_SECTION_GET(type, secname, index, result)                                                                 \
	do {                                                                                                           \
		TYPE_SECTION_START_EXTERN(type, secname);                                                              \
		*(result) = &TYPE_SECTION_START(secname)[index];                                                       \
	} while (0)

#define TYPE_SECTION_COUNT(type, secname, result)                                                                      \
	do {                                                                                                           \
		TYPE_SECTION_START_EXTERN(type, secname);                                                              \
		TYPE_SECTION_END_EXTERN(type, secname);                                                                \
		*(result) = ((uintptr_t)TYPE_SECTION_END(secname) - (uintptr_t)TYPE_SECTION_START(secname)) /          \
			    sizeof(type);                                                                              \
	} while (0)

#define STRUCT_SECTION_START(struct_type) TYPE_SECTION_START(struct_type)
#define STRUCT_SECTION_END(struct_type) TYPE_SECTION_END(struct_type)
#define STRUCT_SECTION_START_EXTERN(struct_type) TYPE_SECTION_START_EXTERN(struct struct_type, struct_type)
#define STRUCT_SECTION_END_EXTERN(struct_type) TYPE_SECTION_END_EXTERN(struct struct_type, struct_type)

#define STRUCT_SECTION_ITERABLE(struct_type, varname)                                                                  \
	TYPE_SECTION_ITERABLE(struct struct_type, varname, struct_type, varname)
#define STRUCT_SECTION_ITERABLE_NAMED(struct_type, name, varname)                                                      \
	TYPE_SECTION_ITERABLE(struct struct_type, varname, struct_type, name)
#define STRUCT_SECTION_ITERABLE_ALTERNATE(secname, struct_type, varname)                                               \
	TYPE_SECTION_ITERABLE(struct struct_type, varname, secname, varname)
#define STRUCT_SECTION_ITERABLE_NAMED_ALTERNATE(struct_type, secname, name, varname)                                   \
	TYPE_SECTION_ITERABLE(struct struct_type, varname, secname, name)
#define STRUCT_SECTION_ITERABLE_ARRAY(struct_type, varname, size)                                                      \
	TYPE_SECTION_ITERABLE(struct struct_type, varname[size], struct_type, varname)

#define STRUCT_SECTION_FOREACH_ALTERNATE(secname, struct_type, iterator)                                               \
	TYPE_SECTION_FOREACH(struct struct_type, secname, iterator)
#define STRUCT_SECTION_FOREACH(struct_type, iterator)                                                                  \
	TYPE_SECTION_FOREACH(struct struct_type, struct_type, iterator)
#define STRUCT_SECTION_GET(struct_type, index, result)                                                                 \
	TYPE_SECTION_GET(struct struct_type, struct_type, index, result)
#define STRUCT_SECTION_COUNT(struct_type, result)                                                                      \
	TYPE_SECTION_COUNT(struct struct_type, struct_type, result)

#endif /* ZEPHYR_INCLUDE_SYS_ITERABLE_SECTIONS_H_ */
