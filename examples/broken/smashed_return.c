/* A return address that was written over
 *
 * The function returns to what it copied. Nothing on the stack tells any more who called.
 */
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static const unsigned int junk[8] = {
	0x41414141, 0x41414141, 0x41414141, 0x41414141, 0x41414141, 0x41414141, 0x41414141, 0x41414141,
};

static __attribute__((noinline)) int copy(void)
{
	volatile unsigned int small[2];

	memcpy((void *)small, junk, sizeof(junk));
	return (int)small[1];
}

static __attribute__((noinline)) int with_room(void)
{
	volatile unsigned int plenty[16] = {0};

	return copy() + (int)plenty[3];
}

int go(void)
{
	return with_room() + 1;
}
EXPORT_SYMBOL(go);
