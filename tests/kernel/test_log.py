"""The log: rows of kernel.md section 7, on Arm and on RISC-V."""

import re

import pytest

from llext import Board, LogOptions, UsageError

BOARDS = ["mps2/an385", "qemu_riscv32"]
HEADERS = "#include <zephyr/irq_offload.h>\n#include <zephyr/logging/log.h>\n#include <zephyr/logging/log_ctrl.h>\n"
LINES = """
LOG_MODULE_REGISTER(app, LOG_LEVEL_DBG);
static void isr(const void *word) { LOG_INF("from %s", (const char *)word); }
static const uint8_t bytes[] = "The quick\\x01\\x7f brown fox";
void levels(void) { LOG_ERR("e %d", -1); LOG_WRN("w %s", "x"); LOG_INF("i"); LOG_DBG("d %llx", 0x123456789abULL); }
void later(void) { k_msleep(3723004); LOG_INF("late"); }
void dump(void) { LOG_HEXDUMP_WRN(bytes, sizeof(bytes), "100%s"); }
void nothing(void) { LOG_HEXDUMP_INF(bytes, 0, "none"); }
void sixteen(void) { LOG_HEXDUMP_INF(bytes, 16, "full"); }
void interrupt(void) { irq_offload(isr, "there"); }
void text(void) { LOG_PRINTK("a\\nb\\n"); LOG_RAW("c\\nd\\n"); LOG_INF("e\\nf"); printk("g\\n"); }
void once(void) { for (int i = 0; i < 3; i++) { LOG_ERR_ONCE("e"); LOG_WRN_ONCE("w %d", i); LOG_INF_ONCE("i"); LOG_DBG_ONCE("d"); } }
void often(void) { for (int i = 0; i < 8; i++) { LOG_WRN_RATELIMIT_RATE(50, "%d", i); k_msleep(20); } }
EXPORT_SYMBOL(levels); EXPORT_SYMBOL(later); EXPORT_SYMBOL(dump); EXPORT_SYMBOL(nothing); EXPORT_SYMBOL(sixteen);
EXPORT_SYMBOL(interrupt); EXPORT_SYMBOL(text); EXPORT_SYMBOL(once); EXPORT_SYMBOL(often);
"""
S = "[00:00:00.000,000] "
R, Y, N, G = "\x1b[1;31m", "\x1b[1;33m", "\x1b[0m", "\x1b[1;32m"
LEVELS = ("<err> app: e -1", "<wrn> app: w x", "<inf> app: i", "<dbg> app: levels: d 123456789ab")
BARS = (
    "54 68 65 20 71 75 69 63  6b 01 7f 20 62 72 6f 77 |The quic k.. brow",
    "6e 20 66 6f 78 00                                |n fox.           ",
)
MINIMAL_DUMP = "W: 100%s\nW: 54 68 65 20 71 75 69 63 |The quic\nW: 6b 01 7f 20 62 72 6f 77 |k.. brow\nW: 6e 20 66 6f 78 00       |n fox.  \n"


def lines(*texts, stamp=S):
    return "".join(f"{stamp}{text}\n" for text in texts)


ROWS = [
    ("levels", {}, lines(*LEVELS)),
    ("later", {}, lines("<inf> app: late", stamp="[01:02:03.004,000] ")),  # uptime in ms where the clock is above 1 MHz
    ("later", {"stamps": "plain"}, lines("<inf> app: late", stamp="[03723004] ")),
    ("later", {"stamps": "linux"}, lines("<inf> app: late", stamp="[ 3723.004000] ")),
    ("later", {"stamps": "none"}, lines("<inf> app: late", stamp="")),
    ("levels", {"colour": True}, "".join(f"{S}{c}{t}{N}\n" for c, t in zip((R, Y, N, N), LEVELS, strict=True))),
    ("levels", {"colour": True, "green": True}, "".join(f"{S}{c}{t}{N}\n" for c, t in zip((R, Y, G, N), LEVELS, strict=True))),
    ("interrupt", {}, lines("<inf> app: from there")),
    ("interrupt", {"threads": True}, lines("<inf> [irq] app: from there")),
    ("nothing", {"threads": True}, lines("<inf> [main] app: none")),
    ("dump", {}, lines("<wrn> app: 100%s\n" + "\n".join(" " * 30 + bar for bar in BARS))),
    ("dump", {"colour": True}, lines(f"{Y}<wrn> app: 100%s\n" + "\n".join(" " * 30 + bar for bar in BARS) + N)),
    ("sixteen", {}, lines("<inf> app: full\n" + " " * 30 + BARS[0])),
    ("nothing", {}, lines("<inf> app: none")),
    ("text", {}, "a\nb\nc\nd\n" + lines("<inf> app: e\nf") + "g\n"),
    ("text", {"crlf": True}, "a\r\nb\r\nc\nd\n" + S + "<inf> app: e\nf\r\ng\r\n"),
    ("levels", {"crlf": True}, lines(*LEVELS).replace("\n", "\r\n")),
    ("dump", {"crlf": True}, lines("<wrn> app: 100%s\n" + "\n".join(" " * 30 + bar for bar in BARS)).replace("\n", "\r\n")),
    ("levels", {"mode": "minimal"}, "E: e -1\nW: w x\nI: i\nD: d 123456789ab\n"),
    ("dump", {"mode": "minimal"}, MINIMAL_DUMP),
    ("text", {"mode": "minimal"}, "a\nb\nc\nd\nI: e\nf\ng\n"),
    ("text", {"mode": "minimal", "crlf": True}, "a\r\nb\r\nc\r\nd\r\nI: e\r\nf\r\ng\r\n"),  # all of it by printk
    ("once", {"stamps": "none"}, "<err> app: e\n<wrn> app: w 0\n<inf> app: i\n<dbg> app: once: d\n"),
    ("often", {"stamps": "none"}, "<wrn> app: 0\n<wrn> app: 3\n<wrn> app: 6\n"),
]
ROWS += [(name, {**options, "mode": "deferred"}, told) for name, options, told in ROWS if options.get("mode") is None]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    from conftest import PROLOGUE

    from llext.build import BuildOptions, build_extension
    from llext.target import load_target

    folder, done = tmp_path_factory.mktemp("log"), {}

    def make(text, name, *cflags):
        key = text, name, cflags
        if key not in done:
            source = folder / f"log{len(done)}.c"
            source.write_text(PROLOGUE + HEADERS + text)
            options = BuildOptions(cflags=cflags)
            done[key] = build_extension([source], source.with_suffix(".llext"), load_target(name), options).output
        return done[key]

    return make


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize(("function", "options", "told"), ROWS)
def test_lines_look_as_zephyr_writes_them(built, name, function, options, told):
    with Board(name, logging=LogOptions(**options)) as board:
        board.load(built(LINES, name)).call(function)
        assert board.kernel.console.decode() == told


LEVEL_ROWS = [  # LOG_MODULE_REGISTER(name[,level]), CONFIG_LOG_DEFAULT_LEVEL 3; LOG_LEVEL of the file
    ("LOG_MODULE_REGISTER(m);", (), "EWI"),
    ("LOG_MODULE_REGISTER(m, LOG_LEVEL_ERR);", (), "E"),
    ("LOG_MODULE_REGISTER(m, 0);", (), ""),
    ("LOG_MODULE_REGISTER(m, CONFIG_OWN);", ("-DCONFIG_OWN=4",), "EWID"),
    ("#define LOG_LEVEL 2\nLOG_MODULE_REGISTER(m);", (), "EW"),
    ("#define LOG_LEVEL LOG_LEVEL_DBG\nLOG_MODULE_REGISTER(m);", (), "EWID"),
    ("#define LOG_LEVEL CONFIG_UNKNOWN\nLOG_MODULE_REGISTER(m);", (), "EWI"),
    ("LOG_MODULE_REGISTER(m);", ("-DCONFIG_LOG_DEFAULT_LEVEL=1",), "E"),
    ("LOG_MODULE_REGISTER(m, 4);", ("-DCONFIG_LOG_MAX_LEVEL=2",), "EW"),
    ("LOG_MODULE_REGISTER(m, 1);", ("-DCONFIG_LOG_OVERRIDE_LEVEL=3",), "EWI"),
    ("LOG_MODULE_REGISTER(m, 4);", ("-DCONFIG_LOG=0",), ""),  # "Without CONFIG_LOG macros vanish."
]


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize(("module", "cflags", "told"), LEVEL_ROWS)
def test_a_module_logs_up_to_its_level(built, name, module, cflags, told):
    text = module + 'void f(void) { LOG_ERR("E"); LOG_WRN("W"); LOG_INF("I"); LOG_DBG("D"); }\nEXPORT_SYMBOL(f);'
    with Board(name, logging=LogOptions("immediate", stamps="none")) as board:
        board.load(built(text, name, *cflags)).call("f")
        assert "".join(re.findall(r"m: (?:f: )?(\w)$", board.console, re.MULTILINE)) == told


def test_arguments_of_messages_that_are_not_compiled_are_not_evaluated(load, board):
    text = (
        HEADERS + 'LOG_MODULE_REGISTER(m, 1);\nint f(void) { int n = 0; LOG_INF("%d", n++); LOG_ERR("%d", n++); return n; }\n'
    )
    assert load(text + "EXPORT_SYMBOL(f);").fn("f")() == 1


def test_functions_log_where_they_are_told_to_by_level(load, board):
    text = HEADERS + 'LOG_MODULE_REGISTER(m);\nvoid some(void) { LOG_ERR("a"); LOG_INF("b"); }\nEXPORT_SYMBOL(some);'
    load(text, cflags=["-DCONFIG_LOG_FUNC_NAME_PREFIX_ERR=1"]).call("some")
    assert board.console == f"{S}<err> m: some: a\n{S}<inf> m: b\n"
    text = HEADERS + 'LOG_MODULE_REGISTER(m, 4);\nvoid some(void) { LOG_DBG("c"); }\nEXPORT_SYMBOL(some);'
    load(text, "second", cflags=["-DCONFIG_LOG_FUNC_NAME_PREFIX_DBG=0"]).call("some")
    assert board.console.endswith(f"{S}<dbg> m: c\n")


def test_a_second_file_logs_for_the_module_of_the_first(tmp_path, board):
    from conftest import PROLOGUE

    from llext.build import build_extension

    first, second = tmp_path / "first.c", tmp_path / "second.c"
    first.write_text(
        PROLOGUE + HEADERS + 'LOG_MODULE_REGISTER(both, 3);\nvoid g(void); void f(void) { LOG_INF("1"); g(); }EXPORT_SYMBOL(f);'
    )
    second.write_text(
        PROLOGUE + HEADERS + 'LOG_MODULE_DECLARE(both, 1);\nvoid g(void); void g(void) { LOG_INF("2"); LOG_ERR("3"); }'
    )
    board.load(build_extension([first, second], tmp_path / "both.llext", board.target).output).call("f")
    assert board.console == f"{S}<inf> both: 1\n{S}<err> both: 3\n"


def test_instances_log_with_their_own_names_and_levels(load, board):
    text = (
        HEADERS
        + """
#include <zephyr/logging/log_instance.h>
LOG_MODULE_REGISTER(m);
struct object { int n; LOG_INSTANCE_PTR_DECLARE(log); };
LOG_INSTANCE_REGISTER(m, one, LOG_LEVEL_INF);
LOG_INSTANCE_REGISTER(m, two, LOG_LEVEL_ERR);
static struct object objects[] = {{LOG_INSTANCE_PTR_INIT(log, m, one) .n = 1}, {LOG_INSTANCE_PTR_INIT(log, m, two) .n = 2}};
void f(void) {
	for (int i = 0; i < 2; i++) {
		LOG_INST_INF(objects[i].log, "n %d", objects[i].n);
		LOG_INST_HEXDUMP_ERR(objects[i].log, &objects[i].n, 4, "n");
	}
}
EXPORT_SYMBOL(f);
"""
    )
    load(text).call("f")
    assert [line for line in board.console.splitlines() if "m." in line] == [
        f"{S}<inf> m.one: n 1", f"{S}<err> m.one: n", f"{S}<err> m.two: n",
    ]  # fmt: skip


# Deferred -------------------------------------------------------------------------------------------------------------------

DEFERRED = """
LOG_MODULE_REGISTER(app, 4);
static char word[8] = "first";
static uint32_t waits[4];
static void fill(int n) { for (int i = 0; i < n; i++) LOG_INF("%d", i); }
void waits_a_second(void)
{
	LOG_INF("a"); k_msleep(999); printf("[%u]", log_buffered_cnt()); k_msleep(2); printf("[%u]", log_buffered_cnt());
}
void ten(void) { fill(9); k_msleep(1); printf("[%u]", log_buffered_cnt()); LOG_INF("x"); k_msleep(1); printf("[%u]", log_buffered_cnt()); }
void never_before_more_urgent(void) { fill(10); k_busy_wait(2000000); printf("[%u]", log_buffered_cnt()); k_yield(); printf("[%u]", log_buffered_cnt()); }
void copied(void) { LOG_INF("%s", word); word[0] = 'F'; LOG_INF("%s", word); printf("later\\n"); }
void in_order(void) { LOG_INF("1"); printk("2\\n"); LOG_PRINTK("3\\n"); LOG_RAW("4\\n"); LOG_INF("5"); printf("direct\\n"); }
void panic(void) { LOG_INF("1"); printf("2\\n"); LOG_PANIC(); printf("3\\n"); LOG_INF("4"); printf("5\\n"); }
int process(void)
{
	fill(2);
	int more = LOG_PROCESS();
	printf("[%d]", more);
	more = LOG_PROCESS();
	printf("[%d]", more);
	return LOG_PROCESS();
}
void much(void) { LOG_INIT(); fill(100); }
void too_long(void) { char text[1100]; memset(text, 'x', 1099); text[1099] = 0; LOG_INF("%s", text); LOG_INF("b"); }
void dies(void) { LOG_INF("1"); k_panic(); }
void crashes(void) { LOG_INF("1"); *(volatile int *)4 = 0; }
static void isr(const void *unused) { ARG_UNUSED(unused); fill(10); }
void interrupts(void) { irq_offload(isr, NULL); printf("[%u]", log_buffered_cnt()); k_msleep(1); printf("[%u]", log_buffered_cnt()); }
"""
DEFERRED += "".join(f"EXPORT_SYMBOL({name});" for name in re.findall(r"^(?:void|int) (\w+)\(", DEFERRED, re.MULTILINE))
B = [f"<inf> app: {n}\n" for n in range(100)]
DEFERRED_ROWS = [
    # "thread logging prio 14 runs at 10 pending messages or 1000 ms"
    ("waits_a_second", "[1]<inf> app: a\n[0]"),
    ("ten", "[9]" + "".join(B[:9]) + "<inf> app: x\n[0]"),
    ("never_before_more_urgent", "[10][10]" + "".join(B[:10])),  # k_yield lets equals run, not the log's thread
    ("copied", "later\n<inf> app: first\n<inf> app: First\n"),  # "RAM strings are copied at the call"
    ("in_order", "direct\n<inf> app: 1\n2\n3\n4\n<inf> app: 5\n"),  # "in order with log lines"
    ("panic", "2\n<inf> app: 1\n3\n<inf> app: 4\n5\n"),  # "flushes and makes output synchronous"
    ("process", B[0] + "[1]" + B[1] + "[0]"),
    # 1024 bytes; 16 of a message's head, 8 of its package and a word: 32. Dropped are the oldest.
    ("much", B[68] + "--- 68 messages dropped ---\n" + "".join(B[69:])),
    ("too_long", "<inf> app: b\n--- 1 messages dropped ---\n"),
    ("interrupts", "[10]" + "".join(B[:10]) + "[0]"),
]


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize(("function", "told"), DEFERRED_ROWS)
def test_deferred_messages_are_written_when_zephyr_writes_them(built, name, function, told):
    text = "#include <stdio.h>\n#include <string.h>\n" + DEFERRED
    with Board(name, logging=LogOptions("deferred", stamps="none")) as board:
        board.load(built(text, name)).call(function)
        assert board.console == told


@pytest.mark.parametrize("function", ["dies", "crashes"])
def test_what_waits_is_written_before_the_words_of_a_fatal_error(built, function):
    from llext import GuestFault

    text = "#include <stdio.h>\n#include <string.h>\n" + DEFERRED
    with Board(logging=LogOptions("deferred", stamps="none")) as board:
        with pytest.raises(GuestFault):
            board.load(built(text, "mps2/an385")).call(function)
        assert board.console.startswith("<inf> app: 1\n")
        assert "ZEPHYR FATAL ERROR" in board.console


def test_a_message_waits_for_the_call_to_end_and_has_the_time_of_its_call(built):
    pieces = []
    text = 'LOG_MODULE_REGISTER(m);\nvoid f(void) { k_msleep(5); LOG_INF("a"); k_msleep(5); printk("b"); }\nEXPORT_SYMBOL(f);'
    with Board(logging="deferred", output=pieces.append) as board:
        board.load(built(text, "mps2/an385")).call("f")
        assert b"".join(pieces) == b"[00:00:00.005,000] <inf> m: a\nb"


DEFINES = [
    ("-DCONFIG_LOG_MODE_MINIMAL=1", "E: a\n"),
    ("-DCONFIG_LOG_BACKEND_SHOW_COLOR=1", f"{S}{R}<err> m: a{N}\n"),
    ("-DCONFIG_LOG_THREAD_ID_PREFIX=1", f"{S}<err> [main] m: a\n"),
    ("-DCONFIG_LOG_OUTPUT_FORMAT_LINUX_TIMESTAMP=1", "[    0.000000] <err> m: a\n"),
    ("-DCONFIG_LOG_BACKEND_FORMAT_TIMESTAMP=0", "[00000000] <err> m: a\n"),
    ("-DCONFIG_LOG_BACKEND_SHOW_TIMESTAMP=0", "<err> m: a\n"),
    ("-DCONFIG_LOG_BACKEND_SHOW_LEVEL=0", f"{S}m: a\n"),
    ("-DCONFIG_LOG_MODE_DEFERRED=1", f"now\n{S}<err> m: a\n"),
    ("-DCONFIG_LOG_MODE_IMMEDIATE=1", f"{S}<err> m: a\nnow\n"),
]


@pytest.mark.parametrize(("define", "told"), DEFINES)
def test_a_file_chooses_with_the_names_of_zephyrs_configuration(built, define, told):
    text = '#include <stdio.h>\nLOG_MODULE_REGISTER(m);\nvoid f(void) { LOG_ERR("a"); MORE }\nEXPORT_SYMBOL(f);'
    text = text.replace("MORE", 'printf("now\\n");' if "now" in told else "")
    with Board() as board:
        board.load(built(text, "mps2/an385", define)).call("f")
        assert board.console == told


def test_colour_makes_the_line_about_dropped_messages_red(built):
    text = 'LOG_MODULE_REGISTER(m);\nvoid f(void) { for (int i = 0; i < 40; i++) LOG_RAW("x"); }\nEXPORT_SYMBOL(f);'
    with Board(logging=LogOptions("deferred", colour=True, buffer=64, crlf=True)) as board:
        board.load(built(text, "mps2/an385")).call("f")
        assert board.console == f"x{R}--- 38 messages dropped ---\r\n{N}x"


def test_a_kind_of_log_that_there_is_not_is_refused_by_name():
    with pytest.raises(UsageError, match="no mode 'loud'"):
        Board(logging="loud")
    with pytest.raises(UsageError, match="no kind of time stamp 'roman'"):
        Board(logging=LogOptions(stamps="roman"))


# printk, banner, assertions -----------------------------------------------------------------------------------------------------


def test_the_banner_is_printed_when_it_is_asked_for():
    assert Board(banner=True, zephyr="4.2").console == "*** Booting Zephyr OS build v4.2.0 ***\n"
    assert Board().console == ""


ASSERTS = [  # section 8: `ASSERTION FAIL [cond] @ file:line` LF, then TAB message LF
    ((), "ASSERTION FAIL [n == 2] @ FILE:9\n\tn is 1\n"),
    (("-DCONFIG_ASSERT_NO_FILE_INFO=1",), "ASSERTION FAIL [n == 2]\n\tn is 1\n"),
    (("-DCONFIG_ASSERT_NO_COND_INFO=1",), "ASSERTION FAIL @ FILE:9\n\tn is 1\n"),
    (("-DCONFIG_ASSERT_NO_MSG_INFO=1",), "ASSERTION FAIL [n == 2] @ FILE:9\n"),
    (("-DCONFIG_ASSERT_NO_FILE_INFO=1", "-DCONFIG_ASSERT_NO_COND_INFO=1"), "ASSERTION FAIL\n\tn is 1\n"),
    (("-DCONFIG_ASSERT_VERBOSE=0",), ""),
]


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize(("cflags", "told"), ASSERTS)
def test_an_assertion_that_fails_says_so_and_panics(built, name, cflags, told):
    from llext import GuestFault

    text = '\n\n#include <zephyr/sys/__assert.h>\nvoid f(int n) { __ASSERT(n == 2, "n is %d", n); }\nEXPORT_SYMBOL(f);'
    path = built(text, name, "-DCONFIG_ASSERT=1", *cflags)
    with Board(name) as board:
        with pytest.raises(GuestFault, match="kernel panic"):
            board.load(path).fn("f")(1)
        said = board.console.partition("[00:00:00.000,000] <err> os: >>> ZEPHYR FATAL ERROR 4: Kernel panic on CPU 0")[0]
        assert said == told.replace("FILE", str(path.with_suffix(".c")))


def test_an_extension_may_go_on_after_an_assertion_with_an_action_of_its_own(load, board):
    text = """
#include <zephyr/sys/__assert.h>
static unsigned int told;
void assert_post_action(const char *file, unsigned int line) { told += file != NULL && line > 0; }
int f(int n) { __ASSERT_NO_MSG(n); __ASSERT_EVAL((void)n, const int twice = 2 * n, twice, "twice"); return told; }
EXPORT_SYMBOL(f);
"""
    assert load(text, cflags=["-DCONFIG_ASSERT=1"]).fn("f")(0) == 2
    assert board.console.count("ASSERTION FAIL") == 2


@pytest.mark.parametrize(("cflags", "result"), [((), -1), (("-DCONFIG_NO_RUNTIME_CHECKS=1",), 0)])
def test_checkif_is_an_if_or_nothing(load, cflags, result):
    text = "#include <zephyr/sys/check.h>\nint f(void *p) { CHECKIF(p == NULL) { return -1; } return 0; }\nEXPORT_SYMBOL(f);"
    assert load(text, cflags=list(cflags)).fn("f")(None) == result
