/* SPDX-License-Identifier: Apache-2.0
 *
 * Small macros for bits, sizes, ranges and text.
 */
#ifndef ZEPHYR_INCLUDE_SYS_UTIL_H_
#define ZEPHYR_INCLUDE_SYS_UTIL_H_

#include <zephyr/toolchain.h>
#include <zephyr/types.h>

#define POINTER_TO_UINT(x) ((uintptr_t)(x))
#define UINT_TO_POINTER(x) ((void *)(uintptr_t)(x))
#define POINTER_TO_INT(x) ((intptr_t)(x))
#define INT_TO_POINTER(x) ((void *)(intptr_t)(x))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define CONTAINER_OF(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))
#define SIZEOF_FIELD(type, member) sizeof(((type *)0)->member)
#define ARG_UNUSED(x) ((void)(x))

#define BIT(n) (1UL << (n))
#define BIT64(n) (1ULL << (n))
#define BIT_MASK(n) (BIT(n) - 1UL)
#define BIT64_MASK(n) (BIT64(n) - 1ULL)
#define IS_BIT_SET(value, bit) ((((value) >> (bit)) & 1) != 0)
#define WRITE_BIT(var, bit, set) ((var) = (set) ? ((var) | BIT(bit)) : ((var) & ~BIT(bit)))
#define GENMASK(high, low) ((~0UL - (1UL << (low)) + 1UL) & (~0UL >> (31 - (high))))
#define LSB_GET(value) ((value) & -(value))
#define FIELD_GET(mask, value) (((value) & (mask)) / LSB_GET(mask))
#define FIELD_PREP(mask, value) (((value) * LSB_GET(mask)) & (mask))

#define MIN(a, b) (((a) < (b)) ? (a) : (b))
#define MAX(a, b) (((a) > (b)) ? (a) : (b))
#define CLAMP(value, low, high) (((value) <= (low)) ? (low) : MIN(value, high))
#define IN_RANGE(value, low, high) ((value) >= (low) && (value) <= (high))
#define ROUND_UP(x, align) ((((unsigned long)(x) + ((unsigned long)(align)-1UL)) / (unsigned long)(align)) * (unsigned long)(align))
#define ROUND_DOWN(x, align) (((unsigned long)(x) / (unsigned long)(align)) * (unsigned long)(align))
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define DIV_ROUND_CLOSEST(n, d) ((((n) < 0) ^ ((d) < 0)) ? ((n) - ((d) / 2)) / (d) : ((n) + ((d) / 2)) / (d))
#define IS_ALIGNED(x, align) (((uintptr_t)(x)) % (align) == 0)
#define IS_POWER_OF_TWO(x) (((x) != 0U) && (((x) & ((x)-1U)) == 0U))
#define KB(x) ((x) << 10)
#define MB(x) (KB(x) << 10)
#define KHZ(x) ((x) * 1000)
#define MHZ(x) (KHZ(x) * 1000)

#define Z_STRINGIFY(x) #x
#define STRINGIFY(x) Z_STRINGIFY(x)
#define Z_CONCAT(x, y) x##y
#define CONCAT(x, y) Z_CONCAT(x, y)

/* IS_ENABLED(CONFIG_X): 1 if the macro is defined as 1, else 0. An argument that expands to 1 shifts the list by one. */
#define Z_ENABLED_1 0,
#define Z_ENABLED_SECOND(first, second, ...) second
#define Z_ENABLED_PICK(shift) Z_ENABLED_SECOND(shift 1, 0, 0)
#define Z_ENABLED_JOIN(value) Z_ENABLED_PICK(Z_ENABLED_##value)
#define IS_ENABLED(config) Z_ENABLED_JOIN(config)

#endif /* ZEPHYR_INCLUDE_SYS_UTIL_H_ */
