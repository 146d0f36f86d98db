/* SPDX-License-Identifier: Apache-2.0
 *
 * Byte orders: numbers of 16 to 64 bits, in registers and at any address, little and big endian. The boards are little
 * endian.
 */
#ifndef ZEPHYR_INCLUDE_SYS_BYTEORDER_H_
#define ZEPHYR_INCLUDE_SYS_BYTEORDER_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define Z_BYTE(x, from, to) (((uint64_t)(x) >> 8 * (from) & 0xFFU) << 8 * (to))
#define BSWAP_16(x) ((uint16_t)(Z_BYTE(x, 0, 1) | Z_BYTE(x, 1, 0)))
#define BSWAP_24(x) ((uint32_t)(Z_BYTE(x, 0, 2) | Z_BYTE(x, 1, 1) | Z_BYTE(x, 2, 0)))
#define BSWAP_32(x) ((uint32_t)(Z_BYTE(x, 0, 3) | Z_BYTE(x, 1, 2) | Z_BYTE(x, 2, 1) | Z_BYTE(x, 3, 0)))
#define BSWAP_40(x)                                                                                                    \
	((uint64_t)(Z_BYTE(x, 0, 4) | Z_BYTE(x, 1, 3) | Z_BYTE(x, 2, 2) | Z_BYTE(x, 3, 1) | Z_BYTE(x, 4, 0)))
#define BSWAP_48(x)                                                                                                    \
	((uint64_t)(Z_BYTE(x, 0, 5) | Z_BYTE(x, 1, 4) | Z_BYTE(x, 2, 3) | Z_BYTE(x, 3, 2) | Z_BYTE(x, 4, 1) |          \
		    Z_BYTE(x, 5, 0)))
#define BSWAP_64(x) (((uint64_t)BSWAP_32(x) << 32) | BSWAP_32((uint64_t)(x) >> 32))

#define sys_le16_to_cpu(val) (val)
#define sys_cpu_to_le16(val) (val)
#define sys_le24_to_cpu(val) (val)
#define sys_cpu_to_le24(val) (val)
#define sys_le32_to_cpu(val) (val)
#define sys_cpu_to_le32(val) (val)
#define sys_le40_to_cpu(val) (val)
#define sys_cpu_to_le40(val) (val)
#define sys_le48_to_cpu(val) (val)
#define sys_cpu_to_le48(val) (val)
#define sys_le64_to_cpu(val) (val)
#define sys_cpu_to_le64(val) (val)
#define sys_be16_to_cpu(val) BSWAP_16(val)
#define sys_cpu_to_be16(val) BSWAP_16(val)
#define sys_be24_to_cpu(val) BSWAP_24(val)
#define sys_cpu_to_be24(val) BSWAP_24(val)
#define sys_be32_to_cpu(val) BSWAP_32(val)
#define sys_cpu_to_be32(val) BSWAP_32(val)
#define sys_be40_to_cpu(val) BSWAP_40(val)
#define sys_cpu_to_be40(val) BSWAP_40(val)
#define sys_be48_to_cpu(val) BSWAP_48(val)
#define sys_cpu_to_be48(val) BSWAP_48(val)
#define sys_be64_to_cpu(val) BSWAP_64(val)
#define sys_cpu_to_be64(val) BSWAP_64(val)

/* Copies bytes in the opposite order; the two must not overlap. */
static inline void sys_memcpy_swap(void *dst, const void *src, size_t length)
{
	uint8_t *to = (uint8_t *)dst;
	const uint8_t *from = (const uint8_t *)src + length;

	while (length-- > 0) {
		*to++ = *--from;
	}
}

static inline void sys_mem_swap(void *buf, size_t length)
{
	uint8_t *low = (uint8_t *)buf;
	uint8_t *high = low + length;

	while (low + 1 < high) {
		const uint8_t byte = *low;

		*low++ = *--high;
		*high = byte;
	}
}

/* Numbers of any length between memory and the CPU's order. */
static inline void sys_get_le(void *dst, const void *src, size_t length)
{
	uint8_t *to = (uint8_t *)dst;
	const uint8_t *from = (const uint8_t *)src;

	while (length-- > 0) {
		*to++ = *from++;
	}
}

static inline void sys_put_le(void *dst, const void *src, size_t length)
{
	sys_get_le(dst, src, length);
}

static inline void sys_get_be(void *dst, const void *src, size_t length)
{
	sys_memcpy_swap(dst, src, length);
}

static inline void sys_put_be(void *dst, const void *src, size_t length)
{
	sys_memcpy_swap(dst, src, length);
}

static inline uint64_t z_get_bytes(const uint8_t *src, int bytes, int big)
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < bytes; i++) {
		value = value << 8 | src[big ? i : bytes - 1 - i];
	}
	return value;
}

static inline void z_put_bytes(uint64_t val, uint8_t *dst, int bytes, int big)
{
	int i;

	for (i = 0; i < bytes; i++) {
		dst[big ? bytes - 1 - i : i] = (uint8_t)(val >> 8 * i);
	}
}

/* The same for numbers of one length: sys_get_le16(src), sys_put_be32(val, dst) and so on. */
#define Z_NUMBER_AT(order, bits, type, big)                                                                            \
	static inline type sys_get_##order##bits(const uint8_t src[(bits) / 8])                                        \
	{                                                                                                              \
		return (type)z_get_bytes(src, (bits) / 8, big);                                                        \
	}                                                                                                              \
	static inline void sys_put_##order##bits(type val, uint8_t dst[(bits) / 8])                                    \
	{                                                                                                              \
		z_put_bytes(val, dst, (bits) / 8, big);                                                                \
	}
Z_NUMBER_AT(le, 16, uint16_t, 0)
Z_NUMBER_AT(le, 24, uint32_t, 0)
Z_NUMBER_AT(le, 32, uint32_t, 0)
Z_NUMBER_AT(le, 40, uint64_t, 0)
Z_NUMBER_AT(le, 48, uint64_t, 0)
Z_NUMBER_AT(le, 64, uint64_t, 0)
Z_NUMBER_AT(be, 16, uint16_t, 1)
Z_NUMBER_AT(be, 24, uint32_t, 1)
Z_NUMBER_AT(be, 32, uint32_t, 1)
Z_NUMBER_AT(be, 40, uint64_t, 1)
Z_NUMBER_AT(be, 48, uint64_t, 1)
Z_NUMBER_AT(be, 64, uint64_t, 1)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_BYTEORDER_H_ */
