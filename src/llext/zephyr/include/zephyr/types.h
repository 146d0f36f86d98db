/* SPDX-License-Identifier: Apache-2.0
 *
 * Integer types that Zephyr code expects without asking.
 */
#ifndef ZEPHYR_INCLUDE_TYPES_H_
#define ZEPHYR_INCLUDE_TYPES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#endif /* ZEPHYR_INCLUDE_TYPES_H_ */
