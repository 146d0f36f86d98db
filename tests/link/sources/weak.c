#include <zephyr/llext/symbol.h>
extern int maybe(int x) __attribute__((weak));
extern int absent_data __attribute__((weak));
int try_it(int x) { return maybe ? maybe(x) : &absent_data ? 2 : -1; }
EXPORT_SYMBOL(try_it);
