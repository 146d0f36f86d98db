/* A loop that runs over the end of an array
 *
 * Data lies beside data, and nobody notices until the loop has left what may be written.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static volatile int samples[16];

int go(void)
{
	for (int i = 0; i >= 0; i++) {
		samples[i] = i;
	}
	return samples[3];
}
EXPORT_SYMBOL(go);
