"""Every function of zephyr/llext/llext.h and inspect.h, in C: what it does and what it refuses, by reference section 1.6."""

import re

import pytest

from llext import Board

BOARDS = ["mps2/an385", "qemu_riscv32"]
NO_MPU = dict(zip(BOARDS, ["CONFIG_ARM_MPU=n\n", "CONFIG_RISCV_PMP=n\n"], strict=True))
LOG = "CONFIG_LOG=y\nCONFIG_LOG_MODE_IMMEDIATE=y\nCONFIG_LOG_BACKEND_SHOW_COLOR=n\n"
EXT = """#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
static int ups = 5, downs;
int table[4] = {1, 2, 3, 4};
static const char words[] = "constant words";
static int zeroed[16];
__attribute__((constructor)) static void up(void) { ups++; }
__attribute__((constructor(200))) static void first(void) { ups *= 2; }
__attribute__((destructor)) static void down(void) { downs++; printk("[down %d]", downs); }
int counted(int more) { zeroed[0] += more; return ups + table[3] + zeroed[0]; }
const char *said(void) { return words; }
__attribute__((section(".cold"))) __attribute__((noinline)) int cold(int a) { return a * 3 + table[1]; }
int warm(int a) { return cold(a) + 1; }
void hello(void) { printk("[hello]"); }
EXPORT_SYMBOL(counted);
EXPORT_SYMBOL(said);
EXPORT_SYMBOL(warm);
EXPORT_SYMBOL(hello);
EXPORT_SYMBOL_NAMED(cold, frosty);
LL_EXTENSION_SYMBOL(table);
"""
USER = """#include <zephyr/llext/symbol.h>
extern int counted(int more);
int used(void) { return counted(100); }
EXPORT_SYMBOL(used);
"""
CMAKE = """add_llext_target(user OUTPUT ${ZEPHYR_BINARY_DIR}/user.llext SOURCES src/user.c)
generate_inc_file_for_target(app ${ZEPHYR_BINARY_DIR}/user.llext ${ZEPHYR_BINARY_DIR}/include/generated/user.inc)
"""
HEAD = """#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/inspect.h>
#include <zephyr/llext/llext.h>
#include <string.h>
static %s uint8_t image[] __aligned(4096) = {
#include "ext.inc"
};
static const uint8_t user_image[] __aligned(4) = {
#include "user.inc"
};
static struct llext_buf_loader loader = LLEXT_BUF_LOADER(image, sizeof(image));
static struct llext_buf_loader user_loader = LLEXT_BUF_LOADER(user_image, sizeof(user_image));
static struct llext *ext, *user;
static struct llext_load_param param = LLEXT_LOAD_PARAM_DEFAULT;
#define CALL(e, name, ...) ((int (*)(int))llext_find_sym(&(e)->exp_tab, name))(__VA_ARGS__)
"""
CONF = "CONFIG_BOOT_BANNER=n\nCONFIG_LLEXT=y\n"
HEAP_32 = "CONFIG_LLEXT_HEAP_SIZE=32\n"


@pytest.fixture(params=BOARDS)
def said(application, request):
    """What an application of this main prints, on a board."""

    def go(main, conf="", const="const", *, no_mpu=False, ext=EXT):
        files = {"src/ext.c": ext, "src/user.c": USER}
        cmake = CMAKE.replace("user", "ext") + CMAKE
        mpu = NO_MPU[request.param] if no_mpu else ""
        elf = application(
            HEAD % const + main,
            CONF + conf + mpu + ("" if "HEAP_DYNAMIC" in conf else HEAP_32),
            files=files,
            cmake=cmake,
            board=request.param,
        )
        with Board(app=elf) as board:
            board.boot()
            board.run()
            return board.console

    return go


MAIN = "int main(void)\n{\n%s\n\treturn 0;\n}\n"


def test_tables_of_functions_are_run_and_told(said):
    text = said(
        MAIN
        % """
	void (*up)(void) = NULL;
	struct llext damaged;

	printk("%d ", llext_load(&loader.loader, "ext", &ext, NULL));
	printk("%d %d ", llext_get_fn_table_entry(ext, true, NULL, 0), llext_get_fn_table_entry(ext, false, NULL, 0));
	printk("%d %d ", llext_get_fn_table_entry(ext, true, &up, 1), up != NULL);
	printk("%d %d %d ", llext_get_fn_table_entry(ext, true, &up, 2), llext_get_fn_table_entry(ext, false, &up, 1),
		llext_get_fn_table_entry(NULL, true, &up, 0));
	printk("before %d ", CALL(ext, "counted", 0));
	printk("%d after %d ", llext_bringup(ext), CALL(ext, "counted", 0));
	printk("%d ", llext_teardown(ext));
	damaged = *ext;
	damaged.mem_size[LLEXT_MEM_TEXT] = 0;
	printk("%d %d ", llext_get_fn_table_entry(&damaged, true, &up, 0), llext_bringup(&damaged));
	llext_bootstrap(ext, (void (*)(void *))llext_find_sym(&ext->exp_tab, "hello"), NULL);
	printk("%d", llext_add_domain(ext, NULL));"""
    )
    assert text == "0 8 4 0 1 -22 -22 -22 before 9 0 after 15 [down 1]0 -14 -14 [hello][down 2]-88"


def test_sections_are_found_in_the_file_and_in_memory(said):
    text = said(
        MAIN
        % """
	elf_shdr_t header;
	const elf_shdr_t *shown;
	const void *address;
	size_t size, offset;
	enum llext_mem region;
	int index;

	param.keep_section_info = true;
	printk("%d ", llext_load(&loader.loader, "ext", &ext, &param));
	printk("%d %d ", llext_section_count(ext) == loader.loader.hdr.e_shnum,
		llext_section_headers(ext) == (const void *)(image + loader.loader.hdr.e_shoff));
	printk("%d %d ", llext_get_section_header(&loader.loader, ext, ".data", &header),
		llext_get_section_header(&loader.loader, ext, ".dato", &header));
	printk("%d %d ", llext_find_section(&loader.loader, ".data") == header.sh_offset,
		llext_find_section(&loader.loader, ".dato"));
	index = llext_section_shndx(&loader.loader, ext, ".data");
	printk("%d %d ", memcmp(&llext_section_headers(ext)[index], &header, sizeof(header)),
		llext_section_shndx(&loader.loader, ext, ".dato"));
	printk("%d ", llext_get_region_info(&loader.loader, ext, LLEXT_MEM_DATA, &shown, &address, &size));
	printk("%d %d %d ", memcmp(address, image + header.sh_offset, 4) == 0, size == header.sh_size, shown->sh_size == header.sh_size);
	printk("%d %d ", llext_get_region_info(&loader.loader, ext, LLEXT_MEM_COUNT, NULL, NULL, NULL),
		llext_get_region_info(&loader.loader, ext, LLEXT_MEM_BSS, NULL, NULL, &size));
	printk("bss %zu ", size);
	printk("%d ", llext_get_section_info(&loader.loader, ext, index, &shown, &region, &offset));
	printk("%d %d %zu ", shown == &llext_section_headers(ext)[index], region, offset);
	printk("%d ", llext_get_section_info(&loader.loader, ext, 99, NULL, NULL, NULL));
	size = ext->alloc_size;
	printk("%d ", llext_free_inspection_data(&loader.loader, ext));
	printk("less %d ", size - ext->alloc_size == 8 * llext_section_count(ext));
	printk("%d %d ", llext_get_section_info(&loader.loader, ext, index, NULL, NULL, NULL), llext_section_shndx(&loader.loader, ext, ".data"));
	printk("%d %d ", llext_free_inspection_data(&loader.loader, ext), llext_unload(&ext));
	loader.loader.peek = NULL;
	loader.loader.storage = LLEXT_STORAGE_TEMPORARY;
	printk("%d ", llext_load(&loader.loader, "ext", &ext, NULL));
	printk("%d %d", llext_find_section(&loader.loader, ".data"), llext_get_section_header(&loader.loader, ext, ".data", &header));"""
    )
    expected = "0 1 1 0 -2 1 -2 0 -2 0 1 1 1 -22 0 bss 64 0 1 1 0 -22 0 less 1 -134 -134 0 0 0 -134 -134"
    assert text.replace("bss 68", "bss 64") == expected


def test_a_section_may_stay_where_the_file_has_it(said):
    main = (
        """
static int asked;
static bool is_cold(const elf_shdr_t *shdr)
{
	asked++;
	return strcmp((const char *)image + loader.loader.sects[LLEXT_MEM_SHSTRTAB].sh_offset + shdr->sh_name, ".cold") == 0;
}
"""
        + MAIN
        % """
	const void *frosty;

	loader.loader.storage = LLEXT_STORAGE_TEMPORARY; /* a first load, so that the loader has the names of sections */
	printk("%d ", llext_load(&loader.loader, "first", &ext, NULL));
	printk("%d ", CALL(ext, "warm", 5));
	llext_unload(&ext);
	loader.loader.storage = LLEXT_STORAGE_WRITABLE;
	param.section_detached = is_cold;
	printk("%d ", llext_load(&loader.loader, "ext", &ext, &param));
	frosty = (const void *)((uintptr_t)llext_find_sym(&ext->exp_tab, "frosty") & ~1);
	printk("%d %d ", asked > 3, (const uint8_t *)frosty == image + llext_find_section(&loader.loader, ".cold"));
	printk("%d %d", CALL(ext, "warm", 5), CALL(ext, "frosty", 5));"""
    )
    text = said(main, const="", no_mpu=True)
    assert text == "0 18 0 1 1 18 17"


def test_a_section_that_stays_is_in_the_section_map(said):
    main = (
        """
static bool all(const elf_shdr_t *shdr) { return shdr->sh_type == 1 && (shdr->sh_flags & 4) == 4; }
"""
        + MAIN
        % """
	enum llext_mem region;
	size_t offset;
	int index;

	param.section_detached = all;
	param.keep_section_info = true;
	loader.loader.storage = LLEXT_STORAGE_WRITABLE;
	printk("%d ", llext_load(&loader.loader, "ext", &ext, &param));
	index = llext_section_shndx(&loader.loader, ext, ".cold");
	printk("%d %d ", llext_get_section_info(&loader.loader, ext, index, NULL, &region, &offset), region);
	printk("%d ", (uintptr_t)ext->mem[LLEXT_MEM_TEXT] + offset == ((uintptr_t)llext_find_sym(&ext->exp_tab, "frosty") & ~1));
	printk("%d %d", llext_unload(&ext), llext_free_inspection_data(&loader.loader, ext));"""
    )
    assert said(main, const="", no_mpu=True) == "0 0 0 1 0 0"


def test_a_section_that_is_changed_stays_not_in_storage_that_must_not_be(said):
    main = (
        """
static bool all(const elf_shdr_t *shdr) { return true; }
"""
        + MAIN
        % """
	param.section_detached = all;
	printk("%d ", llext_load(&loader.loader, "ext", &ext, &param));
	printk("%d", CALL(ext, "frosty", 5));"""
    )
    text = said(main, conf=LOG)
    assert "Cannot detach section .cold: it is changed, and its storage must not be" in text
    assert text.endswith("0 17")


def test_a_section_that_cannot_stay_is_loaded_with_the_others(said):
    main = (
        """
static bool all(const elf_shdr_t *shdr) { return true; }
"""
        + MAIN
        % """
	param.section_detached = all;
	loader.loader.storage = LLEXT_STORAGE_TEMPORARY;
	printk("%d ", llext_load(&loader.loader, "ext", &ext, &param));
	printk("%d %d", CALL(ext, "warm", 5), CALL(ext, "frosty", 5));"""
    )
    text = said(main, conf=LOG)
    assert "llext: Cannot detach section .cold: its storage does not last" in text
    assert text.endswith("0 18 17")


LOCATED = """#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
int counter = 5;
static const char words[] = "located";
int count(int more) { counter += more; printk("%s ", words); return counter; }
EXPORT_SYMBOL(count);
"""
PRE_LOCATED = """
	param.pre_located = true;
	printk("%d ", llext_load(&loader.loader, "ext", &ext, &param));
	if (ext != NULL) {
		for (int i = LLEXT_MEM_TEXT; i < LLEXT_MEM_COUNT; i++) {
			const uint8_t *part = ext->mem[i];

			printk("%d", ext->mem_on_heap[i] || (part != NULL && (part < image || part >= image + sizeof(image))));
		}
		printk(" %d ", CALL(ext, "count", 2));
		printk("%d", llext_unload(&ext));
	}"""


@pytest.mark.parametrize("storage", ["WRITABLE", "PERSISTENT", "TEMPORARY"])
def test_what_is_located_already_stays_where_it_is_or_is_refused(said, storage):
    main = MAIN % (f"\tloader.loader.storage = LLEXT_STORAGE_{storage};" + PRE_LOCATED)
    text = said(main, const="", no_mpu=True, ext=LOCATED)
    assert text == ("0 00000000000located  7 0" if storage == "WRITABLE" else "-14 ")


def test_zeroed_memory_that_nobody_placed_is_refused_where_everything_is_located_already(said):
    assert said(MAIN % ("\tloader.loader.storage = LLEXT_STORAGE_WRITABLE;" + PRE_LOCATED), const="", no_mpu=True) == "-14 "


def test_zeroed_memory_may_be_where_the_file_says(said):
    text = said(
        "static uint8_t zeroed[256] __aligned(16);\n"
        + MAIN
        % (
            """
	elf_ehdr_t *header = (elf_ehdr_t *)image;
	elf_shdr_t *sections = (elf_shdr_t *)(image + header->e_shoff);

	for (int i = 0; i < header->e_shnum; i++) {
		if (sections[i].sh_type == 8 /* SHT_NOBITS */) {
			sections[i].sh_addr = (uintptr_t)zeroed;
		}
	}
	loader.loader.storage = LLEXT_STORAGE_WRITABLE;
	param.pre_located = true;
	printk("%d ", llext_load(&loader.loader, "ext", &ext, &param));
	printk("%d %d ", CALL(ext, "count", 3), CALL(ext, "count", 3));
	printk("%d %d", *(int *)zeroed, ext->mem[LLEXT_MEM_BSS] == NULL);"""
        ),
        const="",
        no_mpu=True,
        ext=LOCATED.replace("counter = 5", "counter"),
    )
    assert text == "0 located located 3 6 6 1"


def test_code_that_is_located_already_needs_pieces_of_memory_with_rights_of_their_own(said):
    main = MAIN % ("\tloader.loader.storage = LLEXT_STORAGE_WRITABLE;" + PRE_LOCATED)
    assert said(main, const="", ext=LOCATED) == "-14 "


def test_a_load_without_relocation_leaves_the_bytes_as_the_file_has_them(said):
    text = said(
        MAIN
        % """
	param.relocate_local = false;
	printk("%d %d ", llext_load(&user_loader.loader, "user", &user, &param), user->use_count);
	printk("%d ", memcmp(user->mem[LLEXT_MEM_TEXT], user_image + user_loader.loader.sects[LLEXT_MEM_TEXT].sh_offset,
				user->mem_size[LLEXT_MEM_TEXT]));
	printk("%zu %d ", user->exp_tab.sym_cnt, llext_find_sym(&user->exp_tab, "used") == NULL);
	printk("%d", llext_unload(&user));"""
    )
    assert text == "0 1 0 1 1 0"


def test_what_c_code_changes_in_a_table_counts(said):
    text = said(
        MAIN
        % """
	struct llext_symtable shorter;

	llext_load(&loader.loader, "ext", &ext, NULL);
	shorter = ext->exp_tab;
	shorter.sym_cnt = 1;
	printk("%d %d ", llext_find_sym(&ext->exp_tab, "hello") != NULL, llext_find_sym(&shorter, "hello") == NULL);
	ext->exp_tab.sym_cnt = 1;
	printk("%d %d", llext_find_sym(&ext->exp_tab, "hello") == NULL, llext_find_sym(&ext->exp_tab, "counted") != NULL);"""
    )
    assert text == "1 1 1 1"


def test_reused_loaders_and_pointers_are_told(said):
    text = said(MAIN % """
	param.keep_section_info = true;
	printk("%d\\n", llext_load(&loader.loader, "first", &ext, &param));
	user = ext;
	printk("%d\\n", llext_load(&loader.loader, "second", &ext, NULL));
	printk("%d\\n", llext_load(&loader.loader, "second", &ext, NULL));
	printk("%d %d", llext_unload(&ext), ext != NULL);""", conf=LOG)  # fmt: skip
    told = re.findall(r"<wrn> llext: (llext_load.*)", text)
    assert told == [
        "llext_load('second'): the pointer for it still holds extension 'first'; llext_by_name finds that one again",
        "llext_load('second'): its loader still has the section map of extension 'first': llext_free_inspection_data first",
    ]
    assert text.endswith("1 1")


def test_unloading_and_loading_inside_iterate_and_bringup(said):
    main = (
        """
static int visit(struct llext *each, void *arg)
{
	struct llext *gone = each;

	printk("<%s> ", each->name);
	if (strcmp(each->name, "a") == 0) {
		printk("%d ", llext_unload(&gone));
	}
	return 0;
}
"""
        + MAIN
        % """
	struct llext *names[3];

	printk("%d ", llext_load(&loader.loader, "a", &names[0], NULL));
	printk("%d ", llext_load(&loader.loader, "b", &names[1], NULL));
	printk("%d ", llext_load(&loader.loader, "c", &names[2], NULL));
	printk("%d ", llext_iterate(visit, NULL));
	printk("%d %d ", llext_by_name("a") == NULL, llext_by_name("c") == names[2]);
	printk("%d %d", llext_unload(&names[1]), llext_unload(&names[2]));"""
    )
    assert said(main) == "0 0 0 <a> 0 <b> <c> 0 1 1 0 0"


def test_extensions_are_kept_and_restored(said):
    text = said(MAIN % """
	static struct llext saved[2];
	struct llext *restored[] = {&saved[0], &saved[1]};
	struct llext_loader *loaders[] = {&loader.loader, NULL};

	param.keep_section_info = true;
	printk("%d ", llext_load(&loader.loader, "ext", &ext, &param));
	printk("%d ", llext_load(&user_loader.loader, "user", &user, NULL));
	CALL(ext, "counted", 7);
	saved[0] = *ext;
	saved[1] = *user;
	printk("%d ", llext_restore(restored, loaders, 2)); /* its dependency is not among them */
	printk("%d ", llext_relink_dependency(&saved[1], 1));
	printk("%d %d ", llext_relink_dependency(saved, 2), saved[1].dependency[0] == &saved[0]);
	printk("%d ", llext_restore(restored, loaders, 2));
	printk("%d %d ", restored[0] != &saved[0], restored[1]->dependency[0] == restored[0]);
	printk("%d %d ", llext_by_name("ext") == restored[0], restored[0]->use_count);
	printk("%d ", CALL(restored[1], "used", 0));
	printk("%d ", llext_section_shndx(&loader.loader, restored[0], ".data") > 0);
	strcpy(saved[0].name, "nobody");
	restored[0] = &saved[0];
	printk("%d ", llext_restore(restored, loaders, 1));
	restored[0] = llext_by_name("ext");
	printk("%d %d ", llext_unload(&restored[1]), llext_unload(&restored[0]));
	printk("%d %d", llext_by_name("ext") == NULL, llext_load(&user_loader.loader, "user", &user, NULL));""",
        conf="CONFIG_LLEXT_EXPERIMENTAL=y\n")  # fmt: skip
    assert text == "0 0 -22 -2 0 1 0 1 1 1 2 116 1 -14 0 0 1 -61"


def test_what_a_full_heap_cannot_restore_is_as_it_was(said):
    """In the smallest heap in which the load succeeds, what it gives back is too little for another struct llext."""
    main = (
        "static uint8_t heap[8192] __aligned(8);\n"
        + MAIN
        % """
	static struct llext saved;
	struct llext *restored[] = {&saved};
	struct llext_loader *loaders[] = {NULL};
	size_t size = 256;

	while (llext_heap_init(heap, size) == 0 && llext_load(&loader.loader, "ext", &ext, NULL) != 0) {
		llext_heap_uninit();
		size += 8;
	}
	saved = *ext;
	printk("%d %d ", llext_restore(restored, loaders, 1), restored[0] == &saved);
	printk("%d %d ", CALL(ext, "warm", 5), llext_by_name("ext") == ext);
	printk("%d %d", llext_unload(&ext), llext_load(&loader.loader, "ext", &ext, NULL));"""
    )
    assert said(main, conf=HEAP + "CONFIG_LLEXT_EXPERIMENTAL=y\n", no_mpu=True) == "-12 1 18 1 0 0"


HEAP = "CONFIG_LLEXT_HEAP_DYNAMIC=y\n"


def test_the_heap_is_given_and_taken_back(said):
    text = said(
        "static uint8_t heap[16384] __aligned(8);\n"
        + MAIN
        % """
	printk("%d %d ", llext_heap_uninit(), llext_load(&loader.loader, "ext", &ext, NULL));
	printk("%d ", llext_heap_init_harvard(heap, 8192, heap + 8192, 8192));
	printk("%d %d ", llext_heap_init(heap, sizeof(heap)), llext_heap_init(heap, sizeof(heap)));
	printk("%d %d ", llext_load(&loader.loader, "ext", &ext, NULL), llext_heap_uninit());
	printk("%d %d ", llext_unload(&ext), llext_heap_uninit());
	printk("%d", llext_load(&loader.loader, "ext", &ext, NULL));""",
        conf=HEAP,
    )
    assert text == "-17 -12 -88 0 -17 0 -16 0 0 -12"


def test_a_heap_that_is_not_the_applications_is_not_given(said):
    text = said(
        MAIN
        % """
	printk("%d %d %d", llext_heap_init(image, 100), llext_heap_init_harvard(image, 1, image, 1), llext_heap_uninit());""",
        const="",
    )
    assert text == "-88 -88 -88"


def test_symbols_stay_where_everything_is_logged(said):
    conf = "CONFIG_LOG=y\nCONFIG_LOG_MODE_MINIMAL=y\nCONFIG_LLEXT_LOG_LEVEL_DBG=y\n"
    text = said(MAIN % """
	printk("\\n%d ", llext_load(&loader.loader, "ext", &ext, NULL));
	printk("%d %d ", llext_find_sym(&ext->sym_tab, "cold") == llext_find_sym(&ext->exp_tab, "frosty"),
		llext_find_sym(&ext->sym_tab, "nobody") == NULL);
	printk("%d", llext_unload(&ext));""", conf=conf)  # fmt: skip
    assert "\n0 1 1 " in text


def test_the_log_is_written_before_an_extension_goes(said):
    text = said("#include <zephyr/logging/log.h>\nLOG_MODULE_REGISTER(app);\n" + MAIN % """
	llext_load(&loader.loader, "ext", &ext, NULL);
	LOG_INF("before");
	printk("unloading\\n");
	llext_unload(&ext);
	printk("unloaded");""", conf=LOG.replace("IMMEDIATE", "DEFERRED") + "CONFIG_LLEXT_LOG_LEVEL_ERR=y\nCONFIG_LOG_PRINTK=n\n")  # fmt: skip
    lines = [line.rpartition(" ")[2] for line in text.splitlines()]
    assert lines == ["unloading", "before", "unloaded"]


PLAIN_LOG = "CONFIG_LOG=y\nCONFIG_LOG_MODE_MINIMAL=y\nCONFIG_LLEXT_LOG_LEVEL_DBG=y\n"
STEPS = [
    "D: Loading ELF data...",
    "D: Finding ELF tables...",
    "D: Allocate and copy strings...",
    "D: Mapping ELF sections...",
    "D: Allocate and copy regions...",
    "D: gdb add-symbol-file flags:",
    "D: -s .text",
    "D: Counting exported symbols...",
    "D: Allocating memory for symbol table...",
    "D: Copying symbols...",
    "D: Linking ELF...",
    "I: found symbol printk at",
    "I: writing relocation type",
    "I: Loaded extension ext",
]


def _seen(text):
    """The steps that a log has, in its order, each once."""
    found = (next((step for step in STEPS if line.startswith(step)), None) for line in text.splitlines())
    return list(dict.fromkeys(step for step in found if step))


def test_a_load_tells_its_steps_in_zephyrs_order(said):
    ext = (
        '#include <zephyr/llext/symbol.h>\nvoid printk(const char *, ...);\nvoid f(void) { printk("f"); }\nEXPORT_SYMBOL(f);\n'
    )
    text = said(MAIN % '\n\tllext_load(&loader.loader, "ext", &ext, NULL);', conf=PLAIN_LOG, ext=ext)
    seen = _seen(text)
    assert set(seen) == set(STEPS)
    tail = STEPS.index("D: Linking ELF...") + 1
    assert seen[:tail] == STEPS[:tail]
    assert seen[-1] == STEPS[-1]  # relocations and the symbols that they find take turns


def test_what_is_not_relocated_is_not_said_to_be_linked(said):
    main = '\n\tparam.relocate_local = false;\n\tllext_load(&loader.loader, "ext", &ext, &param);'
    assert _seen(said(MAIN % main, conf=PLAIN_LOG)) == [*STEPS[:10], STEPS[-1]]


def test_an_undefined_symbol_and_a_full_heap_are_told_in_zephyrs_words_first(said):
    text = said(
        MAIN
        % """
	char name[] = "a";

	llext_load(&user_loader.loader, "user", &user, NULL);
	while (llext_load(&loader.loader, name, &ext, NULL) == 0) {
		name[0]++;
	}""",
        conf=PLAIN_LOG.replace("DBG", "ERR"),
    ).splitlines()  # fmt: skip
    assert re.fullmatch(r"E: Undefined symbol with no entry in symbol table counted, offset \d+, link section \d+", text[0])
    assert text[1] == "E: Could not find symbol counted!"
    assert text[2].startswith("E: llext_load('user'): nothing provides 'counted'")
    assert re.fullmatch(r"E: Failed allocating \d+ bytes \d+-aligned for region \d+", text[3])
    assert "the LLEXT heap has no room for its region" in text[4]


def test_a_table_of_functions_that_is_refused_is_told(said):
    text = said(
        MAIN
        % """
	struct llext damaged;

	llext_load(&loader.loader, "ext", &ext, NULL);
	damaged = *ext;
	damaged.mem_size[LLEXT_MEM_TEXT] = 0;
	llext_bootstrap(&damaged, NULL, NULL);
	ext->mem_size[LLEXT_MEM_TEXT] = 0;
	printk("%d\\n", llext_teardown(ext));""",
        conf=PLAIN_LOG.replace("DBG", "ERR"),
    )
    assert re.sub("0x[0-9a-f]+", "ADDRESS", text).splitlines() == [
        "E: function outside text region",
        "E: extension at ADDRESS: entry 0 of its init table is ADDRESS, not in its text",
        "E: function outside text region",
        "E: extension 'ext': entry 0 of its fini table is ADDRESS, not in its text",
        "-14",
    ]


def test_too_little_memory_makes_no_heap(said):
    text = said(
        "static uint8_t heap[16384] __aligned(8);\n"
        + MAIN
        % """
	printk("%d %d ", llext_heap_init(heap, 0), llext_heap_init(NULL, 0));
	printk("%d %d %d", llext_heap_init(heap, 8), llext_heap_uninit(), llext_heap_init(heap, sizeof(heap)));""",
        conf=HEAP,
    )
    assert text == "-22 -22 -22 -17 0"
