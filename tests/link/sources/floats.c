#include <zephyr/llext/symbol.h>
static float history[8];
static double scale = 0.125;
float average(float x)
{
	float sum = 0;
	for (int i = 7; i > 0; i--) {
		history[i] = history[i - 1];
		sum += history[i];
	}
	history[0] = x;
	return (sum + x) / 8;
}
double scaled(double x, int n) { return x * scale + n; }
int truncated(float x) { return (int)x; }
EXPORT_SYMBOL(average);
EXPORT_SYMBOL(scaled);
EXPORT_SYMBOL(truncated);
