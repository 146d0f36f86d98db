/* A jump onto the stack
 *
 * The classic of attacks: code that came in as data.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

int go(void)
{
	volatile unsigned short code[] = {0x202a, 0x4770};
	int (*volatile function)(void) = (int (*)(void))((unsigned long)code | 1);

	return function() + code[0];
}
EXPORT_SYMBOL(go);
