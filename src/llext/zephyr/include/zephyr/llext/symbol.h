/* SPDX-License-Identifier: Apache-2.0
 *
 * Symbols that cross between firmware and extensions. In an extension (LL_EXTENSION_BUILD) each export
 * is one entry of section .exported_sym: a name and an address.
 */
#ifndef ZEPHYR_INCLUDE_LLEXT_SYMBOL_H_
#define ZEPHYR_INCLUDE_LLEXT_SYMBOL_H_

#include <stddef.h>
#include <stdint.h>
#include <zephyr/sys/iterable_sections.h>
#include <zephyr/sys/util_macro.h>
#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

struct llext_const_symbol {
	__extension__ union {
		const char *name;
		uintptr_t slid;
	};
	const void *addr;
};

BUILD_ASSERT(sizeof(struct llext_const_symbol) == 2 * sizeof(void *), "struct llext_const_symbol");

struct llext_symbol {
	const char *name;
	void *addr;
};

struct llext_symtable {
	size_t sym_cnt;
	struct llext_symbol *syms;
};

#ifdef LL_EXTENSION_BUILD
#define Z_LLEXT_ENTRY(ident, text)                                                                                     \
	extern const struct llext_const_symbol __llext_sym_##text;                                                     \
	const struct llext_const_symbol __attribute__((__section__(".exported_sym"))) __used __llext_sym_##text = {    \
		{#text}, (const void *)(uintptr_t)&ident}
#define LL_EXTENSION_SYMBOL_NAMED(ident, text) Z_LLEXT_ENTRY(ident, text)
#define EXPORT_GROUP_SYMBOL_NAMED(group, ident, text) Z_LLEXT_ENTRY(ident, text)
#elif defined(CONFIG_LLEXT_KCONFIG) && !defined(CONFIG_LLEXT)
/* Firmware that loads nothing. */
#define LL_EXTENSION_SYMBOL_NAMED(ident, text) BUILD_ASSERT(sizeof(&ident) == sizeof(void *), #text)
#define EXPORT_GROUP_SYMBOL_NAMED(group, ident, text) BUILD_ASSERT(sizeof(&ident) == sizeof(void *), #text)
#else
/* Firmware: one entry of the table that llext_load looks in first, in the order of names; or of SLIDs, which take the names'
 * places when everything is linked.
 */
#ifdef CONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID
#define Z_LLEXT_CONST_ENTRY(ident, text)                                                                               \
	static const char __attribute__((__section__("llext_exports_strtab"))) __used z_llext_name_##text[] = #text;   \
	extern const struct llext_const_symbol __llext_sym_##text;                                                     \
	const STRUCT_SECTION_ITERABLE_NAMED(llext_const_symbol, text, __llext_sym_##text) = {                          \
		{z_llext_name_##text}, (const void *)(uintptr_t)&ident}
#else
#define Z_LLEXT_CONST_ENTRY(ident, text)                                                                               \
	extern const struct llext_const_symbol __llext_sym_##text;                                                     \
	const STRUCT_SECTION_ITERABLE_NAMED(llext_const_symbol, text, __llext_sym_##text) = {                          \
		{#text}, (const void *)(uintptr_t)&ident}
#endif
#define LL_EXTENSION_SYMBOL_NAMED(ident, text) BUILD_ASSERT(sizeof(&ident) == sizeof(void *), #text)
#ifdef CONFIG_LLEXT_KCONFIG
#define EXPORT_GROUP_SYMBOL_NAMED(group, ident, text)                                                                  \
	IF_ENABLED(CONFIG_LLEXT_EXPORT_SYMBOL_GROUP_##group, (Z_LLEXT_CONST_ENTRY(ident, text);))                      \
	BUILD_ASSERT(sizeof(&ident) == sizeof(void *), #text)
#else
#define EXPORT_GROUP_SYMBOL_NAMED(group, ident, text) Z_LLEXT_CONST_ENTRY(ident, text)
#endif
#endif

#define EXPORT_GROUP_SYMBOL(group, ident) EXPORT_GROUP_SYMBOL_NAMED(group, ident, ident)
#define EXPORT_SYMBOL_NAMED(ident, text) EXPORT_GROUP_SYMBOL_NAMED(UNASSIGNED, ident, text)
#define EXPORT_SYMBOL(ident) EXPORT_SYMBOL_NAMED(ident, ident)
#define LL_EXTENSION_SYMBOL(ident) LL_EXTENSION_SYMBOL_NAMED(ident, ident)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_LLEXT_SYMBOL_H_ */
