/* SPDX-License-Identifier: Apache-2.0
 *
 * The console by characters (CONFIG_CONSOLE_GETCHAR) or by lines (CONFIG_CONSOLE_GETLINE). Who asks waits.
 */
#ifndef ZEPHYR_INCLUDE_CONSOLE_CONSOLE_H_
#define ZEPHYR_INCLUDE_CONSOLE_CONSOLE_H_

#include <sys/types.h>
#include <zephyr/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The next byte, for which the calling thread waits; what was typed, shown unless a terminal has done so. */
int z_console_wait(void);
void z_console_echo(unsigned char byte);

int console_init(void);
/* 0 to 255. */
int console_getchar(void);
int console_putchar(char c);
/* At least one byte, and no more than there are. */
ssize_t console_read(void *dummy, void *buf, size_t size);
ssize_t console_write(void *dummy, const void *buf, size_t size);

void console_getline_init(void);
/* A line without its end. It is the console's, and holds until the next call. */
char *console_getline(void);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_CONSOLE_CONSOLE_H_ */
