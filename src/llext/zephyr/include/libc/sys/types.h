/* SPDX-License-Identifier: Apache-2.0
 *
 * Types of the C library that are not the compiler's.
 */
#ifndef LLEXT_LIBC_SYS_TYPES_H_
#define LLEXT_LIBC_SYS_TYPES_H_

#include <stddef.h>
#include <stdint.h>

typedef int32_t ssize_t;
typedef int32_t off_t;

#endif /* LLEXT_LIBC_SYS_TYPES_H_ */
