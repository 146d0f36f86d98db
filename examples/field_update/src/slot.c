/* SPDX-License-Identifier: Apache-2.0
 *
 * Updates: received into a slot, checked, loaded, put to use.
 */
#include <errno.h>
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <zephyr/llext/symbol.h>
#include <zephyr/sys/crc.h>
#include "app.h"

static uint8_t slot[4096] __aligned(8);
static uint32_t expected, received, checksum;
static struct llext *in_use;

int update_begin(uint32_t size, uint32_t crc)
{
	received = 0;
	expected = size <= sizeof(slot) ? size : 0;
	checksum = crc;
	return expected == size ? 0 : -EFBIG;
}
EXPORT_SYMBOL(update_begin);

int update_piece(const uint8_t *data, uint32_t size)
{
	if (size > expected - received) {
		return -EMSGSIZE;
	}
	memcpy(slot + received, data, size);
	received += size;
	return 0;
}
EXPORT_SYMBOL(update_piece);

int update_finish(void)
{
	/* What is loaded is copied: the slot is free for the next update. */
	struct llext_buf_loader loader = LLEXT_TEMPORARY_BUF_LOADER(slot, received);
	struct llext *ext, *before = in_use;
	/* llext_load would give a loaded extension of the same name again. */
	const char *name = before != NULL && strcmp(before->name, "format a") == 0 ? "format b" : "format a";
	int result;

	if (expected == 0 || received != expected || crc32_ieee(slot, received) != checksum) {
		return -EBADMSG;
	}
	expected = received = 0;
	result = llext_load(&loader.loader, name, &ext, NULL);
	if (result != 0) {
		return result;
	}
	const struct format *format = llext_find_sym(&ext->exp_tab, "format");

	if (format == NULL || format->version != TELEMETRY_VERSION) {
		llext_unload(&ext);
		return -EPROTO;
	}
	telemetry_use(format);
	in_use = ext;
	return before != NULL ? llext_unload(&before) : 0;
}
EXPORT_SYMBOL(update_finish);

int update_remove(void)
{
	telemetry_use(NULL);
	return in_use != NULL ? llext_unload(&in_use) : 0;
}
EXPORT_SYMBOL(update_remove);
