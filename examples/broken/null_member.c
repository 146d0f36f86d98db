/* A member of a structure at NULL
 *
 * The address is not 0 but the member's offset: still near NULL.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

struct sensor {
	char name[16];
	int last;
};

static struct sensor *volatile chosen;

static int read_sensor(void)
{
	return chosen->last;
}

int go(void)
{
	return read_sensor() + 1;
}
EXPORT_SYMBOL(go);
