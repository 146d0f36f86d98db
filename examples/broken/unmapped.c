/* A register of a peripheral that this board has not
 *
 * What the devicetree does not have is not mapped.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#define UART_DATA ((volatile unsigned int *)0x40000000)

int go(void)
{
	*UART_DATA = 'x';
	return 0;
}
EXPORT_SYMBOL(go);
