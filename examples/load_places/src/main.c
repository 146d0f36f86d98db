/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads one file from wherever a device may have it, and says which parts of it stayed there.
 */
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <zephyr/llext/symbol.h>

static const uint8_t checksum[] __aligned(4096) = {
#include <checksum.inc>
};
static const uint8_t curve[] __aligned(4096) = {
#include <curve.inc>
};
static const uint8_t curve_whole[] __aligned(4096) = {
#include <curve_whole.inc>
};

static const struct {
	const char *name;
	const uint8_t *data;
	size_t size;
} files[] = {
	{"checksum", checksum, sizeof(checksum)},
	{"curve", curve, sizeof(curve)},
	{"curve_whole", curve_whole, sizeof(curve_whole)},
};

/* What came over the air, for instance, and stays in RAM. */
static uint8_t arrived[MAX(sizeof(checksum), MAX(sizeof(curve), sizeof(curve_whole)))] __aligned(4096);

enum way {
	FLASH_PERSISTENT,
	FLASH_TEMPORARY,
	READ_TEMPORARY,
	COPY_TEMPORARY,
	RAM_PERSISTENT,
	RAM_WRITABLE,
	WAYS,
};
static const char *const ways[] = {
	"flash, persistent", "flash, temporary", "read, temporary", "a copy, temporary", "RAM, persistent", "RAM, writable",
};

static struct llext_buf_loader loader;
static struct llext *ext;

static int load_buffer(const char *name, struct llext_buf_loader from)
{
	loader = from;
	return llext_load(&loader.loader, name, &ext, NULL);
}

/* A flash that is not mapped: the loader reads each piece to where it belongs, and can show nothing in place. */
static int load_read(const char *name, const uint8_t *data, size_t size)
{
	struct llext_buf_loader from = LLEXT_TEMPORARY_BUF_LOADER(data, size);

	from.loader.peek = NULL;
	return load_buffer(name, from);
}

/* The same flash, all of it read first into memory that is needed for the load only. */
static int load_copy(const char *name, const uint8_t *data, size_t size)
{
	uint8_t *copy = k_aligned_alloc(8, size);
	int result;

	if (copy == NULL) {
		return -ENOMEM;
	}
	memcpy(copy, data, size);
	result = load_buffer(name, (struct llext_buf_loader)LLEXT_TEMPORARY_BUF_LOADER(copy, size));
	k_free(copy);
	return result;
}

int load(int file, int way)
{
	const char *name = files[file].name;
	const uint8_t *data = files[file].data;
	size_t size = files[file].size;

	memcpy(arrived, data, size); /* each time: a load from writable storage changes it */
	switch (way) {
	case FLASH_PERSISTENT:
		return load_buffer(name, (struct llext_buf_loader)LLEXT_PERSISTENT_BUF_LOADER(data, size));
	case FLASH_TEMPORARY:
		return load_buffer(name, (struct llext_buf_loader)LLEXT_TEMPORARY_BUF_LOADER(data, size));
	case READ_TEMPORARY:
		return load_read(name, data, size);
	case COPY_TEMPORARY:
		return load_copy(name, data, size);
	case RAM_PERSISTENT:
		return load_buffer(name, (struct llext_buf_loader)LLEXT_PERSISTENT_BUF_LOADER(arrived, size));
	default:
		return load_buffer(name, (struct llext_buf_loader)LLEXT_WRITABLE_BUF_LOADER(arrived, size));
	}
}
EXPORT_SYMBOL(load);

int unload(void)
{
	return llext_unload(&ext);
}
EXPORT_SYMBOL(unload);

/* The regions that are used where the file has them. */
static void print_stayed(int width)
{
	static const struct {
		enum llext_mem region;
		const char *name;
	} regions[] = {
		{LLEXT_MEM_TEXT, "text"}, {LLEXT_MEM_RODATA, "rodata"}, {LLEXT_MEM_DATA, "data"}, {LLEXT_MEM_BSS, "bss"},
	};
	int printed = 0;

	for (int i = 0; i < ARRAY_SIZE(regions); i++) {
		if (ext->mem_size[regions[i].region] != 0 && !ext->mem_on_heap[regions[i].region]) {
			printk("%s ", regions[i].name);
			printed += strlen(regions[i].name) + 1;
		}
	}
	if (printed == 0) {
		printk("- ");
		printed = 2;
	}
	printk("%*s", width - printed, "");
}

int main(void)
{
	static const uint8_t input[] = "123456789";

	printk("stays in the file:   checksum        curve            curve_whole      results\n");
	for (int way = 0; way < WAYS; way++) {
		uint32_t results[ARRAY_SIZE(files)];

		printk("%-21s", ways[way]);
		for (int file = 0; file < ARRAY_SIZE(files); file++) {
			int result = load(file, way);

			if (result != 0) {
				printk("%s: llext_load %d\n", files[file].name, result);
				return result;
			}
			uint32_t (*run)(const uint8_t *data, size_t count) = llext_find_sym(&ext->exp_tab, "run");

			results[file] = run(input, sizeof(input) - 1);
			print_stayed(file == 0 ? 16 : 17);
			unload();
		}
		printk("%08x %x %x\n", results[0], results[1], results[2]);
	}
	return 0;
}
