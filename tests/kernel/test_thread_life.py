"""Threads that extensions start: K_THREAD_DEFINE, guards, time slices, unloading, and how Python lets them run."""

import io
import subprocess

import pytest
from conftest import BOARDS, GNU, PROLOGUE, TOOLCHAINS, need
from elftools.elf.elffile import ELFFile
from kernel_rows import TWO

from llext import Board, GuestFault, LoadError, UsageError
from llext.build import BuildOptions, build_extension
from llext.build.toolchain import find_toolchain, include_flags
from llext.target import load_target

DEFINED = """
static void body(void *a, void *b, void *c) { printk("%s %d %d %d\\n", k_thread_name_get(k_current_get()), (int)a, (int)b, (int)c); }
K_THREAD_DEFINE(low, 1024, body, (void *)1, (void *)2, (void *)3, 5, 0, 0);
K_THREAD_DEFINE(high, 1024, body, (void *)4, (void *)5, (void *)6, -1, 0, 0);
K_THREAD_DEFINE(late, 1024, body, (void *)7, NULL, NULL, 5, 0, 20);
K_THREAD_DEFINE(never, 1024, body, NULL, NULL, NULL, 5, 0, -1);
int go(void) { return low == &_k_thread_obj_low && k_thread_join(never, K_NO_WAIT) == -EBUSY; }
void begin(void) { k_thread_start(never); k_thread_join(never, K_FOREVER); }
EXPORT_SYMBOL(go);
EXPORT_SYMBOL(begin);
"""


@pytest.mark.parametrize("name", TWO)
def test_threads_that_an_extension_defines_begin_when_it_is_brought_up(build, name):
    """kernel.md section 1: name, parameters, priority, delay in ms, -1 for not started."""
    with Board(name, heap_size=128 << 10) as board:
        ext = board.load(build(DEFINED, board=name))
        assert board.console == ""
        ext.bringup()
        assert board.console == "high 4 5 6\n"
        board.run_for(ms=1)
        assert board.console == "high 4 5 6\nlow 1 2 3\n"
        board.run_for(ms=18)
        assert "late" not in board.console
        board.run_for(ms=2)
        assert board.console.endswith("late 7 0 0\n")
        assert ext.fn("go")() == 1
        ext.call("begin")
        assert board.console.endswith("never 0 0 0\n")


ORDER = """
#include <zephyr/init.h>
static void body(void *p, void *, void *) { printk("%s=%d ", k_thread_name_get(k_current_get()), *static_cast<int *>(p)); }
static int ready(void) { printk("application "); return 0; }
struct Thing { int value; Thing() : value(5) { printk("object "); } };
extern Thing thing;
K_THREAD_DEFINE(zeta, 1024, body, &thing, NULL, NULL, -1, 0, 0);
K_THREAD_DEFINE(alpha, 1024, body, &thing, NULL, NULL, -1, 0, 0);
SYS_INIT(ready, APPLICATION, 90);
Thing thing;
extern "C" int go(void) { return 0; }
EXPORT_SYMBOL(go);
"""


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("name", TWO)
def test_defined_threads_begin_behind_objects_and_the_application_level_by_name(tmp_path, name, toolchain):
    """kernel.md 1 K_THREAD_DEFINE: created after APPLICATION level, in symbol-name order; 9: static constructors before that."""
    if toolchain == "gcc":
        need(*GNU)
    (tmp_path / "order.cpp").write_text(PROLOGUE + ORDER)
    target = load_target(name)
    options = BuildOptions(toolchain=toolchain)
    made = build_extension([tmp_path / "order.cpp"], tmp_path / "order.llext", target, options).output
    with Board(name) as board:
        board.load(made).bringup()
        assert board.console == "object application alpha=5 zeta=5 "


def test_threads_are_defined_in_cxx_too(tmp_path):
    (tmp_path / "ext.cpp").write_text(
        PROLOGUE + 'static void body(void *, void *, void *) { printk("here\\n"); }\n'
        "K_THREAD_DEFINE(one, 512, body, NULL, NULL, NULL, -1, 0, 0);\n"
        'extern "C" void go(void) { k_thread_join(one, K_FOREVER); }\nEXPORT_SYMBOL(go);\n'
    )
    with Board() as board:
        options = BuildOptions(cflags=("-Wall", "-Wextra", "-Werror"))
        ext = board.load(build_extension([tmp_path / "ext.cpp"], tmp_path / "ext.llext", board.target, options).output)
        ext.bringup()
        ext.call("go")
        assert board.console == "here\n"


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_an_application_has_a_table_of_its_threads(tmp_path, toolchain):
    text = f"{PROLOGUE}static void body(void *a, void *b, void *c) {{ (void)a; (void)b; (void)c; }}\n"
    text += "K_THREAD_DEFINE(one, 512, body, NULL, NULL, NULL, 3, 0, 5);\n"
    if toolchain == "gcc":
        need(*GNU)
    target = load_target("mps2/an385")
    tools = find_toolchain(toolchain, target.arch, target.cpu)
    (tmp_path / "app.c").write_text(text)
    flags = (*tools.flags, *include_flags(), "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-c")
    subprocess.run([*tools.compiler, *flags, tmp_path / "app.c", "-o", tmp_path / "app.o"], check=True)
    elf = ELFFile(io.BytesIO((tmp_path / "app.o").read_bytes()))
    assert elf.get_section_by_name("._static_thread_data.static._k_thread_data_one_")["sh_size"] == 44
    assert elf.get_section_by_name(".init_array") is None
    names = {symbol.name for symbol in elf.get_section_by_name(".symtab").iter_symbols()}
    assert {"one", "_k_thread_obj_one", "_k_thread_stack_one"} <= names


# Stacks --------------------------------------------------------------------------------------------------------------------

DEEP = """
static struct k_thread thread;
static char before[512];
K_THREAD_STACK_DEFINE(stack, 1024);
static volatile char *deepest;
int dig(int n) { volatile char room[64]; room[0] = (char)n; deepest = room; return n ? dig(n - 1) + room[0] : 0; }
static void body(void *n, void *b, void *c) { dig((int)n); }
static void jumps(void *n, void *b, void *c) { volatile char room[8192]; room[0] = 1; before[0] = room[0]; }
void go(int n) { k_thread_name_set(k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), body, (void *)n, 0, 0, 2, 0, K_FOREVER), "deep"); k_thread_start(&thread); k_thread_join(&thread, K_FOREVER); }
uint32_t bottom(void) { return thread.stack_info.start; }
uint32_t object(void) { return (uint32_t)stack; }
uint32_t size(void) { return K_THREAD_STACK_SIZEOF(stack); }
void reuse(void) { for (unsigned int i = 0; i < sizeof(stack); i++) ((volatile char *)stack)[i] = 1; }
EXPORT_SYMBOL(go);
EXPORT_SYMBOL(bottom);
EXPORT_SYMBOL(object);
EXPORT_SYMBOL(size);
EXPORT_SYMBOL(reuse);
"""


@pytest.mark.parametrize("name", [board for board in BOARDS if board != "qemu_cortex_m0"])
def test_a_thread_that_runs_over_its_stack_is_stopped_in_the_guard_below(build, name):
    """kernel.md sections 1 and 8: the guard's hit is reason 2."""
    with Board(name, heap_size=128 << 10) as board:
        ext = board.load(build(DEEP, board=name, optimize="0"))
        granule = board.target.granule
        assert ext.fn("object", "uint32_t object(void)")() % granule == 0
        ext.fn("go")(2)
        with pytest.raises(GuestFault, match="stack overflow.*, in deep") as caught:
            ext.fn("go")(1000)
        bottom = ext.fn("bottom", "uint32_t bottom(void)")()
        assert bottom == ext.fn("object", "uint32_t object(void)")() + granule
        assert bottom - granule <= caught.value.address < bottom
        assert ">>> ZEPHYR FATAL ERROR 2: Stack overflow on CPU 0\n" in board.console
        assert "(deep)" in board.console


@pytest.mark.parametrize("name", TWO)
def test_the_guard_goes_with_its_thread(build, name):
    with Board(name, heap_size=128 << 10) as board:
        ext = board.load(build(DEEP, board=name, optimize="0"))
        ext.fn("go")(2)
        ext.call("reuse")
        with pytest.raises(GuestFault):
            ext.fn("go")(1000)
        ext.call("reuse")
        ext.fn("go")(2)


def test_without_rights_there_is_no_guard(build):
    with Board(mpu=False) as board:
        ext = board.load(build(DEEP, optimize="0"))
        assert ext.fn("size")() == 1024
        ext.fn("go")(2)


# Time ----------------------------------------------------------------------------------------------------------------------

SPIN = """
static struct k_thread threads[2];
K_THREAD_STACK_ARRAY_DEFINE(stacks, 2, 1024);
static volatile int turns[2], slices;
static volatile int last = -1, changes;
static void spin(void *p, void *b, void *c)
{
    for (;;) {
        if (last != (int)p) {
            last = (int)p;
            turns[last]++;
        }
    }
}
static void ended(struct k_thread *thread, void *data) { slices += thread == &threads[0] && data == &slices && k_is_in_isr(); }
void go(int priority)
{
    for (int i = 0; i < 2; i++) {
        k_thread_create(&threads[i], stacks[i], 1024, spin, (void *)i, 0, 0, priority, 0, K_NO_WAIT);
    }
}
void slice(int ms, int priority) { k_sched_time_slice_set(ms, priority); }
void own(int ticks) { k_thread_time_slice_set(&threads[0], ticks, ended, (void *)&slices); }
int count(int i) { return i < 2 ? turns[i] : slices; }
EXPORT_SYMBOL(go);
EXPORT_SYMBOL(slice);
EXPORT_SYMBOL(own);
EXPORT_SYMBOL(count);
"""


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize(
    ("slice_ms", "from_priority", "priority", "turns"),
    [(None, 0, 3, (3, 2)), (10, 0, 3, (5, 5)), (0, 0, 3, (1, 0)), (10, 4, 3, (1, 0)), (10, 3, 3, (5, 5))],
)
def test_equals_take_turns_by_time_slices(build, name, slice_ms, from_priority, priority, turns):
    """kernel.md section 1: 20 ms by default, 0 is off, only numbers that are not smaller than the given priority."""
    with Board(name, clock="counted", heap_size=128 << 10) as board:
        ext = board.load(build(SPIN, board=name))
        if slice_ms is not None:
            ext.fn("slice")(slice_ms, from_priority)
        ext.fn("go")(priority)
        board.run_for(ms=99)
        assert (ext.fn("count")(0), ext.fn("count")(1)) == turns


@pytest.mark.parametrize("name", TWO)
def test_a_thread_may_have_a_slice_of_its_own_and_be_told_of_its_end(build, name):
    with Board(name, clock="counted", heap_size=128 << 10) as board:
        ext = board.load(build(SPIN, board=name))
        ext.fn("go")(3)
        ext.fn("own")(50)
        board.run_for(ms=99)
        assert (ext.fn("count")(0), ext.fn("count")(1), ext.fn("count")(2)) == (4, 4, 4)


def test_python_lets_threads_run_for_exactly_so_long(load, board):
    ext = load("int64_t now(void) { return k_uptime_ticks(); }\nEXPORT_SYMBOL(now);")
    before = ext.fn("now", "int64_t now(void)")()
    board.run_for(ms=2.5)
    board.run_for(ms=0)
    assert ext.fn("now", "int64_t now(void)")() - before == 25


def test_times_that_are_none_are_refused(board, load):
    for wrong in (-1, float("nan"), float("inf"), 10**30):
        with pytest.raises(UsageError, match=r"a time of .* ms(?s:.)*from 0 on, below 1099511627776: 30 years are the most"):
            board.run_for(ms=wrong)

    @board.export
    def inside() -> None:
        board.run_for(ms=1)

    with pytest.raises(UsageError, match="guest code runs already"):
        load("extern void inside(void);\nvoid go(void) { inside(); }\nEXPORT_SYMBOL(go);").call("go")


# Unloading -----------------------------------------------------------------------------------------------------------------

SLEEPING = """
static struct k_thread thread;
K_THREAD_STACK_DEFINE(stack, 1024);
static struct k_sem sem;
static void body(void *a, void *b, void *c) { k_sem_take(&sem, K_FOREVER); }
void go(void) { k_sem_init(&sem, 0, 1); k_thread_create(&thread, stack, 1024, body, 0, 0, 0, -1, 0, K_NO_WAIT); }
void end(void) { k_sem_give(&sem); }
EXPORT_SYMBOL(go);
EXPORT_SYMBOL(end);
"""


@pytest.mark.parametrize("name", TWO)
def test_an_extension_with_a_thread_cannot_be_unloaded(build, name):
    with Board(name) as board:
        ext = board.load(build(SLEEPING, board=name))
        ext.call("go")
        with pytest.raises(LoadError, match=r"extension 'ext' is in use: thread 0x[0-9a-f]+ is alive.*EBUSY"):
            board.unload(ext)
        ext.call("end")
        assert board.unload(ext) == 0


LIBRARY = """
static struct k_sem sem = Z_SEM_INITIALIZER(0, 1);
int wait_for_it(void) { return k_sem_take(&sem, K_FOREVER) + 1; }
void give_it(void) { k_sem_give(&sem); }
int stay(int (*f)(void)) { return f() + 1; }
EXPORT_SYMBOL(wait_for_it);
EXPORT_SYMBOL(give_it);
EXPORT_SYMBOL(stay);
"""
USER = """
static struct k_thread thread;
K_THREAD_STACK_DEFINE(stack, 1024);
static int (*stay)(int (*)(void)), (*wait)(void);
static int nap(void) { k_sleep(K_MSEC(5)); return 1; }
static void body(void *which, void *b, void *c) { if (which) stay(nap); else wait(); }
void go(int which, void *s, void *w)
{
    stay = s;
    wait = w;
    k_thread_name_set(k_thread_create(&thread, stack, 1024, body, (void *)which, 0, 0, -1, 0, K_FOREVER), "worker");
    k_thread_start(&thread);
}
EXPORT_SYMBOL(go);
"""


@pytest.mark.parametrize(("which", "words"), [(0, "worker is in its code"), (1, "worker is in its code")])
@pytest.mark.parametrize("name", TWO)
def test_a_library_that_a_thread_is_in_cannot_be_unloaded(build, name, which, words):
    with Board(name) as board:
        library = board.load(build(LIBRARY, "library", board=name))
        user = board.load(build(USER, "user", board=name))
        user.fn("go")(which, library.find_sym("stay"), library.find_sym("wait_for_it"))
        with pytest.raises(LoadError, match=f"extension 'library' is in use: {words}"):
            board.unload(library)
        library.call("give_it")
        board.run_for(ms=10)
        board.unload(library)


def test_a_library_whose_object_somebody_waits_for_cannot_be_unloaded(build, board):
    library = board.load(
        build(
            "static struct k_sem sem = Z_SEM_INITIALIZER(0, 1);\nvoid *get(void) { return &sem; }\nEXPORT_SYMBOL(get);",
            "library",
        )
    )
    user = board.load(
        build(
            SLEEPING.replace("k_sem_init(&sem, 0, 1);", "")
            .replace("static struct k_sem sem;", "static struct k_sem *s;")
            .replace("void go(void) {", "void go(struct k_sem *p) { s = p;")
            .replace("&sem", "s"),
            "user",
        )
    )
    user.fn("go")(library.fn("get", "uint32_t get(void)")())
    with pytest.raises(
        LoadError, match=r"'library' is in use: thread 0x[0-9a-f]+ waits in k_sem_take for 0x[0-9a-f]+ \(in .* of 'library'"
    ):
        board.unload(library)
    user.call("end")
    board.unload(library)


USED = """
static struct k_sem sem = Z_SEM_INITIALIZER(0, 1);
static int message;
static void handle(struct k_work *work) { }
static void expire(struct k_timer *timer) { }
void *get(int which)
{
    return which == 0 ? (void *)&sem : which == 1 ? (void *)&message : which == 2 ? (void *)expire : (void *)handle;
}
EXPORT_SYMBOL(get);
"""
USES = """
static struct k_thread thread;
static struct k_timer timer;
static struct k_work_delayable late;
K_MSGQ_DEFINE(queue, 4, 1, 4);
K_THREAD_STACK_DEFINE(stack, 1024);
static void body(void *which, void *given, void *c)
{
    struct k_poll_event event = K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, given);

    (void)(which ? k_msgq_get(&queue, given, K_MSEC(5)) : k_poll(&event, 1, K_MSEC(5)));
}
void go(int which, void *given)
{
    if (which < 2) {
        k_thread_name_set(k_thread_create(&thread, stack, 1024, body, (void *)which, given, 0, -1, 0, K_FOREVER), "user");
        k_thread_start(&thread);
    } else if (which == 2) {
        k_timer_init(&timer, given, NULL);
        k_timer_start(&timer, K_MSEC(5), K_NO_WAIT);
    } else {
        k_work_init_delayable(&late, given);
        k_work_schedule(&late, K_MSEC(5));
    }
}
EXPORT_SYMBOL(go);
"""


@pytest.mark.parametrize(
    ("which", "words"),
    [
        (0, r"user in k_poll waits for 0x[0-9a-f]+ \(in .* of 'library'"),
        (1, "user waits in k_msgq_get, and what it gave for that is here"),
        (2, r"the timer at 0x[0-9a-f]+ \(in .* of 'user'.*\) is to call a function of it"),
        (3, r"the work item at 0x[0-9a-f]+ \(in .* of 'user'.*\) is to call a function of it"),
    ],
)
def test_what_the_kernel_will_touch_or_call_later_keeps_its_extension(build, board, which, words):
    """Wherever the object lies that leads there."""
    library, user = board.load(build(USED, "library")), board.load(build(USES, "user"))
    user.fn("go", "void go(int, uint32_t)")(which, library.fn("get", "uint32_t get(int)")(which))
    with pytest.raises(LoadError, match=f"'library' is in use: {words}"):
        board.unload(library)
    board.run_for(ms=10)
    board.unload(library)


def test_a_handler_of_an_enabled_interrupt_keeps_its_extension(build, board):
    text = "static void isr(const void *p) { }\nvoid on(void) { IRQ_CONNECT(3, 1, isr, NULL, 0); irq_enable(3); }\n"
    ext = board.load(build(text + "void off(void) { irq_disable(3); }\nEXPORT_SYMBOL(on);\nEXPORT_SYMBOL(off);"))
    ext.call("on")
    with pytest.raises(LoadError, match="interrupt 3 is enabled, and its handler is here"):
        board.unload(ext)
    ext.call("off")
    board.unload(ext)


def test_a_board_that_is_put_away_takes_its_threads_along(build):
    with Board() as board:
        board.load(build(SLEEPING)).call("go")
    assert board.extensions == ()


SIGNALS = "static struct k_poll_signal s = K_POLL_SIGNAL_INITIALIZER(s);\nvoid *get(void) { return &s; }\nEXPORT_SYMBOL(get);"
POLLS = """
static struct k_thread thread;
K_THREAD_STACK_DEFINE(stack, 1024);
static struct k_poll_event event;
static void did(struct k_work *w) { }
static struct k_work_poll work;
static void body(void *a, void *b, void *c) { k_poll(&event, 1, K_FOREVER); }
void go(void *signal, int as_work)
{
    k_poll_event_init(&event, K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, signal);
    k_work_poll_init(&work, did);
    if (as_work) k_work_poll_submit(&work, &event, 1, K_FOREVER);
    else k_thread_create(&thread, stack, 1024, body, 0, 0, 0, -1, 0, K_NO_WAIT);
}
void end(void) { k_poll_signal_raise(event.signal, 1); }
EXPORT_SYMBOL(go);
EXPORT_SYMBOL(end);
"""


@pytest.mark.parametrize(("as_work", "service"), [(0, r"thread 0x[0-9a-f]+ in k_poll"), (1, "a work item")])
def test_what_somebody_polls_is_not_unloaded_and_neither_is_who_polls(build, board, as_work, service):
    library, user = board.load(build(SIGNALS, "library")), board.load(build(POLLS, "user"))
    user.fn("go")(library.fn("get", "uint32_t get(void)")(), as_work)
    with pytest.raises(LoadError, match=rf"'library' is in use: {service} waits for 0x[0-9a-f]+ \(in .* of 'library'"):
        board.unload(library)
    with pytest.raises(LoadError, match=r"extension 'user' is in use"):
        board.unload(user)
    user.call("end")
    board.unload(library)
    board.unload(user)
