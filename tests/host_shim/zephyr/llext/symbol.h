/* SPDX-License-Identifier: Apache-2.0
 *
 * Exports mean nothing on the host; the linker sees every function.
 */
#ifndef HOST_SHIM_SYMBOL_H_
#define HOST_SHIM_SYMBOL_H_

#define EXPORT_SYMBOL(ident) extern int host_shim_no_export
#define EXPORT_SYMBOL_NAMED(ident, text) EXPORT_SYMBOL(ident)
#define EXPORT_GROUP_SYMBOL(group, ident) EXPORT_SYMBOL(ident)
#define EXPORT_GROUP_SYMBOL_NAMED(group, ident, text) EXPORT_SYMBOL(ident)
#define LL_EXTENSION_SYMBOL(ident) EXPORT_SYMBOL(ident)
#define LL_EXTENSION_SYMBOL_NAMED(ident, text) EXPORT_SYMBOL(ident)

#endif /* HOST_SHIM_SYMBOL_H_ */
