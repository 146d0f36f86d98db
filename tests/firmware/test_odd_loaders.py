"""Loaders of C code that give wrong sizes, addresses and names: an error number or a fault at its line, never the board's end."""

import pytest

from llext.errors import Errno, GuestFault

CONF = "CONFIG_BOOT_BANNER=n\nCONFIG_LLEXT_HEAP_SIZE=32\n"
EXT = "int f(void) { return 3; }\nEXPORT_SYMBOL(f);\n"


def test_a_name_without_letters_is_an_error_number(ran):
    main = """int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext = NULL;
	printk("%d ", llext_load(&loader.loader, "", &ext, NULL));
	printk("%d", llext_load(&loader.loader, "named", &ext, NULL));
	return 0;
}
"""
    assert ran(CONF, main, EXT) == f"-{Errno.EINVAL.value} 0"


def test_a_section_of_gigabytes_is_an_error_number(ran):
    main = """static int read(struct llext_loader *loader, void *buffer, size_t length)
{
	struct llext_buf_loader *own = CONTAINER_OF(loader, struct llext_buf_loader, loader);
	memset(buffer, 0, length);
	memcpy(buffer, own->buf + own->pos, MIN(length, sizeof(blob) - own->pos));
	own->pos += length;
	return 0;
}
static uint8_t copy[sizeof(blob)] __aligned(4);
int main(void)
{
	memcpy(copy, blob, sizeof(blob));
	uint32_t headers = *(uint32_t *)(copy + 32);
	uint16_t size = *(uint16_t *)(copy + 46), count = *(uint16_t *)(copy + 48);
	int codes = 0;
	for (int i = 1; i < count; i++) {
		uint32_t *length = (uint32_t *)(copy + headers + i * size + 20), before = *length;
		*length = 0x60000000;
		struct llext_buf_loader loader = LLEXT_TEMPORARY_BUF_LOADER(copy, sizeof(copy));
		struct llext *ext = NULL;
		loader.loader.read = read;
		loader.loader.peek = NULL;
		int code = llext_load(&loader.loader, "big", &ext, NULL);
		codes += code < 0;
		if (code == 0) {
			llext_unload(&ext);
		}
		*length = before;
	}
	struct llext_buf_loader loader = LLEXT_TEMPORARY_BUF_LOADER(copy, sizeof(copy));
	struct llext *ext = NULL;
	printk("%s %d", codes > 3 ? "refused" : "taken", llext_load(&loader.loader, "good", &ext, NULL));
	return 0;
}
"""
    assert ran(CONF, "#include <string.h>\n" + main, EXT) == "refused 0"


def test_a_peek_to_nowhere_is_a_fault(powered):
    main = """static void *peek(struct llext_loader *loader, size_t position) { return (void *)0xdead0000; }
int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext = NULL;
	loader.loader.peek = peek;
	return llext_load(&loader.loader, "peeked", &ext, NULL);
}
"""
    board = powered(CONF, main, EXT)
    board.boot()
    with pytest.raises(GuestFault, match="the loader's peek returned 0xdead0000"):
        board.run()


WAITING = """static int naps = %(naps)d;
static void nap(void) { k_msleep(naps); }
static int prepare(struct llext_loader *loader) { nap(); return llext_buf_prepare(loader); }
static void finalize(struct llext_loader *loader) { nap(); }
int main(void)
{
	struct llext_buf_loader loader = LLEXT_TEMPORARY_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext = NULL;
	loader.loader.prepare = prepare;
	loader.loader.finalize = finalize;
	int code = llext_load(&loader.loader, "%(name)s", &ext, NULL);
	printk("%%d %%d", code, ext != NULL ? (int)ext->use_count : 0);
	return 0;
}
"""


@pytest.mark.parametrize("ms", [5, 15], ids=["in prepare", "in finalize"])
def test_a_name_that_python_loads_while_c_loads_it_is_held_once_more(powered, build, ms):
    """zephyr-llext.md 1.6: what is loaded already gives its use count before."""
    board = powered(CONF, WAITING % {"naps": 10, "name": "twin"}, EXT)
    board.boot()
    board.run_for(ms=ms)
    loaded = board.load(build("int g(void) { return 7; }\nEXPORT_SYMBOL(g);", "twin"))
    board.run()
    assert board.console == "1 2"
    assert board.extensions == (loaded,)
    assert loaded.use_count == 2
    assert loaded.fn("g", "int g(void)")() == 7
    assert board.unload(loaded) == 1
    assert board.unload(loaded) == 0
    assert board.heap.allocated_bytes == 0


def test_a_name_that_python_loads_meanwhile_and_that_is_the_same_when_cut_is_an_error(powered, build):
    board = powered(CONF, WAITING % {"naps": 10, "name": "a_name_of_16_byteX"}, EXT)
    board.boot()
    board.run_for(ms=5)
    loaded = board.load(build("int g(void) { return 7; }\nEXPORT_SYMBOL(g);"), name="a_name_of_16_byteY")
    board.run()
    assert board.console == f"-{Errno.EEXIST.value} 0"
    assert board.extensions == (loaded,)
    board.unload(loaded)
    assert board.heap.allocated_bytes == 0


def test_what_an_extension_needs_and_python_unloads_while_c_closes_its_file_is_an_error_number(powered, build):
    board = powered(
        CONF, WAITING % {"naps": 10, "name": "user"}, "extern int g(void); int f(void) { return g(); }\nEXPORT_SYMBOL(f);\n"
    )
    needed = board.load(build("int g(void) { return 7; }\nEXPORT_SYMBOL(g);", "needed"))
    board.boot()
    board.run_for(ms=15)
    board.unload(needed)
    board.run()
    assert board.console == f"-{Errno.ENOENT.value} 0"
    assert (board.extensions, board.heap.allocated_bytes) == ((), 0)


NUMBERS = """static int code;
static int read(struct llext_loader *loader, void *buffer, size_t length) { return code; }
static int seek(struct llext_loader *loader, size_t position) { return position == 0 ? code : 0; }
static int prepare(struct llext_loader *loader) { return code; }
int load(int number, int which)
{
	struct llext_buf_loader loader = LLEXT_TEMPORARY_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext = (struct llext *)1;
	code = number;
	loader.loader.peek = NULL;
	if (which == 0) {
		loader.loader.prepare = prepare;
	} else if (which == 1) {
		loader.loader.seek = seek;
	} else {
		loader.loader.read = read;
	}
	const int result = llext_load(&loader.loader, "odd", &ext, NULL);
	return ext == NULL ? result : -4321;
}
EXPORT_SYMBOL(load);
int main(void) { return 0; }
"""


def test_a_loaders_own_number_is_what_llext_load_returns(powered):
    """zephyr-llext.md 1.8: a number other than 0 of any sign ends the load."""
    board = powered(CONF, NUMBERS, EXT)
    board.boot()
    board.run()
    told = []
    board.kernel.extensions.refused = lambda error: told.append(error.message)
    numbers = [-Errno.EPERM, -77, -4095, -(1 << 31), 1, 52, (1 << 31) - 1]
    for number in numbers:
        assert [board.call("load", number, which) for which in range(3)] == [number] * 3
    assert board.call("load", 0x10000, 2) == -Errno.EIO  # the number by which the guest's loop knows that it goes on
    assert told[:3] == [f"the loader's {what} returned -1" for what in ("prepare", "seek", "read")]
    assert (board.call("load", 0, 0), board.heap.allocated_bytes > 0) == (-4321, True)
