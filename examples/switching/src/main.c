/* SPDX-License-Identifier: Apache-2.0
 *
 * A call, then music, then a call again, while sound goes on. Each has a filter of its own, an extension in slow flash memory.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/llext.h>
#include "audio.h"
#include "slow_flash.h"

static const uint8_t call_ext[] = {
#include <call_ext.inc>
};
static const uint8_t music_ext[] = {
#include <music_ext.inc>
};

static struct llext *in_use;

static struct llext *load(const char *name, const uint8_t *file, size_t size)
{
	struct slow_flash_loader flash = SLOW_FLASH_LOADER(file, size);
	struct llext *ext = NULL;
	int result = llext_load(&flash.loader, name, &ext, NULL);

	if (result != 0) {
		printk("loading %s: %d\n", name, result);
	}
	return ext;
}

/* The new filter is loaded while the old one works; then they change places between two frames; then the old one goes. */
static void change_to(const char *name, const uint8_t *file, size_t size)
{
	const int64_t begin = k_uptime_ticks();

	if (IS_ENABLED(CONFIG_SWITCHING_STOP_FIRST) && in_use != NULL) {
		audio_use(NULL);
		llext_unload(&in_use);
	}
	struct llext *ext = load(name, file, size);
	const int64_t loaded = k_uptime_ticks();

	if (ext == NULL) {
		return;
	}
	audio_use(llext_find_sym(&ext->exp_tab, "filter"));

	const int64_t changed = k_uptime_ticks();

	if (in_use != NULL) {
		llext_unload(&in_use);
	}
	in_use = ext;
	printk("%s: a file of %u bytes; loaded after %u us, in use after %u us\n", name, (unsigned int)size,
	       (unsigned int)k_ticks_to_us_near32(loaded - begin), (unsigned int)k_ticks_to_us_near32(changed - begin));
}

int main(void)
{
	struct llext *first = load("call", call_ext, sizeof(call_ext));

	if (first == NULL) {
		return 0;
	}
	in_use = first;
	audio_start();
	audio_use(llext_find_sym(&first->exp_tab, "filter"));
	k_msleep(203);
	change_to("music", music_ext, sizeof(music_ext));
	k_msleep(201);
	change_to("call", call_ext, sizeof(call_ext));
	k_msleep(202);

	const struct audio_counts counts = audio_stop();

	printk("%u samples arrived, %u were filtered, %u lost\n", counts.arrived, counts.filtered, counts.lost);
	return 0;
}
