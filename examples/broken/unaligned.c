/* Two words at an odd address
 *
 * LDRD wants a word's alignment on every Cortex-M, though LDR does not.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static char packet[16] = "0123456789abcde";

int go(void)
{
	unsigned int low, high;

	__asm__ volatile("ldrd %0, %1, [%2]" : "=r"(low), "=r"(high) : "r"(packet + 1));
	return (int)(low + high);
}
EXPORT_SYMBOL(go);
