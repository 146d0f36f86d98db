/* Relocations that compilers write for extensions: AAELF32, RISC-V psABI. Others are -8. */
#include "stand_in.h"

static void put16(uint8_t *at, uint32_t value) { at[0] = (uint8_t)value, at[1] = (uint8_t)(value >> 8); }
static uint32_t get16(uint8_t *at) { return at[0] | (uint32_t)at[1] << 8; }
static void put32(uint8_t *at, uint32_t value) { put16(at, value), put16(at + 2, value >> 16); }
static uint32_t get32(uint8_t *at) { return get16(at) | get16(at + 2) << 16; }

#ifdef __riscv
static void put_high(uint8_t *at, uint32_t value) { put32(at, (get32(at) & 0xFFF) | ((value + 0x800) & 0xFFFFF000)); }
static void put_low(uint8_t *at, uint32_t value) { put32(at, (get32(at) & 0xFFFFF) | value << 20); }

int arch_elf_relocate(uint32_t type, uint8_t *place, uint32_t symbol, const int32_t *addend)
{
	uint32_t value = symbol + (uint32_t)(addend ? *addend : 0), distance = value - (uint32_t)place;

	switch (type) {
	case 0: /* NONE */
	case 51: /* RELAX */
		return 0;
	case 1: /* 32 */
		put32(place, value);
		return 0;
	case 18: /* CALL */
	case 19: /* CALL_PLT */
		put_high(place, distance);
		put_low(place + 4, distance);
		return 0;
	case 26: /* HI20 */
		put_high(place, value);
		return 0;
	case 27: /* LO12_I */
		put_low(place, value);
		return 0;
	case 28: /* LO12_S */
		put32(place, (get32(place) & 0x1FFF07F) | (value >> 5 & 0x7F) << 25 | (value & 0x1F) << 7);
		return 0;
	default:
		z_log_minimal_printk("E: unknown relocation: %u\n", type);
		return -ENOEXEC;
	}
}
#else
static uint32_t immediate(uint8_t *at)
{
	uint32_t first = get16(at), second = get16(at + 2);

	return (first & 15) << 12 | (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | (second & 255);
}

static void put_immediate(uint8_t *at, uint32_t value)
{
	put16(at, (get16(at) & 0xFBF0) | (value >> 12 & 15) | (value >> 11 & 1) << 10);
	put16(at + 2, (get16(at + 2) & 0x8F00) | (value >> 8 & 7) << 12 | (value & 255));
}

static int branch(uint8_t *at, uint32_t symbol)
{
	uint32_t first = get16(at), second = get16(at + 2), s = first >> 10 & 1;
	uint32_t old = s << 24 | (!((second >> 13 & 1) ^ s)) << 23 | (!((second >> 11 & 1) ^ s)) << 22 | (first & 0x3FF) << 12 |
		       (second & 0x7FF) << 1;
	int32_t value = (int32_t)((int32_t)(old << 7) >> 7) + (int32_t)(symbol & ~1u) - (int32_t)at;
	uint32_t sign = (uint32_t)value >> 31;

	if (value <= -(1 << 24) || value >= 1 << 24) {
		z_log_minimal_printk("E: relocation out of range\n");
		return -ENOEXEC;
	}
	put16(at, 0xF000 | sign << 10 | ((uint32_t)value >> 12 & 0x3FF));
	put16(at + 2, (second & 0xD000) | (!((uint32_t)value >> 23 & 1) ^ sign) << 13 | (!((uint32_t)value >> 22 & 1) ^ sign) << 11 |
			      ((uint32_t)value >> 1 & 0x7FF));
	return 0;
}

int arch_elf_relocate(uint32_t type, uint8_t *place, uint32_t symbol, const int32_t *addend)
{
	switch (type) {
	case 0: /* NONE */
		return 0;
	case 2: /* ABS32 */
		put32(place, get32(place) + symbol);
		return 0;
	case 3: /* REL32 */
		put32(place, get32(place) + symbol - (uint32_t)place);
		return 0;
	case 10: /* THM_CALL */
	case 30: /* THM_JUMP24 */
		return branch(place, symbol);
	case 47: /* THM_MOVW_ABS_NC */
		put_immediate(place, immediate(place) + symbol);
		return 0;
	case 48: /* THM_MOVT_ABS */
		put_immediate(place, (immediate(place) + symbol) >> 16);
		return 0;
	default:
		z_log_minimal_printk("E: unknown relocation: %u\n", type);
		return -ENOEXEC;
	}
}
#endif
