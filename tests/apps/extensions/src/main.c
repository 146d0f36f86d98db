/* SPDX-License-Identifier: Apache-2.0 */
#include <api.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>

static const uint8_t scale[] __aligned(4) = {
#include <scale.inc>
};
static const uint8_t sum[] __aligned(4) = {
#include <sum.inc>
};
static const uint8_t plain[] __aligned(4) = {
#include <plain.inc>
};
static const uint8_t checked[] __aligned(4) = {
#include <checked.inc>
};

static struct loaded {
	const char *name;
	const uint8_t *bytes;
	size_t size;
	struct llext *ext;
} all[] = {
	{"scale", scale, sizeof(scale)},
	{"sum", sum, sizeof(sum)},
	{"plain", plain, sizeof(plain)},
	{"checked", checked, sizeof(checked)},
};

static int run(struct loaded *one, int value)
{
	const struct api *api = llext_find_sym(&one->ext->exp_tab, "api");

	if (api == NULL) {
		printk("%s: no api\n", one->name);
		return -ENOENT;
	}
	printk("%s: %s(%d) = %d\n", one->name, api->name, value, api->run(value));
	return 0;
}

int main(void)
{
	ARRAY_FOR_EACH_PTR(all, one) {
		struct llext_buf_loader loader = LLEXT_BUF_LOADER(one->bytes, one->size);
		int ret = llext_load(&loader.loader, one->name, &one->ext, NULL);

		if (ret != 0) {
			printk("%s: %d\n", one->name, ret);
			return 0;
		}
	}
	for (int value = 1; value < 3; value++) {
		ARRAY_FOR_EACH_PTR(all, one) {
			run(one, value);
		}
	}
	ARRAY_FOR_EACH_PTR(all, one) {
		printk("%s: %d left\n", one->name, llext_unload(&one->ext));
	}
	return 0;
}
