/* A supervisor call that nobody serves
 *
 * SVC 99 is no service of Zephyr.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

int go(void)
{
	__asm__ volatile("svc #99");
	return 0;
}
EXPORT_SYMBOL(go);
