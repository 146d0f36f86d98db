"""Heaps, slabs and blocks: results, order of waking, statistics, and what misuse leads to."""

import pytest
from rows import BOARDS, Row, printed, table

from llext import GuestFault

COMMON = """
#include <zephyr/sys/mem_blocks.h>
#include <zephyr/sys/sys_heap.h>
static char memory[512] __aligned(8);
static struct k_heap heap;
K_HEAP_DEFINE(defined, 256);
static void *full[2];
static void fresh(void) { k_heap_init(&heap, memory, sizeof(memory)); }
static void fill(void)
{
	fresh();
	full[0] = k_heap_alloc(&heap, 200, K_NO_WAIT);
	full[1] = k_heap_alloc(&heap, 200, K_NO_WAIT);
}
static void allocs(void *name, void *ms, void *unused)
{
	void *block = k_heap_alloc(&heap, 200, within(POINTER_TO_INT(ms)));
	printk("%s %d\\n", (const char *)name, block == full[0] ? 1 : block == full[1] ? 2 : block ? 3 : 0);
}
static void callocs(void *name, void *ms, void *unused)
{
	char *block = k_heap_calloc(&heap, 10, 20, within(POINTER_TO_INT(ms)));
	printk("%s %d\\n", (const char *)name, block ? block[0] + block[199] : -1);
}
static void isr_alloc(const void *unused) { printk("isr %d\\n", k_heap_alloc(&heap, 200, K_NO_WAIT) != NULL); }
static void isr_free(const void *block) { k_heap_free(&heap, (void *)block); printk("isr\\n"); }
static void isr_waits(const void *unused) { (void)k_heap_alloc(&heap, 200, K_FOREVER); }
static struct sys_memory_stats stats;
static void show(void)
{
	printk("%d %d %d\\n", (int)stats.free_bytes, (int)stats.allocated_bytes, (int)stats.max_allocated_bytes);
}
static struct sys_heap plain;

static char blocks_memory[3 * 16] __aligned(4);
static struct k_mem_slab slab;
K_MEM_SLAB_DEFINE(defined_slab, 10, 3, 4);
K_MEM_SLAB_DEFINE_STATIC(own_slab, 16, 2, 4);
static void *block[4];
static int number(void *at) { return at ? (int)(((char *)at - blocks_memory) / 16) : -1; }
static void fresh_slab(int taken)
{
	k_mem_slab_init(&slab, blocks_memory, 16, 3);
	for (int i = 0; i < taken; i++) k_mem_slab_alloc(&slab, &block[i], K_NO_WAIT);
}
static void takes(void *name, void *ms, void *unused)
{
	void *got = (void *)4;
	const int result = k_mem_slab_alloc(&slab, &got, within(POINTER_TO_INT(ms)));
	printk("%s %d %d\\n", (const char *)name, result, result ? 0 : number(got));
}
static void isr_slab(const void *unused) { k_mem_slab_free(&slab, block[1]); printk("isr\\n"); }

SYS_MEM_BLOCKS_DEFINE_WITH_EXT_BUF(blocks, 8, 5, (uint8_t *)blocks_memory);
SYS_MEM_BLOCKS_DEFINE(many, 16, 40, 4);
static int index_of(void *at) { return at ? (int)(((char *)at - blocks_memory) / 8) : -1; }
static void *at(int i) { return blocks_memory + 8 * i; }
static void empty(void) { memset(blocks.bitmap->bundles, 0, 4); }
static int take(size_t n) { memset(block, 0, sizeof(block)); return sys_mem_blocks_alloc(&blocks, n, block); }
"""

ROWS = [
    Row("full, no wait", "0: NULL", 'fill(); printk("%d %d\\n", full[1] != NULL, k_heap_alloc(&heap, 200, K_NO_WAIT) != NULL);', "1 0"),
    Row("full, time over", "0: NULL", 'fill(); watch(); void *r = k_heap_alloc(&heap, 200, K_MSEC(5)); printk("%d %d\\n", r != NULL, passed());', "0 51"),
    Row("size 0", "3: NULL", 'fresh(); printk("%d\\n", k_heap_alloc(&heap, 0, K_FOREVER) != NULL);', "0"),
    Row(
        "a free lets who waits try by priority",
        "3: they retry in priority order",
        'fill(); start(allocs, "a", 5, -1); start(allocs, "b", 3, -1); settle(); k_heap_free(&heap, full[0]); settle(); printk("-\\n");\n'
        "k_heap_free(&heap, full[1]); finish();",
        "b 1\n-\na 2",
    ),
    Row(
        "equals come in order",
        "0: FIFO among equals",
        'fill(); start(allocs, "a", 3, -1); start(allocs, "b", 3, -1); settle(); k_heap_free(&heap, full[0]);\n'
        "k_heap_free(&heap, full[1]); finish();",
        "a 1\nb 2",
    ),
    Row(
        "nothing is handed over",
        "0: not direct hand-over",
        'fill(); start(allocs, "a", 5, 3); settle(); k_heap_free(&heap, full[0]);\n'
        'printk("%d\\n", k_heap_alloc(&heap, 200, K_NO_WAIT) == full[0]); finish();',
        "1\na 0",
    ),
    Row(
        "who waits again has the remaining time",
        "3: with remaining time",
        'fill(); watch(); struct k_thread *t = start(allocs, "a", 5, 5); k_msleep(2); void *r = k_heap_alloc(&heap, 8, K_NO_WAIT);\n'
        'k_heap_free(&heap, r); k_thread_join(t, K_FOREVER); printk("%d\\n", passed()); finish();',
        "a 0\n51",
    ),
    Row(
        "who looks again when its time is over does not wait once more",
        "3: with remaining time",
        'fill(); watch(); struct k_thread *t = start(allocs, "a", 5, 1); k_sleep(K_TICKS(1)); void *r = k_heap_alloc(&heap, 8, K_NO_WAIT);\n'
        'k_heap_free(&heap, r); k_busy_wait(5000); k_thread_join(t, K_FOREVER); printk("%d\\n", passed()); finish();',
        "a 0\n52",
    ),
    Row(
        "a more urgent waiter runs at once",
        "0",
        'fill(); start(allocs, "a", -1, -1); k_heap_free(&heap, full[1]); printk("back\\n"); finish();',
        "a 2\nback",
    ),
    Row(
        "a zeroed block after waiting",
        "3: _calloc",
        'fill(); memset(full[0], 1, 200); start(callocs, "a", 3, -1); settle(); k_heap_free(&heap, full[0]); finish();',
        "a 0",
    ),
    Row(
        "calloc",
        "3",
        'fill(); memset(full[1], 1, 200); k_heap_free(&heap, full[1]); char *z = k_heap_calloc(&heap, 4, 50, K_NO_WAIT);\n'
        'printk("%d %d\\n", z[0] + z[199], k_heap_calloc(&heap, 0x10000, 0x10000, K_FOREVER) != NULL);',
        "0 0",
    ),
    Row(
        "aligned",
        "3: _aligned_alloc",
        'fresh(); char *r = k_heap_aligned_alloc(&heap, 64, 10, K_NO_WAIT); printk("%d %d\\n", r != NULL, (int)((uintptr_t)r % 64));',
        "1 0",
    ),
    Row(
        "realloc",
        "3: _realloc",
        'fresh(); char *r = k_heap_realloc(&heap, NULL, 20, K_NO_WAIT); strcpy(r, "hello"); char *s = k_heap_realloc(&heap, r, 100, K_NO_WAIT);\n'
        'void *after = k_heap_alloc(&heap, 8, K_NO_WAIT); char *t = k_heap_realloc(&heap, s, 150, K_NO_WAIT);\n'
        'printk("%d %d %s ", r == s, s == t, t); printk("%d ", k_heap_realloc(&heap, t, 1000, K_NO_WAIT) != NULL);\n'
        'k_heap_free(&heap, after); printk("%d ", k_heap_realloc(&heap, t, 0, K_NO_WAIT) != NULL);\n'
        'sys_heap_runtime_stats_get(&heap.heap, &stats); printk("%d\\n", (int)stats.allocated_bytes);',
        "1 0 hello 0 0 0",
    ),
    Row("an interrupt allocates", "3: ISR NW", "fill(); irq_offload(isr_alloc, NULL); k_heap_free(&heap, full[0]); irq_offload(isr_alloc, NULL);", "isr 0\nisr 1"),
    Row(
        "an interrupt frees",
        "0",
        'fill(); start(allocs, "a", -1, -1); irq_offload(isr_free, full[0]); printk("back\\n"); finish();',
        "isr\na 1\nback",
    ),
    Row("defined statically", "3: K_HEAP_DEFINE", 'void *r = k_heap_alloc(&defined, 100, K_NO_WAIT); printk("%d ", r != NULL); k_heap_free(&defined, r);\nk_heap_free(&defined, NULL); printk("%d\\n", k_heap_alloc(&defined, 400, K_NO_WAIT) != NULL);', "1 0"),
    Row(
        "k_malloc and its like",
        "3: realloc(p,0) frees, hidden pointer",
        'char *r = k_malloc(10); strcpy(r, "abc"); char *s = k_realloc(r, 2000); printk("%s %d ", s, k_realloc(s, 0) != NULL);\n'
        'r = k_realloc(NULL, 5); printk("%d ", r != NULL); k_free(r); r = k_aligned_alloc(64, 3); printk("%d ", (int)((uintptr_t)r % 64));\n'
        'k_free(r); k_free(NULL); printk("%d %d\\n", k_malloc(0) != NULL, k_malloc(1 << 20) != NULL);',
        "abc 0 1 0 1 0",
    ),
    Row(
        "sys_heap",
        "3",
        "sys_heap_init(&plain, memory, sizeof(memory)); char *r = sys_heap_alloc(&plain, 13); char *s = sys_heap_aligned_alloc(&plain, 32, 5);\n"
        'printk("%d %d %d ", (int)sys_heap_usable_size(&plain, r), (int)((uintptr_t)s % 32), sys_heap_validate(&plain));\n'
        'strcpy(r, "12345"); char *t = sys_heap_realloc(&plain, r, 200); printk("%s %d ", t, t == r);\n'
        "sys_heap_free(&plain, s); sys_heap_free(&plain, t); sys_heap_free(&plain, NULL);\n"
        'printk("%d %d\\n", sys_heap_validate(&plain), sys_heap_alloc(&plain, 0) != NULL);',
        "20 0 1 12345 0 1 0",
    ),
    Row(
        "statistics of a sys_heap",
        "3: free_bytes, allocated_bytes, max_allocated_bytes",
        "sys_heap_init(&plain, memory, sizeof(memory)); sys_heap_runtime_stats_get(&plain, &stats); show(); void *r = sys_heap_alloc(&plain, 100);\n"
        "sys_heap_runtime_stats_get(&plain, &stats); show(); sys_heap_free(&plain, r); sys_heap_runtime_stats_get(&plain, &stats); show();\n"
        'printk("%d ", sys_heap_runtime_stats_reset_max(&plain)); sys_heap_runtime_stats_get(&plain, &stats); show();\n'
        'printk("%d %d %d\\n", sys_heap_runtime_stats_get(NULL, &stats), sys_heap_runtime_stats_get(&plain, NULL), sys_heap_runtime_stats_reset_max(NULL));',
        "460 0 0\n356 100 100\n460 0 100\n0 460 0 0\n-22 -22 -22",
    ),
    Row(
        "an overwritten heap is not valid",
        "3: validate",
        "sys_heap_init(&plain, memory, sizeof(memory)); char *r = sys_heap_alloc(&plain, 16); memset(r, 0xff, 28);\n"
        'printk("%d\\n", sys_heap_validate(&plain));',
        "0",
    ),
    Row("a slab that is not aligned", "3: -EINVAL", 'printk("%d %d\\n", k_mem_slab_init(&slab, blocks_memory, 10, 3), k_mem_slab_init(&slab, blocks_memory + 1, 16, 2));', "-22 -22"),
    Row(
        "blocks of a slab",
        "3: fresh: ascending; later LIFO",
        'fresh_slab(3); printk("%d %d %d ", number(block[0]), number(block[1]), number(block[2])); k_mem_slab_free(&slab, block[2]);\n'
        'k_mem_slab_free(&slab, block[0]); k_mem_slab_alloc(&slab, &block[3], K_NO_WAIT); printk("%d ", number(block[3]));\n'
        'k_mem_slab_alloc(&slab, &block[3], K_NO_WAIT); printk("%d\\n", number(block[3]));',
        "0 1 2 0 2",
    ),
    Row("none free, no wait", "0, 3: -ENOMEM, *mem=NULL", 'fresh_slab(3); block[3] = block; int r = k_mem_slab_alloc(&slab, &block[3], K_NO_WAIT); printk("%d %d\\n", r, block[3] == NULL);', "-12 1"),
    Row("none free, time over", "0, 3: -EAGAIN", 'fresh_slab(3); watch(); int r = k_mem_slab_alloc(&slab, &block[3], K_MSEC(5)); printk("%d %d\\n", r, passed());', "-11 51"),
    Row(
        "takers wake by priority",
        "0: wake order, direct hand-over",
        'fresh_slab(3); start(takes, "a", 5, -1); start(takes, "b", 3, -1); settle(); k_mem_slab_free(&slab, block[1]);\n'
        'k_mem_slab_free(&slab, block[0]); printk("%d\\n", k_mem_slab_num_used_get(&slab)); finish();',
        "3\nb 0 1\na 0 0",
    ),
    Row("an interrupt frees a block", "0", 'fresh_slab(3); start(takes, "a", -1, -1); irq_offload(isr_slab, NULL); printk("back\\n"); finish();', "isr\na 0 1\nback"),
    Row(
        "what a slab tells",
        "3",
        'fresh_slab(2); k_mem_slab_free(&slab, block[0]);\n'
        'printk("%d %d %d ", k_mem_slab_num_used_get(&slab), k_mem_slab_num_free_get(&slab), k_mem_slab_max_used_get(&slab));\n'
        'printk("%d ", k_mem_slab_runtime_stats_get(&slab, &stats)); show(); printk("%d ", k_mem_slab_runtime_stats_reset_max(&slab));\n'
        'printk("%d %d %d\\n", k_mem_slab_max_used_get(&slab), k_mem_slab_runtime_stats_get(NULL, &stats), k_mem_slab_runtime_stats_get(&slab, NULL));',
        "1 2 2 0 32 16 32\n0 1 -22 -22",
    ),
    Row(
        "the free list lies in the blocks",
        "3, 11: first word of free blocks used",
        'fresh_slab(0); printk("%d %d %d\\n", slab.free_list == blocks_memory, *(char **)blocks_memory == blocks_memory + 16, *(char **)(blocks_memory + 32) == NULL);',
        "1 1 1",
    ),
    Row(
        "slabs defined statically",
        "3: K_MEM_SLAB_DEFINE",
        'printk("%d ", (int)defined_slab.info.block_size); int n = 0; while (k_mem_slab_alloc(&defined_slab, &block[0], K_NO_WAIT) == 0) n++;\n'
        'while (k_mem_slab_alloc(&own_slab, &block[0], K_NO_WAIT) == 0) n += 10; printk("%d\\n", n);',
        "12 23",
    ),
    Row(
        "blocks",
        "3: 0; -EINVAL; -ENOMEM; n=0",
        'empty(); printk("%d ", take(2)); printk("%d %d ", index_of(block[0]), index_of(block[1])); printk("%d ", take(4));\n'
        'printk("%d %d %d ", take(0), sys_mem_blocks_alloc(&blocks, 1, NULL), sys_mem_blocks_alloc(NULL, 1, block));\n'
        'printk("%d %d\\n", take(3), take(1));',
        "0 0 1 -12 0 -22 -22 0 -12",
    ),
    Row(
        "blocks in a row",
        "3: alloc_contiguous",
        'empty(); take(2); void *held = block[0]; sys_mem_blocks_free(&blocks, 1, &held);\n'
        'printk("%d ", sys_mem_blocks_alloc_contiguous(&blocks, 2, block)); printk("%d ", index_of(block[0]));\n'
        'printk("%d %d %d\\n", sys_mem_blocks_alloc_contiguous(&blocks, 2, block), sys_mem_blocks_alloc_contiguous(&blocks, 0, block), sys_mem_blocks_alloc_contiguous(&blocks, 1, NULL));',
        "0 2 -12 0 -22",
    ),
    Row(
        "these blocks",
        "3: get, is_region_free",
        'empty(); printk("%d %d ", sys_mem_blocks_is_region_free(&blocks, at(1), 2), sys_mem_blocks_get(&blocks, at(1), 2));\n'
        'printk("%d %d ", sys_mem_blocks_is_region_free(&blocks, at(2), 1), sys_mem_blocks_is_region_free(&blocks, at(3), 2));\n'
        'printk("%d %d %d %d\\n", sys_mem_blocks_get(&blocks, at(2), 1), sys_mem_blocks_get(&blocks, at(4), 2), sys_mem_blocks_get(&blocks, NULL, 1), sys_mem_blocks_get(&blocks, at(2), 0));',
        "1 0 0 1 -12 -12 -22 0",
    ),
    Row(
        "blocks come back",
        "3: free of foreign/unallocated -EFAULT",
        'empty(); take(3); void *given[3] = {block[0], &slab, block[2]}; printk("%d ", sys_mem_blocks_free(&blocks, 3, given));\n'
        'printk("%d ", sys_mem_blocks_free(&blocks, 1, given)); printk("%d ", sys_mem_blocks_free(&blocks, 0, given));\n'
        'printk("%d ", sys_mem_blocks_free(&blocks, 1, NULL)); given[0] = (char *)block[1] + 4; printk("%d ", sys_mem_blocks_free(&blocks, 1, given));\n'
        'printk("%x\\n", blocks.bitmap->bundles[0]);',
        "-14 -14 0 -22 -14 2",
    ),
    Row(
        "blocks in a row come back",
        "3: free_contiguous",
        'empty(); take(3); printk("%d %d ", sys_mem_blocks_free_contiguous(&blocks, at(1), 3), sys_mem_blocks_free_contiguous(&blocks, at(4), 2));\n'
        'printk("%d %d ", sys_mem_blocks_free_contiguous(&blocks, at(1), 2), sys_mem_blocks_free_contiguous(&blocks, NULL, 2));\n'
        'printk("%d %x\\n", sys_mem_blocks_free_contiguous(&blocks, at(1), 0), blocks.bitmap->bundles[0]);',
        "-14 -14 0 -22 0 1",
    ),
    Row(
        "what blocks tell",
        "3",
        'static void *all[40]; printk("%d ", sys_mem_blocks_alloc(&many, 40, all)); sys_mem_blocks_free(&many, 35, all);\n'
        'printk("%d ", sys_mem_blocks_runtime_stats_get(&many, &stats)); show(); printk("%d ", sys_mem_blocks_runtime_stats_reset_max(&many));\n'
        'sys_mem_blocks_runtime_stats_get(&many, &stats); show(); printk("%d %x\\n", sys_mem_blocks_runtime_stats_get(&many, NULL), many.bitmap->bundles[1]);',
        "0 0 560 80 640\n0 560 80 80\n-22 f8",
    ),
]  # fmt: skip

FAULTS = {
    "double_free": ("fresh(); void *r = k_heap_alloc(&heap, 8, K_NO_WAIT); (void)k_heap_alloc(&heap, 8, K_NO_WAIT); k_heap_free(&heap, r); k_heap_free(&heap, r);",
                    r"unexpected heap state \(double-free\?\) for memory at 0x[0-9a-f]+"),
    "double_k_free": ("void *r = k_malloc(8); k_free(r); k_free(r);", r"unexpected heap state \(double-free\?\) for memory at 0x[0-9a-f]+"),
    "double_sys_free": ("sys_heap_init(&plain, memory, 512); void *r = sys_heap_alloc(&plain, 8); sys_heap_free(&plain, r); sys_heap_free(&plain, r);",
                        r"unexpected heap state \(double-free\?\) for memory at 0x[0-9a-f]+"),
    "overflow": ("fresh(); char *r = k_heap_alloc(&heap, 12, K_NO_WAIT); (void)k_heap_alloc(&heap, 8, K_NO_WAIT); memset(r, 0xff, 16); k_heap_free(&heap, r);",
                 r"corrupted heap bounds \(buffer overflow\?\) for memory at 0x[0-9a-f]+"),
    "alignment": ("(void)k_aligned_alloc(2, 8);", r"align must be a multiple of sizeof\(void \*\)"),
    "no_power": ("(void)k_aligned_alloc(12, 8);", "align must be a power of 2"),
    "unmade": ("static struct k_heap none; (void)k_heap_alloc(&none, 8, K_NO_WAIT);", "is used before k_heap_init"),
    "isr_heap": ("fill(); irq_offload(isr_waits, NULL);", "k_heap_alloc would wait in an interrupt handler"),
    "foreign": ("fresh_slab(1); k_mem_slab_free(&slab, &slab);", "Invalid memory pointer provided"),
    "inside": ("fresh_slab(1); k_mem_slab_free(&slab, (char *)block[0] + 4);", "Invalid memory pointer provided"),
    "slab_twice": ("fresh_slab(2); k_mem_slab_free(&slab, block[0]); k_mem_slab_free(&slab, block[0]);", "is free already"),
    "slab_dead": ("fresh_slab(3); k_mem_slab_alloc(&slab, &block[3], K_FOREVER);", "main waits in k_mem_slab_alloc"),
}  # fmt: skip


@pytest.fixture(scope="module", params=BOARDS)
def made(request, tmp_path_factory):
    faults = "".join(f"void {name}(void) {{ {code} }}\nEXPORT_SYMBOL({name});\n" for name, (code, _) in FAULTS.items())
    yield from table(tmp_path_factory, request.param, "memory", COMMON + faults, ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_memory_is_given_as_its_row_says(made, row):
    assert printed(made, ROWS, row) == row.printed


@pytest.mark.parametrize("name", FAULTS)
def test_misuse_of_memory_is_a_fault_in_zephyrs_words(made, name):
    with pytest.raises(GuestFault, match=FAULTS[name][1]):
        made[1].call(name)
