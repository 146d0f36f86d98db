/* A word at an odd address
 *
 * A Cortex-M0 reads words at multiples of 4 only; a Cortex-M3 would have read this one.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static char packet[16] = "0123456789abcde";

int go(void)
{
	unsigned int *word = (unsigned int *)(packet + 1);

	return (int)*(volatile unsigned int *)word;
}
EXPORT_SYMBOL(go);
