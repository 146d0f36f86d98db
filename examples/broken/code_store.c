/* A store to its own code
 *
 * Text is read and executed, never written.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

int go(void)
{
	volatile unsigned short *code = (volatile unsigned short *)((unsigned long)go & ~1ul);

	code[0] = 0x4770;
	return 0;
}
EXPORT_SYMBOL(go);
