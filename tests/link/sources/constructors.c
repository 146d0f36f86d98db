#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
static volatile int order;
__attribute__((constructor)) static void first(void) { order = order * 10 + 1; }
__attribute__((constructor)) static void second(void) { order = order * 10 + 2; }
__attribute__((destructor)) static void last(void) { printk("bye %d\n", order); }
int seen(void) { return order; }
EXPORT_SYMBOL(seen);
