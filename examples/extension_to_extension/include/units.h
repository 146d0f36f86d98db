/* SPDX-License-Identifier: Apache-2.0
 *
 * What the extension units offers to others, and how they find it.
 */
#ifndef UNITS_H
#define UNITS_H

/* Tenths of a degree for what the converter says. */
extern int to_tenths(int raw);
typedef int (*to_tenths_fn)(int raw);

/* Of the firmware: the address of what an extension exports, NULL while it is not loaded or has no such name. */
extern const void *function_of(const char *extension, const char *name);

#endif
