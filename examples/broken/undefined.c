/* An undefined instruction
 *
 * What __builtin_trap and unreachable code compile to.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

int go(void)
{
	printk("so far so good\n");
	__builtin_trap();
}
EXPORT_SYMBOL(go);
