/* SPDX-License-Identifier: Apache-2.0 */
#include <plugins/plugins.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <zephyr/logging/log.h>

LOG_MODULE_REGISTER(app);

#define BUFFER __aligned(sizeof(long))

static const uint8_t codec[] BUFFER = {
#include "codec.inc"
};
static const uint8_t filter[] BUFFER = {
#include "filter.inc"
};
static const uint8_t user[] BUFFER = {
#include "user.inc"
};

static struct llext *load(const uint8_t *bytes, size_t size, const char *name)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(bytes, size);
	struct llext *ext = NULL;
	int ret = llext_load(&loader.loader, name, &ext, NULL);

	if (ret < 0) {
		printk("%s: %d\n", name, ret);
	}
	return ext;
}

int main(void)
{
	struct llext *filter_ext = load(filter, sizeof(filter), "filter");
	int (*run)(int) = llext_find_sym(&filter_ext->exp_tab, "filter_run");
	struct llext *codec_ext, *user_ext;

	LOG_INF("without codec: %d", run(10));
	if (load(user, sizeof(user), "user") != NULL) {
		LOG_ERR("loaded without what it calls");
	}
	codec_ext = load(codec, sizeof(codec), "codec");
	LOG_INF("with codec: %d", run(10));
	user_ext = load(user, sizeof(user), "user");
	llext_call_fn(user_ext, "user_run");
	printk("%d calls, codec used by %u\n", plugin_calls, codec_ext->use_count);
	llext_unload(&user_ext);
	llext_unload(&codec_ext);
	LOG_INF("without codec again: %d", run(10));
	llext_unload(&filter_ext);
	return 0;
}
