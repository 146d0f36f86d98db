/* SPDX-License-Identifier: Apache-2.0
 *
 * Cyclic redundancy checks, bit by bit: small, and as fast as a virtual board needs.
 */
#include <zephyr/sys/crc.h>

/* The register stands at the top of a word, so that one loop does all widths; polynomial and seed are shifted there. */
static uint32_t from_the_highest(uint32_t poly, uint32_t crc, const uint8_t *at, size_t count)
{
	for (; count > 0; count--) {
		crc ^= (uint32_t)*at++ << 24;
		for (int bit = 0; bit < 8; bit++) {
			crc = crc << 1 ^ ((crc & 0x80000000u) != 0 ? poly : 0);
		}
	}
	return crc;
}

static uint32_t from_the_lowest(uint32_t poly, uint32_t crc, const uint8_t *at, size_t count)
{
	for (; count > 0; count--) {
		crc ^= *at++;
		for (int bit = 0; bit < 8; bit++) {
			crc = crc >> 1 ^ ((crc & 1u) != 0 ? poly : 0);
		}
	}
	return crc;
}

uint8_t crc8(const uint8_t *src, size_t len, uint8_t polynomial, uint8_t initial_value, bool reversed)
{
	if (reversed) {
		return (uint8_t)from_the_lowest(polynomial, initial_value, src, len);
	}
	return (uint8_t)(from_the_highest((uint32_t)polynomial << 24, (uint32_t)initial_value << 24, src, len) >> 24);
}

uint16_t crc16(uint16_t poly, uint16_t seed, const uint8_t *src, size_t len)
{
	return (uint16_t)(from_the_highest((uint32_t)poly << 16, (uint32_t)seed << 16, src, len) >> 16);
}

uint16_t crc16_reflect(uint16_t poly, uint16_t seed, const uint8_t *src, size_t len)
{
	return (uint16_t)from_the_lowest(poly, seed, src, len);
}

uint8_t crc7_be(uint8_t seed, const uint8_t *src, size_t len)
{
	return (uint8_t)(from_the_highest(0x12u << 24, (uint32_t)seed << 24, src, len) >> 24);
}

uint8_t crc8_ccitt(uint8_t initial_value, const void *buf, size_t len)
{
	return crc8(buf, len, 0x07, initial_value, false);
}

uint8_t crc8_rohc(uint8_t initial_value, const void *buf, size_t len)
{
	return crc8(buf, len, 0xE0, initial_value, true);
}

uint16_t crc16_ccitt(uint16_t seed, const uint8_t *src, size_t len)
{
	return crc16_reflect(0x8408, seed, src, len);
}

uint16_t crc16_itu_t(uint16_t seed, const uint8_t *src, size_t len)
{
	return crc16(0x1021, seed, src, len);
}

uint32_t crc24_pgp_update(uint32_t crc, const uint8_t *data, size_t len)
{
	return from_the_highest((uint32_t)CRC24_PGP_POLY << 8, crc << 8, data, len) >> 8;
}

uint32_t crc24_pgp(const uint8_t *data, size_t len)
{
	return crc24_pgp_update(CRC24_PGP_INITIAL_VALUE, data, len) & CRC24_FINAL_VALUE_MASK;
}

uint32_t crc32_ieee_update(uint32_t crc, const uint8_t *data, size_t len)
{
	return ~from_the_lowest(0xEDB88320u, ~crc, data, len);
}

uint32_t crc32_ieee(const uint8_t *data, size_t len)
{
	return crc32_ieee_update(0, data, len);
}

uint32_t crc32_c(uint32_t crc, const uint8_t *data, size_t len, bool first_pkt, bool last_pkt)
{
	crc = from_the_lowest(0x82F63B78u, first_pkt ? 0xFFFFFFFFu : crc, data, len);
	return last_pkt ? ~crc : crc;
}
