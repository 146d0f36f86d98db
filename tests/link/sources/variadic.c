#include <stdarg.h>
#include <zephyr/llext/symbol.h>
static int sum(int count, ...)
{
	va_list list;
	int total = 0;
	va_start(list, count);
	for (int i = 0; i < count; i++) {
		total += i % 2 ? (int)va_arg(list, long long) : va_arg(list, int);
	}
	va_end(list);
	return total;
}
int summed(void) { return sum(4, 1, 20LL, 300, 4000LL); }
EXPORT_SYMBOL(summed);
