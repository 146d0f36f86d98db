/* SPDX-License-Identifier: Apache-2.0
 *
 * printk on the host: the C library's printf.
 */
#ifndef HOST_SHIM_PRINTK_H_
#define HOST_SHIM_PRINTK_H_

#include <stdio.h>

#define printk(...) ((void)printf(__VA_ARGS__))

#endif /* HOST_SHIM_PRINTK_H_ */
