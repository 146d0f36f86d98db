/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads, calls and unloads what is typed on the console: the commands of Zephyr's LLEXT shell, without its shell.
 */
#include <string.h>
#include <zephyr/console/console.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>

#define MAX_SIZE  4096
#define MAX_WORDS 5

static char command[3 * MAX_SIZE];
static uint8_t file[MAX_SIZE] __aligned(8);

static int list_one(struct llext *ext, void *unused)
{
	ARG_UNUSED(unused);
	printk("| %16s | %12d |\n", ext->name, (int)ext->alloc_size);
	return 0;
}

static void list(char **words)
{
	ARG_UNUSED(words);
	printk("| Name             | Size         |\n");
	llext_iterate(list_one, NULL);
}

static void load_hex(char **words)
{
	const size_t digits = strlen(words[1]);

	if (digits > 2 * MAX_SIZE) {
		printk("Extension %d bytes too large to load, max %d bytes\n", (int)digits / 2, MAX_SIZE);
		return;
	}

	/* The next file comes into the same buffer, so that nothing of this one may be used in place. */
	const size_t size = hex2bin(words[1], digits, file, sizeof(file));
	struct llext_buf_loader loader = LLEXT_TEMPORARY_BUF_LOADER(file, size);
	const struct llext_load_param param = LLEXT_LOAD_PARAM_DEFAULT;
	struct llext *ext;
	const int result = llext_load(&loader.loader, words[0], &ext, &param);

	if (result < 0) {
		printk("Failed to load extension %s, return code %d\n", words[0], result);
	} else {
		printk("Successfully loaded extension %s, addr %p\n", ext->name, (void *)ext);
	}
}

static struct llext *named(const char *name)
{
	struct llext *ext = llext_by_name(name);

	if (ext == NULL) {
		printk("No such extension %s\n", name);
	}
	return ext;
}

static void unload(char **words)
{
	struct llext *ext = named(words[0]);

	if (ext != NULL && llext_unload(&ext) >= 0) {
		printk("Unloaded extension %s\n", words[0]);
	}
}

static void list_symbols(char **words)
{
	const struct llext *ext = llext_by_name(words[0]);

	if (ext == NULL) {
		printk("No such llext %s\n", words[0]);
		return;
	}
	printk("Extension: %s symbols\n", ext->name);
	printk("| Symbol           | Address    |\n");
	for (size_t i = 0; i < ext->exp_tab.sym_cnt; i++) {
		printk("| %16s | %p |\n", ext->exp_tab.syms[i].name, ext->exp_tab.syms[i].addr);
	}
}

static void call_fn(char **words)
{
	struct llext *ext = named(words[0]);

	if (ext != NULL) {
		llext_call_fn(ext, words[1]);
	}
}

static const struct {
	const char *name;
	int words;
	void (*run)(char **words);
} commands[] = {
	{"list", 0, list},
	{"load_hex", 2, load_hex},
	{"unload", 1, unload},
	{"list_symbols", 1, list_symbols},
	{"call_fn", 2, call_fn},
};

/* A line that ends with a backslash goes on in the next one. */
static void read_command(void)
{
	size_t length = 0;
	bool more;

	do {
		const char *line = console_getline();
		size_t size = strlen(line);

		more = size > 0 && line[size - 1] == '\\';
		size = more ? size - 1 : size;
		if (length + size < sizeof(command)) {
			memcpy(command + length, line, size);
		}
		length += size;
	} while (more);
	if (length >= sizeof(command)) {
		printk("%d bytes are too many for a command, max %d\n", (int)length, (int)sizeof(command) - 1);
		length = 0;
	}
	command[length] = '\0';
}

static int split(char *text, char **words)
{
	int count = 0;

	for (char *at = text; *at != '\0' && count < MAX_WORDS;) {
		at += strspn(at, " ");
		if (*at == '\0') {
			break;
		}
		words[count++] = at;
		at += strcspn(at, " ");
		if (*at != '\0') {
			*at++ = '\0';
		}
	}
	return count;
}

static void run(int count, char **words)
{
	if (count == 0) {
		return;
	}
	for (size_t i = 0; count > 1 && strcmp(words[0], "llext") == 0 && i < ARRAY_SIZE(commands); i++) {
		if (strcmp(words[1], commands[i].name) == 0) {
			if (count - 2 == commands[i].words) {
				commands[i].run(words + 2);
			} else {
				printk("%s: wrong parameter count\n", words[1]);
			}
			return;
		}
	}
	printk("%s: command not found\n", words[count > 1]);
}

int main(void)
{
	char *words[MAX_WORDS];

	console_getline_init();
	for (;;) {
		printk("uart:~$ ");
		read_command();
		run(split(command, words), words);
	}
	return 0;
}
