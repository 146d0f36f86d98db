"""Options of the kernel, as an application sees them."""

import pytest

from llext.errors import BuildError, GuestFault

PRIORITY = """
int main(void)
{
	printk("%d\\n", k_thread_priority_get(k_current_get()));
	return 0;
}
"""


@pytest.mark.parametrize(
    ("prj", "printed"),
    [("", "0\n"), ("CONFIG_MAIN_THREAD_PRIORITY=-3\n", "-3\n"), ("CONFIG_NUM_PREEMPT_PRIORITIES=0\n", "-2\n")],
)
def test_main_has_its_priority(ran, prj, printed):
    assert ran("CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\n" + prj, PRIORITY) == printed


DEEP = """
static __attribute__((noinline)) int deep(int n)
{
	volatile char room[256];

	room[n] = n;
	return n ? deep(n - 1) + room[n] : 0;
}
int main(void)
{
	printk("%d\\n", deep(12));
	return 0;
}
"""


def test_mains_stack_is_as_large_as_it_was_configured(powered, ran):
    board = powered("CONFIG_BOOT_BANNER=n\n", DEEP)
    board.boot()
    with pytest.raises(Exception, match="main") as told:
        board.run()
    assert "stack" in str(told.value)
    assert ran("CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\nCONFIG_MAIN_STACK_SIZE=8192\n", DEEP) == "78\n"


BOARDS = ["mps2/an385", "qemu_riscv32"]
RIGHTS = [("mps2/an385", "CONFIG_ARM_MPU"), ("qemu_riscv32", "CONFIG_RISCV_PMP")]
SIZES = """
K_THREAD_STACK_DEFINE(alone, 300);
int main(void)
{
	const struct k_thread *main_thread = k_current_get();

	printk("%d %d ", (int)main_thread->stack_info.size, (int)K_THREAD_STACK_SIZEOF(alone));
	printk("%d\\n", (int)(main_thread->stack_info.start % CONFIG_LLEXT_GRANULE));
	return 0;
}
"""


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("size", [400, 1000, 1024, 3001])
def test_a_stacks_size_is_what_was_asked_for_in_units_of_8(ran, board, size):
    conf = f"CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\nCONFIG_MAIN_STACK_SIZE={size}\n"
    assert ran(conf, SIZES, board=board) == f"{-(-size // 8) * 8} 304 0\n"


@pytest.mark.parametrize(("board", "option"), RIGHTS)
def test_nor_is_it_rounded_where_memory_has_no_rights(ran, board, option):
    conf = f"CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\nCONFIG_MAIN_STACK_SIZE=1024\n{option}=n\n"
    assert ran(conf, SIZES, board=board) == "1024 304 0\n"


TOO_DEEP = """
static __attribute__((noinline)) int touch(int n)
{
	volatile char room[1600];

	room[n] = n;
	return room[n];
}
volatile int lowest;
int main(void)
{
	touch(lowest);
	printk("unseen\\n");
	return 0;
}
"""


@pytest.mark.parametrize("board", BOARDS)
def test_the_first_overflow_of_mains_stack_is_found(powered, board):
    board = powered("CONFIG_BOOT_BANNER=n\nCONFIG_MAIN_STACK_SIZE=1024\n", TOO_DEEP, board=board)
    board.boot()
    with pytest.raises(GuestFault, match="stack overflow"):
        board.run()
    assert "unseen" not in board.console


MALLOC = """
int main(void)
{
	size_t most = 0;

	for (size_t n = 8; n < 4096; n += 8) {
		void *block = k_malloc(n);

		most = block != NULL ? n : most;
		k_free(block);
	}
	printk("%d\\n", (int)most);
	return 0;
}
"""


def test_the_heap_of_k_malloc_has_its_size(ran):
    console = ran("CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\nCONFIG_HEAP_MEM_POOL_SIZE=1024\n", MALLOC)
    assert 800 < int(console) < 1024


def test_without_a_heap_there_is_no_k_malloc(application):
    with pytest.raises(BuildError, match="there is no heap for k_malloc") as told:
        application("#include <zephyr/kernel.h>\n" + MALLOC)
    assert "CONFIG_HEAP_MEM_POOL_SIZE" in str(told.value)


QUEUE = """
#include <zephyr/kernel.h>
static void say(struct k_work *work)
{
	printk("%d %d\\n", k_thread_priority_get(k_current_get()), (int)k_current_get()->stack_info.size);
}
static K_WORK_DEFINE(first, say);
static K_WORK_DEFINE(second, say);
static void other(void *a, void *b, void *c)
{
	printk("other\\n");
}
K_THREAD_DEFINE(equal, 1024, other, NULL, NULL, NULL, EQUAL, 0, K_TICKS_FOREVER);
int main(void)
{
	k_sched_lock();
	k_work_submit(&first);
	k_work_submit(&second);
	k_thread_start(equal);
	k_sched_unlock();
	k_sleep(K_MSEC(1));
	return 0;
}
"""


@pytest.mark.parametrize(
    ("prj", "printed"),
    [
        ("", "-1 1024\nother\n-1 1024\n"),
        (
            "CONFIG_SYSTEM_WORKQUEUE_PRIORITY=3\nCONFIG_SYSTEM_WORKQUEUE_STACK_SIZE=2048\nCONFIG_SYSTEM_WORKQUEUE_NO_YIELD=y\n",
            "3 2048\n3 2048\nother\n",
        ),
    ],
)
def test_the_system_work_queue_is_as_it_was_configured(ran, prj, printed):
    equal = "3" if prj else "-1"
    prj += "CONFIG_THREAD_STACK_INFO=y\nCONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\n"
    assert ran(prj, QUEUE.replace("EQUAL", equal)) == printed


SLICES = """
static volatile int done;
static void work(void *name, void *b, void *c)
{
	for (int i = 0; i < 3; i++) {
		printk("%s", (const char *)name);
		k_busy_wait(10000);
	}
}
K_THREAD_DEFINE(a, 1024, work, "a", NULL, NULL, 5, 0, 0);
K_THREAD_DEFINE(b, 1024, work, "b", NULL, NULL, 5, 0, 0);
int main(void)
{
	k_sleep(K_MSEC(1000));
	return 0;
}
"""


@pytest.mark.parametrize(
    ("prj", "printed"),
    [
        ("CONFIG_TIMESLICING=n\n", "aaabbb"),
        ("CONFIG_TIMESLICE_SIZE=10\n", "ababab"),
        ("CONFIG_TIMESLICE_SIZE=20\n", "aabbab"),
        ("CONFIG_TIMESLICE_SIZE=10\nCONFIG_TIMESLICE_PRIORITY=6\n", "aaabbb"),
    ],
)
def test_equals_take_turns_as_it_was_configured(ran, prj, printed):
    assert ran("CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\n" + prj, SLICES) == printed


LEVELS = """
static void nothing(void *a, void *b, void *c)
{
}
static K_THREAD_STACK_DEFINE(stack, 1024);
static struct k_thread thread;
int main(void)
{
	k_thread_create(&thread, stack, 1024, nothing, NULL, NULL, NULL, K_LOWEST_APPLICATION_THREAD_PRIO + PLUS, 0, K_NO_WAIT);
	k_sleep(K_MSEC(1));
	printk("%d\\n", K_LOWEST_APPLICATION_THREAD_PRIO);
	return 0;
}
"""


@pytest.mark.parametrize(
    ("prj", "lowest", "refused"),
    [
        ("CONFIG_NUM_PREEMPT_PRIORITIES=4\n", 3, r"invalid priority \(4\); allowed range: 3 to -16"),
        ("CONFIG_NUM_COOP_PRIORITIES=3\n", 14, r"invalid priority \(15\); allowed range: 14 to -3"),
    ],
)
def test_there_are_as_many_priorities_as_were_configured(ran, powered, prj, lowest, refused):
    prj += "CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\n"
    assert ran(prj, LEVELS.replace("PLUS", "0")) == f"{lowest}\n"
    board = powered(prj, LEVELS.replace("PLUS", "1"))
    board.boot()
    with pytest.raises(Exception, match=refused):
        board.run()


IN_HANDLER = """
#include <zephyr/irq_offload.h>
static __attribute__((noinline)) int deep(int n)
{
	volatile char room[256];

	room[n] = n;
	return n ? deep(n - 1) + room[n] : 0;
}
static void handler(const void *result)
{
	*(int *)result = deep(16);
}
int main(void)
{
	int result;

	irq_offload(handler, &result);
	printk("%d\\n", result);
	return 0;
}
"""


def test_interrupt_handlers_have_the_stack_that_was_configured(ran, powered):
    prj = "CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\n"
    assert ran(prj + "CONFIG_ISR_STACK_SIZE=8192\n", IN_HANDLER) == "136\n"
    board = powered(prj, IN_HANDLER)
    board.boot()
    with pytest.raises(Exception, match="stack"):
        board.run()


TICKS = """
int main(void)
{
	const int64_t start = k_uptime_ticks();

	k_sleep(K_TICKS(5));
	printk("%d ticks %d ms\\n", (int)(k_uptime_ticks() - start), (int)k_uptime_get());
	k_sleep(K_MSEC(1));
	printk("%d ms\\n", (int)k_uptime_get());
	return 0;
}
"""


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
@pytest.mark.parametrize(("ticks", "printed"), [(100, "6 ticks 60 ms\n80 ms\n"), (1000, "6 ticks 6 ms\n8 ms\n")])
def test_the_clock_has_the_ticks_that_were_configured(ran, board, ticks, printed):
    prj = f"CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\nCONFIG_SYS_CLOCK_TICKS_PER_SEC={ticks}\n"
    assert ran(prj, TICKS, board=board) == printed


REASON = "(per build configuration)"
BANNER = 'int main(void)\n{\n\tprintk("main at %d\\n", (int)k_uptime_get());\n\treturn 0;\n}\n'


@pytest.mark.parametrize(
    ("prj", "printed"),
    [
        ("", "*** Booting Zephyr OS build v4.4.0 ***\nmain at 0\n"),
        ("CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\n", "main at 0\n"),
        (
            'CONFIG_BOOT_BANNER_STRING="Starting the \\"best\\" thing"\n',
            '*** Starting the "best" thing v4.4.0 ***\nmain at 0\n',
        ),
        (
            "CONFIG_BOOT_DELAY=70\n",
            f"***** delaying boot 70ms {REASON} *****\n*** Booting Zephyr OS build v4.4.0 (delayed boot 70ms) ***\nmain at 70\n",
        ),
    ],
)
def test_the_banner_is_as_it_was_configured(ran, prj, printed):
    assert ran(prj, BANNER) == printed


def test_without_printk_nothing_is_printed(ran):
    ext = 'void hello(void) { printk("hello\\n"); }\nEXPORT_SYMBOL(hello);\n'
    main = 'int main(void)\n{\n\tprintk("main\\n");\n\treturn 0;\n}\n'
    assert ran("CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=n\n", main, ext) == ""
