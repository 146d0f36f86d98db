#include <stdint.h>
#include <zephyr/llext/symbol.h>
struct sample { uint8_t kind : 3; uint8_t flag : 1; uint16_t length; uint32_t data[6]; };
static const struct sample initial = {5, 1, 300, {1, 2, 3, 4, 5, 6}};
static struct sample current;
uint32_t copy_and_sum(uint32_t extra)
{
	current = initial;
	current.data[2] += extra;
	uint32_t sum = current.kind + current.flag + current.length;
	for (int i = 0; i < 6; i++) {
		sum += current.data[i];
	}
	return sum;
}
EXPORT_SYMBOL(copy_and_sum);
