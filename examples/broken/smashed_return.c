/* A return address that was written over
 *
 * The function returns to what it copied. There is no caller to name with certainty: the stack is scanned.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static const unsigned int junk[12] = {
	0x41414141, 0x41414141, 0x41414141, 0x41414141, 0x41414141, 0x41414141,
	0x41414141, 0x41414141, 0x41414141, 0x41414141, 0x41414141, 0x41414141,
};

static __attribute__((noinline)) int copy(void)
{
	volatile unsigned int small[2];

	for (int i = 0; i < 12; i++) {
		small[i] = junk[i];
	}
	printk("copied %u\n", small[0]);
	return small[1];
}

int go(void)
{
	return copy() + 1;
}
EXPORT_SYMBOL(go);
