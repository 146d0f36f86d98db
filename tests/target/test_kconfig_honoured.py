"""What headers make of an application's configuration: C code is compiled with the autoconf.h of a prj.conf, and runs."""

import pytest

from llext.target.kconfig import autoconf

STAMP = "[00:00:00.000,000] "
RED, PLAIN = "\x1b[1;31m", "\x1b[0m"
LOGS = """#include <zephyr/logging/log.h>
LOG_MODULE_REGISTER(m, CONFIG_LOG_DEFAULT_LEVEL);
void say(void) { LOG_ERR("e"); LOG_INF("i"); LOG_DBG("d"); printk("now\\n"); }
EXPORT_SYMBOL(say);
"""
LOG = "CONFIG_LOG=y\nCONFIG_LOG_BACKEND_SHOW_COLOR=n\nCONFIG_LOG_MODE_IMMEDIATE=y\n"
LINES = [
    ("", "now\n"),
    ("CONFIG_LOG=y\nCONFIG_LOG_DEFAULT_LEVEL=1\n", f"{STAMP}{RED}<err> m: e{PLAIN}\nnow\n"),  # printk waits its turn
    (LOG, f"{STAMP}<err> m: e\n{STAMP}<inf> m: i\nnow\n"),
    (LOG + "CONFIG_LOG_DEFAULT_LEVEL=0\n", "now\n"),
    (LOG + "CONFIG_LOG_MAX_LEVEL=1\n", f"{STAMP}<err> m: e\nnow\n"),
    (LOG + "CONFIG_LOG_OVERRIDE_LEVEL=4\n", f"{STAMP}<err> m: e\n{STAMP}<inf> m: i\n{STAMP}<dbg> m: say: d\nnow\n"),
    (
        LOG + "CONFIG_LOG_DEFAULT_LEVEL=4\nCONFIG_LOG_FUNC_NAME_PREFIX_DBG=n\nCONFIG_LOG_FUNC_NAME_PREFIX_ERR=y\n",
        f"{STAMP}<err> m: say: e\n{STAMP}<inf> m: i\n{STAMP}<dbg> m: d\nnow\n",
    ),
    (LOG + "CONFIG_LOG_BACKEND_SHOW_TIMESTAMP=n\nCONFIG_LOG_BACKEND_SHOW_LEVEL=n\n", "m: e\nm: i\nnow\n"),
    (LOG + "CONFIG_LOG_BACKEND_FORMAT_TIMESTAMP=n\n", "[00000000] <err> m: e\n[00000000] <inf> m: i\nnow\n"),
    (LOG + "CONFIG_LOG_OUTPUT_FORMAT_LINUX_TIMESTAMP=y\n", "[    0.000000] <err> m: e\n[    0.000000] <inf> m: i\nnow\n"),
    (LOG + "CONFIG_LOG_THREAD_ID_PREFIX=y\n", f"{STAMP}<err> [main] m: e\n{STAMP}<inf> [main] m: i\nnow\n"),
    ("CONFIG_LOG=y\nCONFIG_LOG_MODE_MINIMAL=y\n", "E: e\nI: i\nnow\n"),
]


@pytest.fixture
def compiled(configured, build, tmp_path):
    """Builds C text with the configuration of a prj.conf."""

    def go(text, prj, board="mps2/an385"):
        header = tmp_path / "autoconf.h"
        header.write_text(autoconf(configured(prj, board=board).check()), encoding="utf-8")
        return build(text, board=board, cflags=["-imacros", str(header)])

    return go


@pytest.mark.parametrize(("prj", "printed"), LINES)
def test_the_log_is_as_it_was_configured(compiled, board, prj, printed):
    board.load(compiled(LOGS, prj)).call("say")
    assert board.console == printed


@pytest.mark.parametrize(
    ("prj", "printed"),
    [
        ("", ""),
        ("CONFIG_ASSERT=y\nCONFIG_ASSERT_VERBOSE=n\n", ""),
        ("CONFIG_ASSERT=y\nCONFIG_ASSERT_NO_FILE_INFO=y\n", "ASSERTION FAIL [n == 2]\n\tn is 1\n"),
        ("CONFIG_ASSERT=y\nCONFIG_ASSERT_NO_FILE_INFO=y\nCONFIG_ASSERT_NO_COND_INFO=y\n", "ASSERTION FAIL\n\tn is 1\n"),
        ("CONFIG_ASSERT=y\nCONFIG_ASSERT_NO_FILE_INFO=y\nCONFIG_ASSERT_NO_MSG_INFO=y\n", "ASSERTION FAIL [n == 2]\n"),
    ],
)
def test_assertions_are_as_they_were_configured(compiled, board, prj, printed):
    text = """#include <zephyr/sys/__assert.h>
%s { }
void check(int n) { __ASSERT(n == 2, "n is %%d", n); }
EXPORT_SYMBOL(check);
"""
    action = (
        "void assert_post_action(void)"
        if "FILE_INFO" in prj
        else "void assert_post_action(const char *file, unsigned int line)"
    )
    board.load(compiled(text % action, prj)).fn("check")(1)
    assert board.console == printed


@pytest.mark.parametrize(("prj", "result"), [("", -22), ("CONFIG_NO_RUNTIME_CHECKS=y\n", 0)])
def test_checks_of_arguments_are_as_they_were_configured(compiled, board, prj, result):
    text = "#include <zephyr/sys/check.h>\nint f(int n) { CHECKIF(n == 1) { return -EINVAL; } return 0; }\nEXPORT_SYMBOL(f);\n"
    assert board.load(compiled(text, prj)).fn("f")(1) == result


NUMBERS = {
    "CONFIG_NUM_COOP_PRIORITIES=20\n": "K_HIGHEST_THREAD_PRIO == -20 && K_PRIO_COOP(0) == -20",
    "CONFIG_NUM_PREEMPT_PRIORITIES=7\n": "K_LOWEST_THREAD_PRIO == 7 && K_LOWEST_APPLICATION_THREAD_PRIO == 6",
    "CONFIG_SYS_CLOCK_TICKS_PER_SEC=100\n": "CONFIG_SYS_CLOCK_TICKS_PER_SEC == 100",
    "": "CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC == 25000000 && CONFIG_LLEXT_GRANULE == 512 && IS_ENABLED(CONFIG_ARM)",
    "CONFIG_KERNEL_INIT_PRIORITY_DEFAULT=41\nCONFIG_APPLICATION_INIT_PRIORITY=91\n": (
        "CONFIG_KERNEL_INIT_PRIORITY_DEFAULT == 41 && CONFIG_APPLICATION_INIT_PRIORITY == 91"
    ),
    "CONFIG_LOG=y\nCONFIG_LOG_RATELIMIT_INTERVAL_MS=70\n": "CONFIG_LOG_RATELIMIT_INTERVAL_MS == 70",
}


@pytest.mark.parametrize("prj", NUMBERS)
def test_numbers_reach_the_headers(compiled, prj):
    text = "#include <zephyr/init.h>\n#include <zephyr/logging/log.h>\n"
    text += f'BUILD_ASSERT({NUMBERS[prj]}, "");\nint f(void) {{ return 0; }}\nEXPORT_SYMBOL(f);\n'
    assert compiled(text, prj).exists()


def test_stacks_have_the_granule_of_their_board(compiled):
    text = 'BUILD_ASSERT(K_THREAD_STACK_RESERVED == 4096, "");\nint f(void) { return 0; }\nEXPORT_SYMBOL(f);\n'
    assert compiled(text, "", "qemu_riscv32").exists()
