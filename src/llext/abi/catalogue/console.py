"""printk, printf and their relatives."""

from llext.abi.catalogue.spec import ServiceSpec, service
from llext.abi.structs import CStruct

_PRINTK, _STDIO = "zephyr/sys/printk.h", "stdio.h"

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
    service("void z_console_put(unsigned char byte)", "zephyr/drivers/uart.h"),
)
