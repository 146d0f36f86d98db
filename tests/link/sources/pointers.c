#include <zephyr/llext/symbol.h>
struct node { struct node *next; int value; int (*apply)(int); };
static int twice(int x) { return 2 * x; }
static int negate(int x) { return -x; }
static struct node last = {0, 3, negate}, middle = {&last, 2, twice};
struct node first = {&middle, 1, negate};
static int *const inside = &middle.value;
int walk(void)
{
	int sum = 0;
	for (struct node *node = &first; node; node = node->next) {
		sum += node->apply(node->value) * 10;
	}
	return sum + *inside;
}
EXPORT_SYMBOL(walk);
EXPORT_SYMBOL(first);
