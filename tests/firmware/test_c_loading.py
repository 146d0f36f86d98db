"""llext_load and its like for C code: return values and order as in reference zephyr-llext.md, section 1.6."""

import pytest

from llext import Board

MAIN = """
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <string.h>
static const uint8_t image[] __aligned(4) = {
#include "greeter.inc"
};
static const uint8_t user_image[] __aligned(4) = {
#include "user.inc"
};
int answer(void) { return 42; }
EXPORT_SYMBOL(answer);
static struct llext_buf_loader loaders[3] = {
	LLEXT_BUF_LOADER(image, sizeof(image)), LLEXT_TEMPORARY_BUF_LOADER(user_image, sizeof(user_image)),
	LLEXT_BUF_LOADER(image, sizeof(image) / 2)};
static struct llext *greeter, *user, *broken = (struct llext *)1;
static int load(int which, const char *name, struct llext **ext) { return llext_load(&loaders[which].loader, name, ext, NULL); }

/* A loader whose functions wait, and which counts what it is asked. */
static int prepared, reads, seeks, finalized;
static int slow_prepare(struct llext_loader *ldr) { prepared++; k_msleep(3); return 0; }
static int slow_read(struct llext_loader *ldr, void *out, size_t len) { reads++; k_msleep(1); return llext_buf_read(ldr, out, len); }
static int slow_seek(struct llext_loader *ldr, size_t pos) { seeks++; return llext_buf_seek(ldr, pos); }
static void slow_finalize(struct llext_loader *ldr) { finalized++; }
static struct llext_buf_loader slow = {
	{slow_prepare, slow_read, slow_seek, NULL, slow_finalize, LLEXT_STORAGE_TEMPORARY}, image, sizeof(image), 0};
static int refuse(struct llext_loader *ldr, void *out, size_t len) { return -EPERM; }
static struct llext_buf_loader refusing = {
	{NULL, refuse, slow_seek, NULL, slow_finalize, LLEXT_STORAGE_TEMPORARY}, image, sizeof(image), 0};
static int count(struct llext *ext, void *arg) { printk("%s ", ext->name); return *(int *)arg == 0 ? 7 : 0; }

int main(void)
{
	int all = 1, none = 0;

	printk("load %d ", load(0, "greeter", &greeter));
	printk("again %d uses %u ", load(0, "greeter", &greeter), greeter->use_count);
	printk("call %d %d\\n", llext_call_fn(greeter, "hello"), llext_call_fn(greeter, "helo"));
	const void *hello = llext_find_sym(&greeter->exp_tab, "hello");
	printk("sym %d %d %d\\n", hello != NULL, llext_find_sym(&greeter->exp_tab, "no") == NULL,
		llext_find_sym(NULL, "answer") == (const void *)answer);
	printk("user %d ", load(1, "user", &user));
	printk("depends %d uses %u ", user->dependency[0] == greeter, greeter->use_count);
	llext_call_fn(user, "both");
	printk("list ");
	printk("%d ", llext_iterate(count, &all));
	printk("%d\\n", llext_iterate(count, &none));
	printk("by name %d %d %d\\n", llext_by_name("greeter") == greeter, llext_by_name("user") == user,
		llext_by_name("nobody") == NULL);
	printk("up %d ", llext_bringup(greeter));
	printk("down %d\\n", llext_teardown(greeter));
	printk("broken %d %d\\n", load(2, "broken", &broken), broken == NULL);
	printk("unload %d %d ", llext_unload(&user), user == NULL);
	printk("%d %d ", llext_unload(&greeter), greeter != NULL);
	printk("%d %d\\n", llext_unload(&greeter), greeter == NULL);
	printk("slow %d ", llext_load(&slow.loader, "slow", &greeter, NULL));
	printk("%d %d %d %d after %d ms ", prepared, reads > 3, seeks > 3, finalized, (int)(k_uptime_get() > 3));
	llext_call_fn(greeter, "hello");
	llext_unload(&greeter);
	printk(" refused %d %d\\n", llext_load(&refusing.loader, "refused", &greeter, NULL), finalized);
	return 0;
}
"""
GREETER = """
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
extern int answer(void);
static int ups;
__attribute__((constructor)) static void up(void) { printk("[up %d]", ++ups); }
__attribute__((destructor)) static void down(void) { printk("[down]"); }
void hello(void) { printk("hello %d", answer()); }
EXPORT_SYMBOL(hello);
"""
USER = """
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
extern void hello(void);
void both(void) { printk("both: "); hello(); printk("\\n"); }
EXPORT_SYMBOL(both);
"""
SAYS = """\
load 0 again 1 uses 2 hello 42call 0 -2
sym 1 1 1
user 0 depends 1 uses 3 both: hello 42
list greeter user 0 greeter 7
by name 1 1 1
[up 1]up 0 [down]down 0
broken -8 1
unload 0 1 1 1 0 1
slow 0 1 1 1 1 after 1 ms hello 42 refused -1 2
"""


@pytest.mark.parametrize("name", ["mps2/an385", "qemu_riscv32"])
def test_c_code_loads_calls_and_unloads_extensions(application, name):
    conf = "CONFIG_LLEXT=y\nCONFIG_LLEXT_HEAP_SIZE=64\nCONFIG_MAIN_STACK_SIZE=4096\nCONFIG_BOOT_BANNER=n\nCONFIG_LLEXT_TYPE_ELF_RELOCATABLE=y\n"
    elf = application(MAIN, conf, {"greeter": GREETER, "user": USER}, board=name)
    with Board(app=elf) as board:
        board.boot()
        board.run()
        assert board.console == SAYS
        assert board.extensions == ()


LOADS = """
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
static const uint8_t image[] __aligned(4) = {
#include "ext.inc"
};
static char room[128] __aligned(8);
int main(void)
{
	struct llext_buf_loader loader = LLEXT_TEMPORARY_BUF_LOADER(image, sizeof(image));
	struct llext *ext;
	llext_heap_init(room, sizeof(room));
	printk("%d", llext_load(&loader.loader, "ext", &ext, NULL));
	return 0;
}
"""
LARGE = "#include <zephyr/llext/symbol.h>\nint large[1000] = {1}; int get(void) { return large[0]; }\nEXPORT_SYMBOL(get);\n"


@pytest.mark.parametrize(
    ("conf", "hint"),
    [
        ("CONFIG_LLEXT_HEAP_SIZE=2\n", "give it more: CONFIG_LLEXT_HEAP_SIZE=KiB in prj.conf, which is 2 now;"),
        ("CONFIG_LLEXT_HEAP_DYNAMIC=y\n", "give it more: llext_heap_init(memory, bytes), before the first load"),
    ],
)
def test_a_full_heap_of_an_application_is_told_with_what_makes_it_larger(application, conf, hint):
    elf = application(LOADS, "CONFIG_LLEXT=y\nCONFIG_BOOT_BANNER=n\n" + conf, {"ext": LARGE})
    with Board(app=elf) as board:
        told = []
        board.kernel.extensions.refused = told.append
        board.boot()
        board.run()
        assert board.console == "-12"
        assert told[0].hint.startswith(hint)
