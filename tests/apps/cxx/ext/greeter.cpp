/* SPDX-License-Identifier: Apache-2.0 */
#include <cstdint>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

extern "C" void greet(const char *who);

namespace
{
class Base
{
public:
	virtual const char *who() const { return "nobody"; }
};

class World : public Base
{
public:
	explicit World(int number) : number_{number} { printk("extension constructed\n"); }
	const char *who() const override { return number_ > 1 ? "worlds" : "world"; }

private:
	int number_;
};

volatile int two = 2;
World world{1};
World worlds{two};
} // namespace

extern "C" void run(void)
{
	const Base *all[] = {&world, &worlds};

	for (const Base *one : all) {
		greet(one->who());
	}
}
EXPORT_SYMBOL(run);
