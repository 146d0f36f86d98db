/* SPDX-License-Identifier: Apache-2.0
 *
 * Types of the C library that are not the compiler's.
 */
#ifndef LLEXT_LIBC_SYS_TYPES_H_
#define LLEXT_LIBC_SYS_TYPES_H_

#include <stddef.h>

typedef int ssize_t;
typedef int off_t;

#endif /* LLEXT_LIBC_SYS_TYPES_H_ */
