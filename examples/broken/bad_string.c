/* A number where printk wants a string
 *
 * The fault is in the firmware, on behalf of the extension: the report names both.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

int go(void)
{
	int temperature = 23;

	printk("it is %s degrees\n", (const char *)temperature);
	return 0;
}
EXPORT_SYMBOL(go);
