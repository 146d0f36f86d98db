#include <zephyr/llext/symbol.h>
int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static int odd(unsigned int n);
static int even(unsigned int n) { return n == 0 ? 1 : odd(n - 1); }
static int odd(unsigned int n) { return n == 0 ? 0 : even(n - 1); }
int is_even(unsigned int n) { return even(n); }
EXPORT_SYMBOL(fib);
EXPORT_SYMBOL(is_even);
