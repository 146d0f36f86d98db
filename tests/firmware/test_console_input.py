"""What the console receives: polled, by interrupt, by characters and lines; from Python, pipes, files and terminals."""

import os
import pickle
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from llext import Board, GuestFault, UsageError
from llext.errors import BuildError

QUIET = "CONFIG_BOOT_BANNER=n\n"
LINES = QUIET + "CONFIG_CONSOLE_SUBSYS=y\nCONFIG_CONSOLE_GETLINE=y\n"
CHARACTERS = QUIET + "CONFIG_CONSOLE_SUBSYS=y\nCONFIG_CONSOLE_GETCHAR=y\n"
INTERRUPTS = QUIET + "CONFIG_UART_INTERRUPT_DRIVEN=y\n"
BOARDS = ["mps2/an385", "qemu_riscv32"]

UART = """
#include <zephyr/drivers/uart.h>
static const struct device *const uart = DEVICE_DT_GET(DT_CHOSEN(zephyr_console));
"""
POLLS = (
    UART
    + """
int main(void)
{
	unsigned char got = '-';

	while (uart_poll_in(uart, &got) != 0) {
		k_msleep(10);
	}
	printk("%c at %d;", got, (int)k_uptime_get());
	while (uart_poll_in(uart, &got) == 0) {
		printk("%c", got);
	}
	printk(" %d", uart_poll_in(uart, &got));
	return 0;
}
"""
)
ECHOES_LINES = """
#include <zephyr/console/console.h>
int main(void)
{
	console_getline_init();
	for (;;) {
		const char *line = console_getline();

		printk("[%s]", line);
	}
}
"""
READS = """
#include <zephyr/console/console.h>
int main(void)
{
	char bytes[4] = "";

	printk("%d", console_init());
	printk(" %d", console_getchar());
	printk(" %d %d ", (int)console_read(NULL, bytes, 0), (int)console_read(NULL, bytes, 3));
	console_write(NULL, bytes, 3);
	printk(" %d", (int)console_read(NULL, bytes, 3));
	return console_putchar(bytes[0]);
}
"""
SERVES = (
    UART
    + """
K_MSGQ_DEFINE(got, 1, 4, 1);
static int served;
static void serve(const struct device *dev, void *user_data)
{
	unsigned char byte;

	served++;
	uart_irq_update(dev);
	if (k_msgq_num_free_get(&got) == 0) {
		uart_irq_rx_disable(dev);
	} else if (uart_irq_rx_ready(dev) && uart_fifo_read(dev, &byte, 1) == 1) {
		byte += *(int *)user_data;
		k_msgq_put(&got, &byte, K_NO_WAIT);
	}
}
int main(void)
{
	static int shift = 1;
	unsigned char byte;

	printk("%d ", uart_irq_callback_user_data_set(uart, serve, &shift));
	uart_irq_rx_enable(uart);
	for (;;) {
		k_msgq_get(&got, &byte, K_FOREVER);
		uart_irq_rx_enable(uart);
		printk("%c", byte);
		if (byte == '.') {
			printk("%d at %d ", served, (int)k_uptime_get());
		}
	}
}
"""
)


@pytest.fixture(scope="module")
def built(application):
    """The zephyr.elf of one of the programs above; each is built once for a board."""
    made = {}

    def of(conf, main, board="mps2/an385"):
        key = conf, main, board
        if key not in made:
            made[key] = application("#include <zephyr/kernel.h>\n" + main, conf, board=board)
        return made[key]

    return of


@pytest.fixture
def started(built):
    """A board that runs one of them."""
    boards = []

    def go(*what):
        board = Board(app=built(*what))
        boards.append(board)
        board.boot()
        return board

    yield go
    for board in boards:
        board.__exit__(None)


def told(elf, data, *words, seconds=60):
    """What llext run prints with this as its standard input; it must end by itself."""
    command = [sys.executable, "-m", "llext", "run", str(elf), *words]
    given = {"input": data} if data is not None else {"stdin": subprocess.DEVNULL}
    done = subprocess.run(command, capture_output=True, timeout=seconds, check=False, **given)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


# From Python ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("board", BOARDS)
def test_a_poll_finds_what_was_sent_at_the_time_when_it_was(started, board):
    board = started(QUIET, POLLS, board)
    board.run_for(ms=100)
    assert board.console == ""
    board.console.send("abc")
    board.run_for(ms=20)
    at = int(board.console.partition(" at ")[2].partition(";")[0])
    assert 100 <= at <= 111
    assert board.console == f"a at {at};bc -1"


@pytest.mark.parametrize("board", BOARDS)
def test_lines_end_by_lf_by_cr_and_by_both(started, board):
    board = started(LINES, ECHOES_LINES, board)
    board.console.send("early\n")  # before anybody asked
    board.run()
    board.console.send(b"one\r\ntwo\r\rthree\n\nfo")
    board.run()
    assert board.console == "early\n[early]one\n[one]two\n[two]\n[]three\n[three]\n[]fo"
    board.console.send("ur\r")
    board.run()
    assert board.console.endswith("four\n[four]")


def test_a_line_can_be_edited_and_is_never_longer_than_there_is_room(started):
    board = started(LINES + "CONFIG_CONSOLE_HANDLER=y\nCONFIG_CONSOLE_INPUT_MAX_LINE_LEN=6\n", ECHOES_LINES)
    for typed, line in (
        ("ab\x7fc\b\b\b\bd\n", "d"),
        ("x\x1b[1;5Cy\x1bOz\n", "xyz"),
        ("1234567\n", "12345"),
        ("\tü\x01k\n", "k"),
    ):
        board.console.send(typed)
        board.run()
        assert board.console.endswith(f"\n[{line}]"), typed


@pytest.mark.parametrize("board", BOARDS)
def test_characters_come_one_by_one_or_as_many_as_there_are(started, board):
    board = started(CHARACTERS, READS, board)
    board.run()
    assert board.console == "0"
    board.console.send(bytes([200]) + b"ab\n")
    board.run()
    board.console.send("z")
    board.run()
    assert board.console == "0 200 0 3 ab\n 1z"


@pytest.mark.parametrize("board", BOARDS)
def test_the_interrupt_comes_as_long_as_there_are_bytes_and_it_is_enabled(started, board):
    board = started(INTERRUPTS, SERVES, board)
    board.run_for(ms=5)
    board.console.send("GDKKN-")
    board.run_for(ms=5)
    assert board.console == "0 HELLO.8 at 5 "


def test_the_transmitters_interrupt_comes_until_it_is_disabled(started):
    main = (
        UART
        + """
static int left = 3;
static void serve(const struct device *dev, void *user_data)
{
	if (uart_irq_tx_ready(dev)) {
		left -= uart_fifo_fill(dev, (const uint8_t *)"abc" + 3 - left, 1);
		if (left == 0) {
			uart_irq_tx_disable(dev);
		}
	}
}
int main(void)
{
	uart_irq_callback_set(uart, serve);
	uart_irq_tx_enable(uart);
	printk(" %d %d %d%d", left, uart_irq_tx_complete(uart), uart_irq_is_pending(uart), uart_irq_rx_ready(uart));
	return 0;
}
"""
    )
    board = started(INTERRUPTS, main)
    board.run()
    assert board.console == "abc 0 1 00"


def test_the_interrupt_waits_for_the_end_of_a_lock(started):
    locked = """
	const unsigned int key = irq_lock();

	uart_irq_rx_enable(uart);
	printk("locked %d ", served);
	irq_unlock(key);
	printk("then %d ", served);
	for"""
    board = started(INTERRUPTS, SERVES.replace("\n\tuart_irq_rx_enable(uart);\n\tfor", locked))
    board.console.send("A")
    board.run()
    assert board.console == "0 locked 0 then 0 B"


def test_without_the_option_and_on_other_ports_there_are_no_interrupts(ran):
    overlay = '/ { uart7: uart@50000000 { compatible = "llext,uart"; reg = <0x50000000 0x1000>; }; };\n'
    main = (
        UART
        + """
static const struct device *const other = DEVICE_DT_GET(DT_NODELABEL(uart7));
int main(void)
{
	unsigned char got;

	uart_irq_rx_enable(uart);
	uart_irq_tx_disable(other);
	printk("%d %d ", uart_irq_callback_set(uart, NULL), uart_fifo_read(uart, &got, 1));
	printk("%d %d %d", uart_irq_callback_set(other, NULL), uart_irq_update(other), uart_poll_in(other, &got));
	return 0;
}
"""
    )
    assert ran(QUIET, main, files={"app.overlay": overlay}) == "-134 -134 -134 -134 -1"
    assert ran(INTERRUPTS, main, files={"app.overlay": overlay}) == "0 0 -88 -88 -1"


def test_the_console_is_a_text_as_before(started):
    console = started(QUIET, POLLS).console
    assert isinstance(console, str)
    assert type(pickle.loads(pickle.dumps(console))) is str
    with pytest.raises(UsageError, match="what the console receives is 5"):
        console.send(5)


def test_a_halted_cpu_wakes_for_input_and_its_end_is_the_runs(started):
    main = SERVES.replace(
        "k_msgq_get(&got, &byte, K_FOREVER);",
        "while (k_msgq_get(&got, &byte, K_NO_WAIT) != 0) {\n			k_cpu_idle();\n		}",
    )
    board = started(INTERRUPTS, main)
    board.run()
    board.console.send("A")
    board.run()
    assert board.console == "0 B"


@pytest.mark.parametrize(
    ("holds", "ends"),
    [("k_mutex_lock(&lock, K_FOREVER); console_getchar();", True), ("k_mutex_lock(&lock, K_FOREVER);", False)],
)
def test_who_is_locked_up_does_not_wait_for_input(started, holds, ends):
    main = f"""
#include <zephyr/console/console.h>
K_MUTEX_DEFINE(lock);
static void hold(void *a, void *b, void *c) {{ {holds} }}
static void wait(void *a, void *b, void *c) {{ console_getchar(); }}
K_THREAD_DEFINE(holder, 512, hold, NULL, NULL, NULL, -1, 0, 0);
K_THREAD_DEFINE(waiter, 512, wait, NULL, NULL, NULL, -1, 0, 0);
int main(void) {{ k_msleep(1); return k_mutex_lock(&lock, K_FOREVER); }}
"""
    board = started(CHARACTERS, main)
    if ends:
        board.run()
    else:
        with pytest.raises(GuestFault, match="deadlock") as caught:
            board.run()
        assert "waiter waits in console input since" in str(caught.value.notes)


def test_code_that_may_not_wait_is_told_what_it_asked_for(started):
    main = """
#include <zephyr/console/console.h>
static void ask(const void *p) { console_getchar(); }
int main(void) { irq_offload(ask, NULL); return 0; }
"""
    with pytest.raises(GuestFault, match="console input would wait in an interrupt handler"):
        started(CHARACTERS, "#include <zephyr/irq_offload.h>\n" + main).run()


@pytest.mark.parametrize(("name", "option"), [("console_getline_init", "GETLINE"), ("console_init", "GETCHAR")])
def test_a_function_needs_its_option(application, name, option):
    with pytest.raises(BuildError, match=f"main.c:2: {name} is there only if prj.conf says so") as caught:
        application(f"#include <zephyr/console/console.h>\nint main(void) {{ {name}(); return 0; }}\n", QUIET)
    assert caught.value.hint == f"write in prj.conf: CONFIG_CONSOLE_SUBSYS=y and CONFIG_CONSOLE_{option}=y"


def test_who_listens_to_the_output_may_answer_it(built):
    def answer(data):
        if data.endswith(b"> "):
            board.console.send(answers.pop(0) if answers else "")

    answers = ["one\n", b"two\n"]
    prompts = ECHOES_LINES.replace("const char", 'printk("> ");\n\t\tconst char')
    with Board(app=built(LINES, prompts), output=answer) as board:
        board.boot()
        board.run()
        assert board.console == "> one\n[one]> two\n[two]> "


# From standard input -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("board", BOARDS)
def test_a_pipe_feeds_a_run_and_its_end_is_the_runs(built, board):
    elf = built(LINES, ECHOES_LINES, board)
    assert told(elf, b"one\r\ntwo\n") == b"one\n[one]two\n[two]"
    assert told(elf, None) == b""


def test_a_pipe_is_served_by_interrupt_too(built):
    assert told(built(INTERRUPTS, SERVES), b"GDKKN-") == b"0 HELLO.8 at 0 "


def test_a_closed_standard_input_is_one_at_its_end(built):
    command = [sys.executable, "-m", "llext", "run", str(built(LINES, ECHOES_LINES))]
    done = subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", *command], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"")


LOOP = (
    UART
    + """
int main(void)
{
	unsigned char got;

	while (uart_poll_in(uart, &got) == 0) {
		printk("thrown away");
	}
	for (;;) {
		if (uart_poll_in(uart, &got) == 0) {
			printk("%c", got);
		}
		DO
	}
}
"""
)


@pytest.mark.parametrize("do", ["", "k_msleep(10);", "k_yield();"])
@pytest.mark.parametrize("words", [(), ("--for", "200ms"), ("--clock", "counted")])
def test_a_loop_of_polls_waits_for_the_host_and_ends_with_its_input(built, do, words):
    elf = built(QUIET, LOOP.replace("DO", do))
    assert told(elf, b"abc", *words) == b"abc"
    assert told(elf, None, *words) == b""


def test_some_polls_in_vain_at_the_end_are_answered(built):
    main = (
        UART
        + """
int main(void)
{
	unsigned char got;
	int vain = 0;

	for (int i = 0; i < 500; i++) {
		vain += uart_poll_in(uart, &got) != 0;
	}
	printk("%d", vain);
	return 0;
}
"""
    )
    assert told(built(QUIET, main), b"ab") == b"498"


def test_input_is_read_when_it_is_wanted_only(built):
    main = UART + 'int main(void) { k_msleep(1000); printk("done"); return 0; }'
    elf = built(QUIET, main)
    reader, writer = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "llext", "run", str(elf)], stdin=reader, capture_output=True, check=False, timeout=60
        )
        assert (done.returncode, done.stdout) == (0, b"done")
        os.write(writer, b"x")
        assert os.read(reader, 9) == b"x"
    finally:
        os.close(reader)
        os.close(writer)


@contextmanager
def running(elf, *words, stdin=subprocess.PIPE):
    """An ``llext run`` that goes on; a test that fails does not wait for its end."""
    command = [sys.executable, "-m", "llext", "run", str(elf), *words]
    with subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(("conf", "main"), [(LINES, ECHOES_LINES), (QUIET, LOOP.replace("DO", ""))])
def test_who_types_late_is_waited_for_beyond_the_timeout_and_ctrl_c_ends_that(built, conf, main):
    with running(built(conf, main), "--timeout", "1") as process:
        time.sleep(2.5)
        process.stdin.write(b"a\n")
        process.stdin.flush()
        assert process.stdout.read(2) == b"a\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert b"interrupted" in process.stderr.read()


def test_a_terminal_shows_what_is_typed_itself_and_gives_lines(built):
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    with running(built(LINES, ECHOES_LINES), stdin=slave) as process:
        os.close(slave)
        os.write(master, b"one\n")
        assert process.stdout.read(5) == b"[one]"
        os.write(master, b"two\n\x04")  # Ctrl-D is the end
        assert process.stdout.read() == b"[two]"
        assert process.wait(10) == 0
    os.close(master)
