/* SPDX-License-Identifier: Apache-2.0 */
#include <shapes.hpp>
#include <zephyr/kernel.h>

Shape::Shape(const char *name) : name_{name}
{
	printk("constructed %s\n", name);
}

Square::Square(std::int32_t side) : Shape{"square"}, side_{side}
{
}

std::int32_t Square::area() const
{
	return side_ * side_;
}
