"""Chance, reboot, formatting to a function, serial ports, the linker's symbols: names that applications use besides the kernel's objects."""

import re

import pytest

from llext import Board, GuestFault
from llext.errors import BuildError

QUIET = "CONFIG_BOOT_BANNER=n\n"
BOARDS = ["mps2/an385", "qemu_riscv32"]

CHANCE = """
#include <zephyr/random/random.h>
int main(void)
{
	uint8_t bytes[5] = {0};

	sys_rand_get(bytes, 4);
	printk("%02x%02x%02x%02x%02x ", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]);
	printk("%08x %016llx %d ", sys_rand32_get(), sys_rand64_get(), sys_csrand_get(bytes, 5));
	printk("%d %d", sys_rand8_get() < 256, sys_rand16_get() < 65536);
	return 0;
}
"""


def test_random_numbers_are_those_of_the_boards_seed(application):
    elf = application("#include <zephyr/kernel.h>\n" + CHANCE, QUIET)
    printed = []
    for seed in (0, 0, 1, -1):
        with Board(app=elf, seed=seed) as board:
            board.boot()
            board.run()
            printed.append(board.console)
    assert printed[0] == printed[1]
    assert len(set(printed)) == 3
    # SplitMix64 of seed 0 begins with e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f; memory has the low byte first.
    assert printed[0] == "afcd1d7b00 a1b965f4 06c45d188009454f 0 1 1"


@pytest.mark.parametrize("board", BOARDS)
def test_random_numbers_are_the_same_on_every_board(ran, board):
    assert ran(QUIET, CHANCE, board=board).startswith("afcd1d7b00 a1b965f4 ")


def test_a_range_that_may_not_be_written_gets_none(powered):
    board = powered(QUIET, "#include <zephyr/random/random.h>\nint main(void) { sys_rand_get((void *)8, 4); return 0; }\n")
    board.boot()
    with pytest.raises(GuestFault, match="store to 0x00000008"):
        board.run()


REBOOT = '#include <zephyr/sys/reboot.h>\nint main(void) { printk("bye "); sys_reboot(%s); }\n'


@pytest.mark.parametrize(
    ("kind", "said"), [("SYS_REBOOT_COLD", "cold reboot"), ("SYS_REBOOT_WARM", "warm reboot"), ("7", "type 7 reboot")]
)
def test_a_reboot_ends_the_run_by_its_name(powered, kind, said):
    board = powered(QUIET + "CONFIG_REBOOT=y\n", REBOOT % kind)
    board.boot()
    with pytest.raises(GuestFault, match=f"{said} .sys_reboot.") as caught:
        board.run()
    assert board.console == "bye "
    assert "does not begin anew by itself" in caught.value.hint
    assert any("main" in str(frame) for frame in caught.value.chain)


def test_a_reboot_needs_its_option(application):
    with pytest.raises(BuildError, match="main.c:3: sys_reboot is there only if prj.conf says so") as caught:
        application("#include <zephyr/kernel.h>\n" + REBOOT % 0, QUIET)
    assert caught.value.hint == "write in prj.conf: CONFIG_REBOOT=y"


PRINT = """
#include <zephyr/sys/cbprintf.h>
static char text[200];
static int put(int c, void *ctx)
{
	size_t *at = ctx;

	if (*at == 150) {
		return -28;
	}
	text[(*at)++] = (char)c;
	k_sleep(K_TICKS(1)); /* a function may wait */
	return c;
}
int main(void)
{
	size_t at = 0, nothing = 0;
	char small[6];
	int length = cbprintf(put, &at, "%d %s %lld %.2f %c|%100s|", 1, "two", 3000000000LL, 4.5, '5', "wide");

	printk("%d %d [%s]", length, (int)at, text);
	printk(" %d", cbprintf(put, &nothing, "%s", ""));
	printk(" %d", cbprintf(put, &at, "%64d", 7));
	printk(" %d %s", snprintfcb(small, sizeof(small), "%s", "abcdefg"), small);
	printk(" %d\\n", (int)(k_uptime_ticks() >= length));
	printfcb("%s %d\\n", "end", 9);
	return 0;
}
"""


@pytest.mark.parametrize("board", BOARDS)
def test_formatted_text_goes_to_a_function_piece_by_piece(ran, board):
    words = "1 two 3000000000 4.50 5|" + " " * 96 + "wide|"
    told = f"{len(words)} {len(words)} [{words}] 0 -28 7 abcde 1\nend 9\n"
    assert ran(QUIET + "CONFIG_CBPRINTF_FP_SUPPORT=y\n", PRINT, board=board) == told


SERIAL = """
#include <zephyr/drivers/uart.h>
static const struct device *const uart = DEVICE_DT_GET(DT_CHOSEN(zephyr_console));
int main(void)
{
	unsigned char got = 'x';
	struct uart_config config = {115200, UART_CFG_PARITY_NONE, UART_CFG_STOP_BITS_1, UART_CFG_DATA_BITS_8, UART_CFG_FLOW_CTRL_NONE};

	for (const char *at = "hello\\r\\n"; *at != '\\0'; at++) {
		uart_poll_out(uart, *at);
	}
	printk("%d %d %d %d %d", device_is_ready(uart), uart_poll_in(uart, &got) == -1, uart_err_check(uart),
		uart_configure(uart, &config) == -ENOSYS, uart_config_get(uart, &config) == -ENOSYS);
	printk(" %d", device_get_binding(DEVICE_DT_NAME(DT_CHOSEN(zephyr_console))) == uart);
	return 0;
}
"""


@pytest.mark.parametrize("board", ["qemu_cortex_m0", *BOARDS])
def test_a_serial_port_is_the_console(ran, board):
    assert ran(QUIET, SERIAL, board=board) == "hello\r\n1 1 0 1 1 1"


@pytest.mark.parametrize(("conf", "ready"), [("", 1), ("CONFIG_SERIAL_INIT_PRIORITY=56\n", 0)])
def test_serial_ports_have_their_place_in_the_order_of_boot(ran, conf, ready):
    main = """
#include <zephyr/drivers/uart.h>
#include <zephyr/init.h>
static int early(void)
{
	printk("%d ", device_is_ready(DEVICE_DT_GET(DT_NODELABEL(uart0))));
	return 0;
}
SYS_INIT(early, PRE_KERNEL_1, 55);
int main(void) { return early(); }
"""
    assert ran(QUIET + conf, main) == f"{ready} 1 "


def test_what_is_sent_by_another_port_goes_nowhere(ran):
    overlay = '/ { uart7: uart@50000000 { compatible = "llext,uart"; reg = <0x50000000 0x1000>; }; };\n'
    main = "#include <zephyr/drivers/uart.h>\nint main(void) { uart_poll_out(DEVICE_DT_GET(DT_NODELABEL(uart7)), 'x'); printk(\"y\"); return 0; }\n"
    assert ran(QUIET, main, files={"app.overlay": overlay}) == "y"


def test_without_serial_ports_there_is_no_device(application):
    with pytest.raises(BuildError, match=r"uart0\) has no device: no driver that is built in defines one for llext,uart"):
        application("#include <zephyr/kernel.h>\n" + SERIAL, QUIET + "CONFIG_SERIAL=n\n")


def test_an_application_brings_a_driver_of_its_own(ran):
    main = """
#define DT_DRV_COMPAT acme_uart
#include <zephyr/drivers/uart.h>
static int take(const struct device *dev, unsigned char *byte) { *byte = 'q'; return 0; }
static void give(const struct device *dev, unsigned char byte) { printk("<%c>", byte); }
static DEVICE_API(uart, mine) = {.poll_in = take, .poll_out = give};
DEVICE_DT_INST_DEFINE(0, NULL, NULL, NULL, NULL, POST_KERNEL, 50, &mine);
int main(void)
{
	unsigned char got;

	uart_poll_in(DEVICE_DT_INST_GET(0), &got);
	uart_poll_out(DEVICE_DT_INST_GET(0), got);
	printk(" %d", uart_err_check(DEVICE_DT_INST_GET(0)) == -ENOSYS);
	return 0;
}
"""
    assert ran(QUIET, main, files={"app.overlay": '/ { mine: mine { compatible = "acme,uart"; }; };\n'}) == "<q> 1"


SYMBOLS = """
#include <zephyr/arch/cpu.h>
#include <zephyr/linker/linker-defs.h>
#include <zephyr/linker/sections.h>
#define IN(what, from, to) ((uintptr_t)(what) >= (uintptr_t)(from) && (uintptr_t)(what) < (uintptr_t)(to))
static int changed = 3;
static int zeroed __nocache;
static int kept __noinit_named(kept);
static const int constant = 4;
int main(void)
{
	const volatile int *all[] = {&changed, &zeroed, &kept, &constant};
	unsigned int key = arch_irq_lock();

	arch_nop();
	arch_irq_unlock(key);
	printk("%d%d%d%d ", IN(main, __text_region_start, __text_region_end), IN(all[3], __rodata_region_start, __rodata_region_end),
		IN(all[0], __data_region_start, __data_region_end), IN(all[1], __bss_start, __bss_end));
	for (int i = 0; i < 3; i++) {
		printk("%d%d", IN(all[i], _image_ram_start, _image_ram_end), IN(all[i], __kernel_ram_start, _end));
	}
	printk(" %d%d", IN(main, __rom_region_start, __rom_region_end), IN(__data_region_load_start, __rom_region_start, __rom_region_end));
	printk(" %d%d%d%d", (size_t)__rom_region_size == (size_t)(__rom_region_end - __rom_region_start), _flash_used == __rom_region_size,
		(size_t)__text_region_size == (size_t)(__text_region_end - __text_region_start), __kernel_ram_size == _image_ram_size);
	printk(" %d%d", arch_is_in_isr(), arch_num_cpus());
	return 0;
}
"""


@pytest.mark.parametrize("board", BOARDS)
def test_symbols_of_the_linker_script_are_where_things_lie(ran, board):
    assert ran(QUIET, SYMBOLS, board=board) == "1111 111111 11 1111 01"


SUMS = """
#include <zephyr/sys/crc.h>
int main(void)
{
	printk("%08x %04x", crc32_ieee((const uint8_t *)"123456789", 9), crc16_ansi((const uint8_t *)"123456789", 9));
	return 0;
}
"""


@pytest.mark.parametrize("board", BOARDS)
def test_checksums_are_linked_where_they_are_used(application, board):
    with Board(app=application("#include <zephyr/kernel.h>\n" + SUMS, QUIET + "CONFIG_CRC=y\n", board=board)) as powered:
        powered.boot()
        powered.run()
        assert powered.console == "cbf43926 4b37"
        names = powered.firmware.image.symbols
        assert "crc32_ieee" in names
        assert not re.search(r"\bcrc8_ccitt\b", " ".join(names))
