/* SPDX-License-Identifier: Apache-2.0
 *
 * Plays blocks of several vendors. The first byte of a block says whose it is; that vendor's codec is loaded when a block of it
 * comes, and the one before is unloaded, so that RAM is needed for one.
 */
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <codec.h>

static const uint8_t adpcm_ext[] __aligned(4) = {
#include <adpcm_ext.inc>
};
static const uint8_t mulaw_ext[] __aligned(4) = {
#include <mulaw_ext.inc>
};

static const struct vendor {
	uint8_t header;
	const char *name;
	const uint8_t *file;
	size_t size;
} vendors[] = {
	{0xA1, "adpcm", adpcm_ext, sizeof(adpcm_ext)},
	{0xC7, "mulaw", mulaw_ext, sizeof(mulaw_ext)},
};

struct block {
	size_t bytes;
	uint8_t data[80];
};

/* Made by make_blocks.py: the same 64 samples of a fading tone, as two vendors send them; and one of a vendor that nobody knows. */
static const struct block blocks[] = {
#include "blocks.inc"
};

static struct llext *loaded;
static const struct codec *codec;
static uint8_t current;

int16_t pcm[64];

static void forget(void)
{
	codec = NULL;
	current = 0;
	if (loaded != NULL) {
		llext_unload(&loaded);
	}
}

/* Makes the codec of a header byte the one that is loaded. 0 or a negative errno. */
static int choose(uint8_t header)
{
	const struct vendor *vendor = NULL;

	if (codec != NULL && header == current) {
		return 0;
	}
	for (size_t at = 0; at < ARRAY_SIZE(vendors); at++) {
		if (vendors[at].header == header) {
			vendor = &vendors[at];
		}
	}
	if (vendor == NULL) {
		return -ENOTSUP;
	}
	forget();

	struct llext_buf_loader loader = LLEXT_BUF_LOADER(vendor->file, vendor->size);
	int result = llext_load(&loader.loader, vendor->name, &loaded, NULL);

	if (result != 0) {
		return result;
	}
	codec = llext_find_sym(&loaded->exp_tab, "codec");
	if (codec == NULL || codec->version != CODEC_VERSION) {
		forget();
		return -EPROTO;
	}
	current = header;
	printk("loaded %s: a file of %u bytes, %u bytes of the heap\n", codec->name, (unsigned int)vendor->size,
	       (unsigned int)loaded->alloc_size);
	return 0;
}

/* Decodes a block into pcm. The number of samples, or a negative errno. */
int play(const uint8_t *data, size_t bytes)
{
	int result = bytes > 0 ? choose(data[0]) : -EBADMSG;

	return result != 0 ? result : codec->decode(data + 1, bytes - 1, pcm, ARRAY_SIZE(pcm));
}

int main(void)
{
	for (size_t at = 0; at < ARRAY_SIZE(blocks); at++) {
		const int samples = play(blocks[at].data, blocks[at].bytes);

		printk("block %u, header %02x: ", (unsigned int)at, blocks[at].data[0]);
		if (samples < 0) {
			printk("error %d\n", samples);
			continue;
		}
		printk("%d samples of %u bytes, from the fifth on:", samples, (unsigned int)blocks[at].bytes);
		for (int sample = 4; sample < 12; sample++) {
			printk(" %d", pcm[sample]);
		}
		printk("\n");
	}
	forget();
	return 0;
}
