#include <zephyr/llext/symbol.h>
int pick(int n)
{
	switch (n) {
	case 0: return 17;
	case 1: return 4;
	case 2: return 99;
	case 3: return -5;
	case 4: return 1000;
	case 5: return 31337;
	case 9: return 2;
	default: return n * 3;
	}
}
const char *name_of(int n)
{
	static const char *const names[] = {"zero", "one", "two", "three", "four"};
	return n >= 0 && n < 5 ? names[n] : "many";
}
EXPORT_SYMBOL(pick);
EXPORT_SYMBOL(name_of);
