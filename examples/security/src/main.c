/* SPDX-License-Identifier: Apache-2.0
 *
 * The image holds an extension that is encrypted. Main decrypts it, looks whether that gave an ELF file, loads it, and gets the real
 * entry by a challenge and its answer.
 */
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include "aes.h"
#include "keys.h"
#include "secret.h"

/* The first counter, 16 bytes, and the encrypted file. */
static const uint8_t secret_ext[] = {
#include <secret_ext.inc>
};

static uint8_t plain[sizeof(secret_ext) - 16] __aligned(8);

/* Not memset: a compiler may leave out what nobody reads. */
static void wipe(volatile uint8_t *data, size_t size)
{
	while (size-- > 0) {
		*data++ = 0;
	}
}

/* Decrypts and loads the extension; what was decrypted does not stay. 0 or a negative errno. */
static int load(const uint8_t *key, struct llext **ext)
{
	static const uint8_t magic[] = {0x7f, 'E', 'L', 'F'};
	struct llext_buf_loader loader = LLEXT_TEMPORARY_BUF_LOADER(plain, sizeof(plain));
	uint8_t counter[16];
	int result = -EBADMSG;

	memcpy(counter, secret_ext, sizeof(counter));
	aes_ctr(key, counter, secret_ext + sizeof(counter), plain, sizeof(plain));
	if (memcmp(plain, magic, sizeof(magic)) == 0) {
		result = llext_load(&loader.loader, "secret", ext, NULL);
	}
	wipe(plain, sizeof(plain));
	return result;
}

/* What a caller that has the key answers. */
static void answer_to(const uint8_t *challenge, uint8_t *answer)
{
	static const uint8_t key[16] = CALLER_KEY;

	memcpy(answer, challenge, 16);
	aes_encrypt(key, answer);
}

static void use(struct llext *ext)
{
	const security_fn security = llext_find_sym(&ext->exp_tab, "security");
	const struct secret *secret;
	uint8_t challenge[16], answer[16] = {0};

	printk("exports: %u; dose: %sfound by its name\n", (unsigned int)ext->exp_tab.sym_cnt,
	       llext_find_sym(&ext->exp_tab, "dose") == NULL ? "not " : "");

	security(challenge, NULL, &secret);
	printk("an answer of zeros: %d\n", security(challenge, answer, &secret));
	security(challenge, NULL, &secret);
	answer_to(challenge, answer);
	printk("the right answer: %d\n", security(challenge, answer, &secret));
	if (secret != NULL) {
		printk("%s: %d, %d\n", secret->rule, secret->dose(50), secret->dose(90));
	}
	printk("the same answer again: %d\n", security(challenge, answer, &secret));
}

int main(void)
{
	static const uint8_t right[16] = FILE_KEY;
	uint8_t wrong[16] = FILE_KEY;
	struct llext *ext;

	wrong[15] ^= 1;
	printk("with a key that differs in one bit: %d\n", load(wrong, &ext));

	int result = load(right, &ext);

	printk("with the key: %d\n", result);
	if (result == 0) {
		use(ext);
		llext_unload(&ext);
	}
	return 0;
}
