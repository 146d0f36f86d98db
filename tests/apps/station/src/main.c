/* SPDX-License-Identifier: Apache-2.0 */
#include <station.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <zephyr/logging/log.h>
#include <zephyr/logging/log_ctrl.h>

LOG_MODULE_REGISTER(station, CONFIG_STATION_LOG_LEVEL);

static const uint8_t built_in_ext[] __aligned(4) = {
#include <built_in_ext.inc>
};

static void beat(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	for (int i = 1;; i++) {
		k_msleep(100);
		LOG_INF("beat %d", i);
	}
}

K_THREAD_DEFINE(beat_id, 1024, beat, NULL, NULL, NULL, 7, 0, 0);

/* For whoever tests this from outside. */
int main_helper(int value)
{
	return sample_mean() + value;
}
EXPORT_SYMBOL(main_helper);

int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(built_in_ext, sizeof(built_in_ext));
	struct llext *ext;
	int ret = llext_load(&loader.loader, "built_in", &ext, NULL);

	if (ret != 0) {
		LOG_ERR("load: %d", ret);
		return ret;
	}
	llext_call_fn(ext, "measure");
	LOG_INF("mean %d after %d bytes", sample_mean(), (int)sizeof(struct sample));
	LOG_DBG("not seen");
	return 0;
}
