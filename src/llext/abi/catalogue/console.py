"""printk, printf and their relatives."""

from llext.abi.catalogue.spec import ServiceSpec, service
from llext.abi.structs import CStruct

_PRINTK, _STDIO = "zephyr/sys/printk.h", "stdio.h"
_UART, _CONSOLE = "zephyr/drivers/uart.h", "zephyr/console/console.h"

STRUCTS: tuple[CStruct, ...] = ()
SERVICES: tuple[ServiceSpec, ...] = (
    service("void printk(const char *fmt, ...)", _PRINTK),
    service("void vprintk(const char *fmt, va_list ap)", _PRINTK),
    service("int snprintk(char *str, size_t size, const char *fmt, ...)", _PRINTK),
    service("int vsnprintk(char *str, size_t size, const char *fmt, va_list ap)", _PRINTK),
    service("int printf(const char *fmt, ...)", _STDIO),
    service("int snprintf(char *str, size_t size, const char *fmt, ...)", _STDIO),
    service("int vsnprintf(char *str, size_t size, const char *fmt, va_list ap)", _STDIO),
    service("int sprintf(char *str, const char *fmt, ...)", _STDIO),
    service("int vsprintf(char *str, const char *fmt, va_list ap)", _STDIO),
    service("int vprintf(const char *fmt, va_list ap)", _STDIO),
    service("int puts(const char *string)", _STDIO),
    service("int putchar(int c)", _STDIO),
    service("void z_console_put(unsigned char byte)", _UART),
    service("int z_console_poll(void)", _UART),
    service("int z_console_take(void)", _UART),
    service("int z_console_ready(void)", _UART),
    service("int z_console_pending(void)", _UART),
    service("void z_console_connect(void (*handler)(const void *), const void *argument)", _UART),
    service("void z_console_enable(int cause, int on)", _UART),
    service("int z_console_wait(void)", _CONSOLE),
    service("void z_console_echo(unsigned char byte)", _CONSOLE),
)
