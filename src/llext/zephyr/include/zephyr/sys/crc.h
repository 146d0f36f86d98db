/* SPDX-License-Identifier: Apache-2.0
 *
 * Cyclic redundancy checks. A seed is the algorithm's initial value, or what the call for the piece before returned. What an
 * algorithm inverts at the end is the caller's business, except for those of 32 bits.
 */
#ifndef ZEPHYR_INCLUDE_SYS_CRC_H_
#define ZEPHYR_INCLUDE_SYS_CRC_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CRC8_CCITT_INITIAL_VALUE 0xFF
#define CRC8_ROHC_INITIAL_VALUE 0xFF
#define CRC24_PGP_INITIAL_VALUE 0x00B704CEU
#define CRC24_PGP_POLY 0x01864CFBU
#define CRC24_FINAL_VALUE_MASK 0x00FFFFFFU

/* Any polynomial; reversed and reflected ones take bits from the lowest, with the polynomial's bits turned round. */
uint8_t crc8(const uint8_t *src, size_t len, uint8_t polynomial, uint8_t initial_value, bool reversed);
uint16_t crc16(uint16_t poly, uint16_t seed, const uint8_t *src, size_t len);
uint16_t crc16_reflect(uint16_t poly, uint16_t seed, const uint8_t *src, size_t len);

/* x^7 + x^3 + 1, in the upper bits of the byte. */
uint8_t crc7_be(uint8_t seed, const uint8_t *src, size_t len);
/* x^8 + x^2 + x + 1, from the highest bit, and from the lowest. */
uint8_t crc8_ccitt(uint8_t initial_value, const void *buf, size_t len);
uint8_t crc8_rohc(uint8_t initial_value, const void *buf, size_t len);
/* x^16 + x^12 + x^5 + 1, from the lowest bit, and from the highest. */
uint16_t crc16_ccitt(uint16_t seed, const uint8_t *src, size_t len);
uint16_t crc16_itu_t(uint16_t seed, const uint8_t *src, size_t len);
/* OpenPGP's. */
uint32_t crc24_pgp(const uint8_t *data, size_t len);
uint32_t crc24_pgp_update(uint32_t crc, const uint8_t *data, size_t len);
/* Ethernet's, as zlib's crc32 has it; Castagnoli's, whose first and last piece are told. */
uint32_t crc32_ieee(const uint8_t *data, size_t len);
uint32_t crc32_ieee_update(uint32_t crc, const uint8_t *data, size_t len);
uint32_t crc32_c(uint32_t crc, const uint8_t *data, size_t len, bool first_pkt, bool last_pkt);

/* x^16 + x^15 + x^2 + 1, from the lowest bit: Modbus has it. */
static inline uint16_t crc16_ansi(const uint8_t *src, size_t len)
{
	return crc16_reflect(0xA001, 0xFFFF, src, len);
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_CRC_H_ */
