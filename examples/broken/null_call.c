/* A call through NULL
 *
 * The pc is nowhere, so the report goes by the link register to who called.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static int (*volatile handler)(int);

int go(void)
{
	return handler(3) + 1;
}
EXPORT_SYMBOL(go);
