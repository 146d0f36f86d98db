"""Services as C code sees them."""

import re
import subprocess

import pytest
from conftest import BOARDS, HEADERS_THAT_ARE_NOT_THERE

from llext import Board, GuestFault
from llext.abi import parse_prototype
from llext.abi.catalogue import SERVICES
from llext.build.toolchain import HEADERS, find_toolchain, include_flags
from llext.kernel.registry import IMPLEMENTATIONS
from llext.target import load_target

TALK = """
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
static char buffer[32];
static int through(const char *fmt, ...)
{
	va_list list;
	va_start(list, fmt);
	const int length = vsnprintf(buffer, sizeof(buffer), fmt, list);
	va_end(list);
	return length;
}
void talk(void)
{
	printk("%d %s %c %x %5u|%-5d|%05d\\n", -1, "two", '3', 0xfeed, 7u, 8, 9);
	printk("%lld %llu %d %lld\\n", -5000000000LL, 18446744073709551615ULL, 3, 4LL);
	printk("%d %f %d %g\\n", 1, 2.5, 3, 1e100);
	printk("%d %d %d %d %d %d %s\\n", 1, 2, 3, 4, 5, 6, "seven");
	printf("%d\\n", printf("four"));
	puts("line");
	putchar('!');
	putchar('\\n');
	printf("%d ", snprintf(buffer, 4, "%s", "abcdef"));
	puts(buffer);
	printf("%d ", through("%d-%lld-%.1f", 1, 2LL, 3.0));
	puts(buffer);
	printk("%d\\n", snprintk(NULL, 0, "%d", 12345));
}
EXPORT_SYMBOL(talk);
"""
TALKED = """-1 two 3 feed     7|8    |00009
-5000000000 18446744073709551615 3 4
1 2.500000 3 1e+100
1 2 3 4 5 6 seven
four4
line
!
6 abc
7 1-2-3.0
5
"""


@pytest.mark.parametrize("name", BOARDS)
def test_the_console_functions_format_as_c_does(build, name):
    with Board(name) as board:
        board.load(build(TALK, board=name)).call("talk")
        assert board.console == TALKED


def test_console_output_is_handed_on_as_it_comes(build):
    pieces = []
    with Board(output=pieces.append) as board:
        board.load(build('void f(void) { printk("a"); printk("b"); }\nEXPORT_SYMBOL(f);')).call("f")
    assert pieces == [b"a", b"b"]


HEAP = """
static uint8_t memory[1024] __aligned(8);
static struct k_heap heap;
int run(void)
{
	k_heap_init(&heap, memory, sizeof(memory));
	int *first = k_heap_alloc(&heap, 128, K_NO_WAIT);
	char *second = k_heap_aligned_alloc(&heap, 64, 10, K_NO_WAIT);
	if (!first || !second || (uintptr_t)second % 64) return -1;
	if (k_heap_alloc(&heap, 2000, K_NO_WAIT)) return -2;
	const int distance = (int)((uint8_t *)first - memory);
	k_heap_free(&heap, first);
	k_heap_free(&heap, second);
	if (k_heap_alloc(&heap, 900, K_MSEC(10)) == NULL) return -3;
	return distance;
}
void twice(void)
{
	k_heap_init(&heap, memory, sizeof(memory));
	void *block = k_heap_alloc(&heap, 8, K_NO_WAIT);
	k_heap_free(&heap, block);
	k_heap_free(&heap, block);
}
void early(void) { static struct k_heap unmade; k_heap_alloc(&unmade, 8, K_NO_WAIT); }
EXPORT_SYMBOL(run);
EXPORT_SYMBOL(twice);
EXPORT_SYMBOL(early);
"""


def test_a_heap_inside_an_extension_lays_blocks_as_zephyr_does(load):
    assert load(HEAP).fn("run")() == 52


def test_freeing_a_block_twice_is_a_fault_that_says_so(load):
    with pytest.raises(GuestFault, match="free of 0x[0-9a-f]+: .* it is free already"):
        load(HEAP).call("twice")


def test_a_heap_that_was_not_made_is_a_fault_that_says_so(load):
    with pytest.raises(GuestFault, match="is used before k_heap_init"):
        load(HEAP).call("early")


def test_k_heap_define_in_an_extension_works_after_k_heap_init(load):
    ext = load(
        "K_HEAP_DEFINE(pool, 512);\nstatic int plain[4];\nint run(void) { plain[0] = 1;\n"
        "k_heap_init(&pool, pool.heap.init_mem, pool.heap.init_bytes);\n"
        "return k_heap_alloc(&pool, 100, K_NO_WAIT) != NULL && plain[0] == 1; }\nEXPORT_SYMBOL(run);"
    )
    assert ext.fn("run")() == 1


def test_k_malloc_runs_out_and_gets_everything_back(load, board):
    ext = load(
        "int fill(void) { void *all[512]; int n = 0; while (n < 512 && (all[n] = k_malloc(4000))) n++;\n"
        "for (int i = 0; i < n; i++) k_free(all[i]); return n; }\nEXPORT_SYMBOL(fill);"
    )
    first = ext.fn("fill")()
    assert 50 < first < 70
    assert ext.fn("fill")() == first
    assert board.kernel.system_heap.allocated_bytes == 0


def test_k_calloc_clears_and_refuses_an_overflow(load):
    ext = load(
        "int run(void) { char *p = k_malloc(64); for (int i = 0; i < 64; i++) p[i] = 1; k_free(p);\n"
        "p = k_calloc(8, 8); int sum = 0; for (int i = 0; i < 64; i++) sum += p[i]; k_free(p); k_free(NULL);\n"
        "return sum + (k_calloc(0x10000, 0x10000) != NULL) + (k_malloc(0) == NULL); }\nEXPORT_SYMBOL(run);"
    )
    assert ext.fn("run")() == 0


def test_a_loop_that_polls_the_clock_ends(load):
    ext = load(
        "int64_t wait(void) { int64_t start = k_uptime_get(); while (k_uptime_get() - start < 5) { } return k_uptime_get() - start; }\n"
        "uint32_t cycles(void) { uint32_t a = k_cycle_get_32(); return k_cycle_get_32() - a; }\n"
        "EXPORT_SYMBOL(wait);\nEXPORT_SYMBOL(cycles);"
    )
    assert ext.fn("wait")() == 5
    assert ext.fn("cycles")() == 25


def test_two_runs_see_the_same_time(build):
    path = build("int64_t now(void) { return k_uptime_ticks(); }\nEXPORT_SYMBOL(now);")
    seen = []
    for _ in range(2):
        with Board() as board:
            ext = board.load(path)
            seen.append([ext.fn("now")() for _ in range(50)])
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "call", ["printk((char *)0x60000000)", 'snprintf((char *)4, 10, "x")', "puts(NULL)", 'snprintf((char *)&go, 10, "x")']
)
def test_a_bad_pointer_faults_as_the_callers_own_access_would(load, call):
    ext = load(f"#include <stdio.h>\nvoid go(void) {{ {call}; }}\nEXPORT_SYMBOL(go);", cflags=["-w"], optimize="0")
    with pytest.raises(
        GuestFault, match=r"(load from|store to) 0x[0-9a-f]+ .*in the firmware <[a-z]+.*>, called from ext .text"
    ):
        ext.call("go")


def test_each_line_of_the_catalogue_has_an_implementation_and_a_declaration():
    assert IMPLEMENTATIONS.keys() == {spec.symbol for spec in SERVICES}
    for spec in SERVICES:
        folder = HEADERS if spec.header.startswith("zephyr/") else HEADERS / "libc"
        header = "zephyr/fatal.h" if spec.trap else spec.header
        text = (folder / header).read_text()
        if header == "zephyr/kernel.h":
            text = "".join(path.read_text() for path in (HEADERS / "zephyr" / "kernel").glob("*.h"))
        named = f"{spec.name}(" if spec.symbol == spec.name else f"Z_SYSCALL({spec.name})"
        assert named in text or spec.trap, spec.symbol
        assert spec.trap or parse_prototype(spec.prototype).name == spec.name


def test_the_headers_declare_the_catalogues_prototypes(build):
    """The compiler compares: a declaration that differs from the header's is an error."""
    lines = [f"{spec.prototype};" for spec in SERVICES if not spec.trap]
    build(
        "#include <stdarg.h>\n#include <stdio.h>\n#include <zephyr/irq_offload.h>\n#include <zephyr/sys/mem_blocks.h>\n"
        "#include <zephyr/drivers/uart.h>\n#include <zephyr/random/random.h>\n#include <zephyr/sys/cbprintf.h>\n#include <zephyr/sys/reboot.h>\n"
        + "\n".join(lines)
        + "\nvoid f(void) { }\nEXPORT_SYMBOL(f);"
    )


def declared_functions(includes):
    """Names of the functions that headers declare and do not define, without what is for extensions to define."""
    target = load_target("mps2/an385")
    tools = find_toolchain("zig", target.arch, target.cpu)
    command = [*tools.compiler, *tools.flags, *include_flags(), "-DLL_EXTENSION_BUILD", "-E", "-P", "-x", "c", "-"]
    text = subprocess.run(command, input=includes, capture_output=True, text=True, check=True).stdout
    while re.search(r"{[^{}]*}", text):
        text = re.sub(r"{[^{}]*}", ";", text)
    text = re.sub(r"__attribute__\s*\(\(.*?\)\)(?=\s|;)", "", text)
    found = re.findall(r"(?:^|;)\s*((?:\w+[\s*]+)+)(\w+)\s*\([^;]*(?=;)", text)
    return {name for kind, name in found if not {"static", "typedef", "return"} & set(kind.split())} - {
        "_Static_assert",
        "k_sys_fatal_error_handler",
    }


OF_FIRMWARE = {"llext.h", "buf_loader.h", "loader.h", "gpio_emul.h", "console.h"}
"""What an application's firmware has, and a bare board has not."""


@pytest.mark.parametrize("name", ["mps2/an385", "qemu_riscv32"])
def test_whatever_headers_declare_is_there(build, name):
    files = [
        (root, path)
        for root in (HEADERS / "libc", HEADERS)
        for path in sorted(root.glob("zephyr/**/*.h" if root == HEADERS else "**/*.h"))
        if path.relative_to(root).as_posix() not in HEADERS_THAT_ARE_NOT_THERE
    ]
    includes = "".join(
        f"#include <{path.relative_to(root).as_posix()}>\n" for root, path in files if path.name not in OF_FIRMWARE
    )
    names = sorted(declared_functions(includes))
    assert len(names) > 400
    pointers = ", ".join(f"(void *){function}" for function in names)
    text = f"#undef setjmp\nvoid *const all[] = {{{pointers}}};\nEXPORT_SYMBOL(all);\n"
    with Board(name) as board:
        board.load(
            build(includes + text, board=name, prologue="#define LL_EXTENSION_BUILD 1\n", cflags=["-w"], helpers="import")
        )
