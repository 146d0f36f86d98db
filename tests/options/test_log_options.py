"""Options of the log, as an application sees them."""

import pytest

PRJ = "CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\nCONFIG_LOG=y\nCONFIG_LOG_BACKEND_SHOW_COLOR=n\nCONFIG_LOG_BACKEND_SHOW_TIMESTAMP=n\n"
LOG = "#include <zephyr/logging/log.h>\nLOG_MODULE_REGISTER(m);\n"
SAYS = (
    LOG
    + """
int main(void)
{
	LOG_INF("first");
	printk("printed\\n");
	k_sleep(K_MSEC(300));
	printk("later\\n");
	k_sleep(K_MSEC(SLEEP));
	return 0;
}
"""
)


@pytest.mark.parametrize(
    ("prj", "printed"),
    [
        ("CONFIG_LOG_MODE_DEFERRED=y\n", "<inf> m: first\nprinted\nlater\n"),
        ("CONFIG_LOG_MODE_DEFERRED=y\nCONFIG_LOG_PRINTK=n\n", "printed\nlater\n<inf> m: first\n"),
        (
            "CONFIG_LOG_MODE_DEFERRED=y\nCONFIG_LOG_PRINTK=n\nCONFIG_LOG_PROCESS_THREAD_SLEEP_MS=200\n",
            "printed\n<inf> m: first\nlater\n",
        ),
        (
            "CONFIG_LOG_MODE_DEFERRED=y\nCONFIG_LOG_PRINTK=n\nCONFIG_LOG_PROCESS_THREAD_SLEEP_MS=100\nCONFIG_LOG_PROCESS_THREAD_STARTUP_DELAY_MS=200\n",
            "printed\n<inf> m: first\nlater\n",
        ),
        (
            "CONFIG_LOG_MODE_DEFERRED=y\nCONFIG_LOG_PRINTK=n\nCONFIG_LOG_PROCESS_TRIGGER_THRESHOLD=1\nCONFIG_LOG_PROCESS_THREAD_STARTUP_DELAY_MS=400\n",
            "printed\nlater\n<inf> m: first\n",
        ),
        (
            "CONFIG_LOG_MODE_DEFERRED=y\nCONFIG_LOG_PRINTK=n\nCONFIG_LOG_PROCESS_TRIGGER_THRESHOLD=1\n",
            "printed\n<inf> m: first\nlater\n",
        ),
        ("CONFIG_LOG_MODE_DEFERRED=y\nCONFIG_LOG_PRINTK=n\nCONFIG_LOG_PROCESS_THREAD=n\n", "printed\nlater\n<inf> m: first\n"),
        ("CONFIG_LOG_MODE_IMMEDIATE=y\n", "<inf> m: first\nprinted\nlater\n"),
        ("CONFIG_LOG_MODE_MINIMAL=y\n", "I: first\nprinted\nlater\n"),
    ],
)
def test_messages_are_written_when_it_was_configured(ran, prj, printed):
    plain = PRJ.partition("CONFIG_LOG_BACKEND")[0] if "MINIMAL" in prj else PRJ
    assert ran(plain + prj, SAYS.replace("SLEEP", "2000")) == printed


def test_the_thread_of_deferred_messages_needs_no_heap_and_has_its_stack_and_priority(powered):
    main = (
        LOG
        + """
int main(void)
{
	LOG_INF("first");
	k_sleep(K_MSEC(1500));
	return 0;
}
"""
    )
    prj = PRJ + "CONFIG_LOG_PROCESS_THREAD_STACK_SIZE=1536\nCONFIG_NUM_PREEMPT_PRIORITIES=%d\n%s"
    for levels, more, priority in (
        (15, "", 14),
        (8, "", 7),
        (8, "CONFIG_LOG_PROCESS_THREAD_CUSTOM_PRIORITY=y\nCONFIG_LOG_PROCESS_THREAD_PRIORITY=-2\n", -2),
    ):
        board = powered(prj % (levels, more), main)
        board.boot()
        board.run_for(ms=1200)
        assert board.console == "<inf> m: first\n"
        (thread,) = (thread for thread in board.kernel.state.threads.values() if thread.name == "logging")
        assert thread.priority == priority


MANY = (
    LOG
    + """
int main(void)
{
	for (int i = 0; i < 9; i++) {
		LOG_INF("message %d", i);
	}
	k_sleep(K_MSEC(2000));
	return 0;
}
"""
)


@pytest.mark.parametrize(
    ("prj", "first", "last", "dropped"),
    [
        ("", "message 0", "message 8", 0),
        ("CONFIG_LOG_BUFFER_SIZE=128\n", "message 5", "message 8", 5),
        ("CONFIG_LOG_BUFFER_SIZE=128\nCONFIG_LOG_MODE_OVERFLOW=n\n", "message 0", "message 3", 5),
    ],
)
def test_the_buffer_of_deferred_messages_has_its_size(ran, prj, first, last, dropped):
    console = ran(PRJ + prj, MANY)
    lines = [line for line in console.splitlines() if line.startswith("<inf>")]
    assert (lines[0], lines[-1]) == (f"<inf> m: {first}", f"<inf> m: {last}")
    assert (f"--- {dropped} messages dropped ---" in console) == bool(dropped)


LEVELS = (
    LOG
    + """
int main(void)
{
	LOG_ERR("e");
	LOG_WRN("w");
	LOG_INF("i");
	LOG_DBG("d");
	return 0;
}
"""
)
FORMATS = [
    (
        "CONFIG_LOG_DEFAULT_LEVEL=2\n",
        "[00:00:00.000,000] \x1b[1;31m<err> m: e\x1b[0m\n[00:00:00.000,000] \x1b[1;33m<wrn> m: w\x1b[0m\n",
    ),
    (
        "CONFIG_LOG_DEFAULT_LEVEL=1\nCONFIG_LOG_OUTPUT_FORMAT_LINUX_TIMESTAMP=y\n",
        "[    0.000000] \x1b[1;31m<err> m: e\x1b[0m\n",
    ),
    (
        "CONFIG_LOG_DEFAULT_LEVEL=1\nCONFIG_LOG_BACKEND_FORMAT_TIMESTAMP=n\nCONFIG_LOG_BACKEND_SHOW_COLOR=n\n",
        "[00000000] <err> m: e\n",
    ),
    (
        "CONFIG_LOG_DEFAULT_LEVEL=1\nCONFIG_LOG_BACKEND_SHOW_LEVEL=n\nCONFIG_LOG_BACKEND_SHOW_COLOR=n\nCONFIG_LOG_THREAD_ID_PREFIX=y\n",
        "[00:00:00.000,000] [main] m: e\n",
    ),
    ("CONFIG_LOG_MODE_MINIMAL=y\nCONFIG_LOG_DEFAULT_LEVEL=4\n", "E: e\nW: w\nI: i\nD: d\n"),
]


@pytest.mark.parametrize(("prj", "printed"), FORMATS)
def test_lines_look_as_it_was_configured(ran, prj, printed):
    assert ran("CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\nCONFIG_LOG=y\n" + prj, LEVELS) == printed


LOAD = """
int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext;

	if (llext_load(&loader.loader, "ext", &ext, NULL) == 0) {
		llext_unload(&ext);
	}
	loader = (struct llext_buf_loader)LLEXT_BUF_LOADER(blob, 100);
	llext_load(&loader.loader, "bad", &ext, NULL);
	return 0;
}
"""


@pytest.mark.parametrize(
    ("level", "levels"),
    [
        ("CONFIG_LLEXT_LOG_LEVEL_NONE=y\n", set()),
        ("CONFIG_LLEXT_LOG_LEVEL_OFF=y\n", set()),
        ("CONFIG_LLEXT_LOG_LEVEL_ERR=y\n", {"err"}),
        ("CONFIG_LLEXT_LOG_LEVEL_WRN=y\n", {"err"}),
        ("CONFIG_LLEXT_LOG_LEVEL_INF=y\n", {"err", "inf"}),
        ("CONFIG_LLEXT_LOG_LEVEL_DBG=y\n", {"err", "inf", "dbg"}),
        ("CONFIG_LOG_DEFAULT_LEVEL=1\n", {"err"}),
    ],
)
def test_the_loader_says_as_much_as_was_configured(ran, level, levels):
    ext = 'void hello(void) { printk("hello\\n"); }\nEXPORT_SYMBOL(hello);\n'
    console = ran(PRJ + "CONFIG_LOG_MODE_IMMEDIATE=y\nCONFIG_LOG_BACKEND_FORMAT_TIMESTAMP=n\n" + level, LOAD, ext)
    assert {line[1:4] for line in console.splitlines()} == levels
    assert ("llext: Loaded extension ext\n" in console) == ("inf" in levels)
    assert ("llext: Linking ELF..." in console) == ("dbg" in levels)


def test_messages_of_the_first_levels_come_before_the_banner(ran):
    main = (
        LOG
        + """
#include <zephyr/init.h>
static int early(void) { LOG_INF("early"); return 0; }
SYS_INIT(early, PRE_KERNEL_1, 0);
int main(void) { printk("main\\n"); return 0; }
"""
    )
    assert ran(PRJ.replace("BANNER=n", "BANNER=y"), main) == "<inf> m: early\n*** Booting Zephyr OS build v4.4.0 ***\nmain\n"
