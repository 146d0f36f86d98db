/* A jump into data
 *
 * Code in an array: data is never executed.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static unsigned short code[] = {0x202a, 0x4770}; /* movs r0, #42; bx lr */

int go(void)
{
	int (*volatile function)(void) = (int (*)(void))((unsigned long)code | 1);

	return function() + 1;
}
EXPORT_SYMBOL(go);
