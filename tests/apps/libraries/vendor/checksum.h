#ifndef CHECKSUM_H
#define CHECKSUM_H
#include <stddef.h>
#include <stdint.h>
uint8_t vendor_checksum(const void *data, size_t length);
#endif
