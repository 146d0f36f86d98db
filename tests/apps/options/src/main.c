/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <zephyr/logging/log.h>

LOG_MODULE_REGISTER(app, CONFIG_APP_LOG_LEVEL);

int meter_read(int channel);

#if IS_ENABLED(CONFIG_METER_CODEC_MODULE)
static const uint8_t codec_ext[] __aligned(8) = {
#include <codec_ext.inc>
};

static int encode(int value)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(codec_ext, sizeof(codec_ext));
	struct llext *ext;
	int (*codec)(int);
	int ret = llext_load(&loader.loader, "codec", &ext, NULL);

	if (ret != 0) {
		LOG_ERR("llext_load: %d", ret);
		return ret;
	}
	codec = llext_find_sym(&ext->exp_tab, "codec");
	ret = codec != NULL ? codec(value) : -ENOENT;
	llext_unload(&ext);
	return ret;
}
#else
int codec(int value);
#define encode codec
#endif

int main(void)
{
	LOG_INF("%s: %d channels, %s", CONFIG_METER_NAME, CONFIG_METER_CHANNELS,
		IS_ENABLED(CONFIG_METER_UNIT_AMPERE) ? "A" : "V");
	LOG_DBG("not seen: the level of this module is INF");
	LOG_INF("codec %d, console %d, events %d", encode(meter_read(4)), IS_ENABLED(CONFIG_METER_HAS_CONSOLE),
		IS_ENABLED(CONFIG_EVENTS));
	meter_read(5);
	return 0;
}
