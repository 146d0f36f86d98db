/* SPDX-License-Identifier: Apache-2.0
 *
 * The console by characters or by lines, compiled for an application's configuration. Nothing that is received gets lost: bytes
 * stay in the port until a thread asks for them, and it is then that they are shown.
 */
#include <zephyr/console/console.h>
#include <zephyr/drivers/uart.h>

#ifdef CONFIG_CONSOLE_GETCHAR
int console_init(void)
{
	return 0;
}

int console_getchar(void)
{
	return z_console_wait();
}

int console_putchar(char c)
{
	z_console_put((unsigned char)c);
	return 0;
}

ssize_t console_read(void *dummy, void *buf, size_t size)
{
	uint8_t *to = (uint8_t *)buf;
	size_t at = 0;

	(void)dummy;
	while (at < size && (at == 0 || z_console_ready())) {
		to[at++] = (uint8_t)z_console_wait();
	}
	return (ssize_t)at;
}

ssize_t console_write(void *dummy, const void *buf, size_t size)
{
	(void)dummy;
	for (size_t at = 0; at < size; at++) {
		z_console_put(((const uint8_t *)buf)[at]);
	}
	return (ssize_t)size;
}
#endif

#ifdef CONFIG_CONSOLE_GETLINE
#define BACKSPACE 0x08
#define ESCAPE    0x1b
#define DELETE    0x7f

static char line[CONFIG_CONSOLE_INPUT_MAX_LINE_LEN];
static bool after_return;

void console_getline_init(void)
{
}

/* A byte of the line, or of its end: CR, LF, or both. */
static int next_byte(void)
{
	int byte = z_console_wait();

	if (byte == '\n' && after_return) {
		byte = z_console_wait();
	}
	after_return = byte == '\r';
	return byte == '\r' ? '\n' : byte;
}

/* What keys like arrows send: ESC [ numbers, and a letter. They move no cursor here. */
static void skip_sequence(void)
{
	int byte = next_byte();

	if (byte != '[') {
		return;
	}
	do {
		byte = next_byte();
	} while (byte == ';' || (byte >= '0' && byte <= '9'));
}

static void take_back(size_t *length)
{
	if (*length > 0) {
		(*length)--;
		z_console_echo('\b');
		z_console_echo(' ');
		z_console_echo('\b');
	}
}

char *console_getline(void)
{
	size_t length = 0;

	for (int byte = next_byte(); byte != '\n'; byte = next_byte()) {
		if (byte == BACKSPACE || byte == DELETE) {
			take_back(&length);
		} else if (byte == ESCAPE) {
			skip_sequence();
		} else if (byte >= ' ' && byte < DELETE && length < sizeof(line) - 1) {
			line[length++] = (char)byte;
			z_console_echo((unsigned char)byte);
		}
	}
	line[length] = '\0';
	z_console_echo('\n');
	return line;
}
#endif
