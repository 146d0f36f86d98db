/* SPDX-License-Identifier: Apache-2.0
 *
 * A thousand times the sine of degrees: a table of constants.
 */
#include <stdint.h>
#include <zephyr/llext/symbol.h>

static const int16_t quarter[] = {
	0,   17,  35,  52,  70,  87,  105, 122, 139, 156, 174, 191, 208, 225, 242, 259, 276, 292, 309,
	326, 342, 358, 375, 391, 407, 423, 438, 454, 469, 485, 500, 515, 530, 545, 559, 574, 588, 602,
	616, 629, 643, 656, 669, 682, 695, 707, 719, 731, 743, 755, 766, 777, 788, 799, 809, 819, 829,
	839, 848, 857, 866, 875, 883, 891, 899, 906, 914, 921, 927, 934, 940, 946, 951, 956, 961, 966,
	970, 974, 978, 982, 985, 988, 990, 993, 995, 996, 998, 999, 999, 1000, 1000,
};

int work(int degrees)
{
	int within = degrees % 180;
	int value = quarter[within <= 90 ? within : 180 - within];

	return degrees % 360 < 180 ? value : -value;
}
EXPORT_SYMBOL(work);
