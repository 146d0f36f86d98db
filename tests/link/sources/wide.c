#include <stdint.h>
#include <zephyr/llext/symbol.h>
uint64_t divide(uint64_t a, uint64_t b) { return b ? a / b : 0; }
int64_t remainder_of(int64_t a, int64_t b) { return b ? a % b : 0; }
uint64_t shift(uint64_t a, int n) { return a << (n & 63) | a >> (n & 31); }
int64_t multiply(int32_t a, int32_t b) { return (int64_t)a * b; }
EXPORT_SYMBOL(divide);
EXPORT_SYMBOL(remainder_of);
EXPORT_SYMBOL(shift);
EXPORT_SYMBOL(multiply);
