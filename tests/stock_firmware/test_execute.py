"""A firmware's own loader, run without booting: it agrees with what check predicts, and with what firmware was measured to do."""

import random
import struct
import time

import pytest
from conftest import need
from executed_firmware import GCC, executed_firmware
from measured_files import PROG, WA, A, file_a, file_b, of_sizes

from llext.build.firmware import Project, build_application
from llext.build.templates import new_project
from llext.elf import constants as c
from llext.errors import Errno, UsageError
from llext.firmware import Firmware
from llext.firmware.execute import Call, Limits
from llext.firmware.execute.answered import find
from llext.firmware.execute.compared import compare

BOARDS = {"arm": "mps2/an386", "riscv": "qemu_riscv32"}
SUM = (
    'extern int twice(int);\nstatic int calls = 3, zeroed;\nconst char *const words[] = {"a", "bc"};\n'
    'int add(int a, int b) { zeroed += b; printk("adding %d to %s\\n", a, words[1]); return twice(a) + b + calls++; }\n'
    "EXPORT_SYMBOL(add);\nint length(const char *s) { int n = 0; while (*s++) n++; return n + zeroed; }\nEXPORT_SYMBOL(length);\n"
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Firmware by what it is made with; the same is made once."""
    known = {}

    def make(**options):
        key = repr(sorted(options.items()))
        if key not in known:
            known[key] = Firmware(executed_firmware(tmp_path_factory.mktemp("firmware"), **options))
        return known[key]

    return make


def differing(firmware, *files, **options):
    """What check predicts otherwise than the own loader does."""
    verdict, executed = firmware.check(*files, **options), firmware.execute(*files, **options)
    return [row for rows in compare(verdict, executed) for row in rows if row.differs], verdict, executed


# What firmware was measured to do ------------------------------------------------------------------------------------------------

PLACES = {"ram": 0x24000000, "heap_at": 0x5F00}
MEASURED = {
    "4.0 copy A": (PLACES, file_a, "4/188@68 4/88@260 32/96@384 32/32@512 32/32@576 32/32@640 32/32@704 32/32@768 32/32@832 32/96@896 4/24@996 4/16@356", 664, 792),
    "4.0 copy B": (PLACES, file_b, "4/188@68 4/104@260 32/128@384 32/288@544 32/608@864 32/32@1504 32/128@1568 32/64@1728 32/32@1824 32/640@1888 4/88@2532 4/32@2628", 2216, 2424),
    "4.0 in place A": ({"ram": 0x22000000, "heap_at": 0x48C8, "defines": ("STORAGE_WRITABLE",)}, file_a, "4/188@68 4/88@260 32/32@376 4/24@412 4/16@444", 256, 384),
    "4.0 power of two A": ({"ram": 0x24000000, "heap_at": 0x1F980, "heap": 131072, "defines": ("POWER_OF_TWO",)}, file_a, "4/188@76 4/88@268 128/128@384 32/32@544 32/32@608 32/32@672 32/32@736 32/32@800 32/32@864 128/128@1024 4/24@900 4/16@516", 728, 856),
    "3.7 in place A": ({"ram": 0x24000000, "heap_at": 0x5BC0, "version": "3.7.0", "defines": ("STORAGE_WRITABLE",)}, file_a, "4/144@68 4/88@220 32/32@320 4/24@356 4/16@388", 216, 344),
}  # fmt: skip
"""Reference firmware.md 3: options, file, requests as align/size@offset, in use, at most."""


@pytest.mark.parametrize("row", MEASURED.values(), ids=MEASURED)
def test_the_measured_rows_are_what_both_say(made, tmp_path, row):
    options, file, requests, used, peak = row
    path = tmp_path / "file.llext"
    path.write_bytes(file())
    differs, verdict, executed = differing(made(**options), path)
    (load,) = executed.loads
    assert " ".join(f"{each.alignment}/{each.size}@{each.offset}" for each in load.requests) == requests
    assert (load.returned, load.used, load.peak, executed.left) == (0, used, peak, 0)
    predicted = verdict.results[0].heap
    assert " ".join(f"{each.wanted.alignment or 4}/{each.wanted.size}@{each.offset}" for each in predicted.requests) == requests
    assert (predicted.used, predicted.peak) == (used, peak)
    assert not differs


def random_file(pick):
    """An extension of random sizes; .text first, since symbols are in it."""
    rows = [
        (".text", PROG, 6, 4 * pick.randint(1, 200)),
        (".rodata", PROG, A, pick.randint(1, 300)),
        (".exported_sym", PROG, A, 8 * pick.randint(1, 6)),
    ]
    if pick.random() < 0.7:
        rows.append((".data", PROG, WA, pick.randint(1, 200)))
    if pick.random() < 0.7:
        rows.append((".bss", c.SHT_NOBITS, WA, pick.randint(1, 500)))
    rows += [(f".other{number}", PROG, 0, 4) for number in range(pick.randint(0, 4))]
    count = pick.randint(1, 12)
    return of_sizes(8 * count + pick.randint(4, 90), rows, count + 3 + pick.randint(0, 30), count)


SHAPES = {
    "copied": {},
    "in place": {"defines": ("STORAGE_WRITABLE",)},
    "powers of two": {"heap": 65536, "heap_at": 0x5948, "defines": ("POWER_OF_TWO",)},
    "small heap": {"heap": 4096, "heap_at": 0x5F08},
    "3.7": {"version": "3.7.0"},
    "big headers": {"defines": ("BIG_ONLY",), "config": ("SYS_HEAP_BIG_ONLY",)},
    "large heap": {"heap": 262152},
    "statistics": {"defines": ("STATISTICS",), "config": ("SYS_HEAP_RUNTIME_STATS",)},
    "one look": {"heap": 4096, "heap_at": 0x5F08, "defines": ("ALLOC_LOOPS=1",), "config": ("SYS_HEAP_ALLOC_LOOPS=1",)},
}


@pytest.mark.parametrize("options", SHAPES.values(), ids=SHAPES)
def test_two_independent_loaders_and_heaps_agree_to_the_byte(made, tmp_path, options):
    """Three files at a time into one heap; where the second or third has no room, both say so at the same request."""
    pick, firmware, refused = random.Random(9), made(**options), 0
    for number in range(40):
        files = []
        for index in range(3):
            files.append(tmp_path / f"{number}-{index}.llext")
            files[-1].write_bytes(random_file(pick))
        differs, _, executed = differing(firmware, *files)
        assert not differs, files
        refused += sum(load.returned == -12 for load in executed.loads)
        assert {load.returned for load in executed.loads} <= {0, -12}
        assert executed.left == 0
    assert (refused > 0) == (options.get("heap") == 4096)


# What is answered ----------------------------------------------------------------------------------------------------------------


def test_calls_that_need_a_kernel_are_answered_and_counted(made, build):
    """Each of them waits for ever if it is really run (loader/kernel.c)."""
    executed = made().execute(build(SUM, board=BOARDS["arm"]), calls=[Call("add", (2, 3))])
    counts = {each.name: (each.count, each.returned) for each in executed.answered}
    assert counts.pop("z_unpend_all")[0] == len(executed.loads[0].requests)  # each block is freed once
    assert counts == {
        "z_impl_k_mutex_lock": (2, 0),
        "z_impl_k_mutex_unlock": (2, 0),
        "z_log_minimal_printk": (1, 0),
        "printk": (1, 0),
        "log_flush": (1, 0),
        "sys_cache_data_flush_range": (8, 0),
        "sys_cache_instr_invd_range": (8, 0),
    }
    assert executed.loads[0].log == ("I: Loaded extension ext",)


def test_the_allocator_and_the_loader_are_run_and_not_answered():
    run = ("llext_load", "llext_unload", "sys_heap_aligned_alloc", "k_heap_alloc", "k_heap_init", "memcpy", "llext_buf_read")
    assert [name for name in run if find(name)] == []


# What loads, and what does not ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("isa", BOARDS)
def test_functions_of_what_was_loaded_are_called(made, build, isa):
    """Both ISAs' relocations: results depend on calls, strings, data and zeroed memory."""
    calls = [Call("add", (2, 3)), Call("add", (2, 3)), Call("length", ("hello",))]
    path = build(SUM, board=BOARDS[isa])
    executed = made(isa=isa).execute(path, calls=calls)
    assert [each.result for each in executed.calls] == [10, 11, 11]
    assert [each.log for each in executed.calls] == [("adding 2 to bc",), ("adding 2 to bc",), ()]
    assert executed.ok
    assert not differing(made(isa=isa), path)[0]


def test_firmware_keeps_its_data_between_calls(made, build):
    """A variable with a value is in RAM where the program has it, not where flash has its copy."""
    path = build("extern int twice(int);\nint f(int a) { return twice(a); }\nEXPORT_SYMBOL(f);\n", board=BOARDS["arm"])
    executed = made().execute(path, calls=[Call("f", (-4,)), Call("f", (9,), "int f(int)")])
    assert [(each.result, each.typed) for each in executed.calls] == [(-8, True), (18, True)]


def test_a_missing_symbol_is_refused_by_both_and_everything_is_given_back(made, build):
    path = build(
        "extern int nobody(void);\nint f(void) { return nobody(); }\nEXPORT_SYMBOL(f);\n", "lonely", board=BOARDS["arm"]
    )
    differs, verdict, executed = differing(made(), path)
    (load,) = executed.loads
    assert (verdict.results[0].errno, load.returned, load.verdict) == (Errno.ENODATA, -61, "-ENODATA (-61)")
    assert load.log == ("Undefined symbol with no entry in symbol table nobody, link section 0",)
    assert not differs
    assert (load.used, executed.left, executed.unloads, executed.ok) == (0, 0, (), False)


def test_a_full_heap_is_refused_by_both_at_the_same_request(made, build):
    path = build(SUM, board=BOARDS["arm"])
    differs, verdict, executed = differing(made(heap=1024), path)
    (load,) = executed.loads
    assert (verdict.results[0].errno, load.returned) == (Errno.ENOMEM, -12)
    assert [each.offset for each in load.requests].index(None) == len(load.requests) - 1
    assert load.requests[-1].size == verdict.results[0].heap.failed.size
    assert not differs
    assert load.used == 0


def test_files_come_into_one_heap_in_order_and_use_each_other(made, build):
    first = build(SUM, "first", board=BOARDS["arm"])
    second = build(
        "extern int add(int, int);\nint more(int a) { return add(a, a) + 1; }\nEXPORT_SYMBOL(more);\n",
        "second",
        board=BOARDS["arm"],
    )
    differs, _, executed = differing(made(), first, second)
    assert not differs
    assert [load.returned for load in executed.loads] == [0, 0]
    assert [(each.name, each.returned) for each in executed.unloads] == [("second", 0), ("first", 0)]
    assert made().execute(first, second, calls=[Call("more", (5,))]).calls[0].result == 19
    assert [load.returned for load in made().execute(second, first).loads] == [-61, 0]


def test_a_file_that_stays_in_its_buffer_is_told_with_its_place(made, build):
    path = build(SUM, board=BOARDS["arm"])
    firmware = made(defines=("STORAGE_WRITABLE",))
    differs, _, executed = differing(firmware, path)
    assert not differs
    regions = {each.name: each for each in executed.loads[0].regions}
    data = path.read_bytes()
    assert regions["text"].in_file == regions["text"].address - executed.loads[0].buffer
    assert data[regions["symtab"].in_file :][:16] == bytes(16)
    assert regions["bss"].in_file is None


@pytest.mark.parametrize(("storage", "stays"), [("temporary", False), ("persistent", False), ("writable", True)])
def test_a_loader_is_told_its_storage_where_it_asks(made, build, storage, stays):
    """From 4.1 on that is a member of struct llext_loader."""
    differs, _, executed = differing(made(defines=("STORAGE_MEMBER",)), build(SUM, board=BOARDS["arm"]), storage=storage)
    assert not differs
    assert (executed.loads[0].regions[0].in_file is not None) == stays


def test_headers_are_copied_where_the_source_shows_nothing(made, build):
    path = build(SUM, board=BOARDS["arm"])
    differs, _, executed = differing(made(), path, storage="file")
    assert not differs
    assert struct.unpack_from("<H", path.read_bytes(), 48)[0] * 40 == executed.loads[0].requests[2].size


@pytest.mark.tools
@pytest.mark.parametrize("isa", BOARDS)
def test_firmware_of_another_compiler_is_run_too(made, build, isa):
    """GNU's DWARF and code."""
    need(GCC[isa][0])
    path = build(SUM, board=BOARDS[isa])
    firmware = made(isa=isa, gcc=True)
    executed = firmware.execute(path, calls=[Call("add", (2, 3))])
    assert (executed.layouts, executed.calls[0].result, executed.ok) == ("DWARF of its llext.c", 10, True)
    assert not differing(firmware, path)[0]


# Structures -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["3.7.0", "4.0.0"])
def test_layouts_come_from_debug_information_or_from_what_was_measured(made, build, version):
    path = build(SUM, board=BOARDS["arm"])
    told, known = made(version=version).execute(path), made(version=version, debug=False).execute(path)
    assert (told.layouts, known.layouts) == ("DWARF of its llext.c", f"that of Zephyr {version[:3]}, measured")
    assert told.loads == known.loads
    assert told.loads[0].exports[0][0] == "add"


def test_layouts_that_nobody_knows_are_not_guessed(made, build):
    path = build(SUM, board=BOARDS["arm"])
    assert made(version="4.2.0").execute(path).layouts == "DWARF of its llext.c"
    with pytest.raises(UsageError, match=r"no DWARF of llext.c, and Zephyr 4.2's were never measured") as caught:
        made(version="4.2.0", debug=False).execute(path)
    assert caught.value.errno is Errno.ENOSYS
    assert "CONFIG_DEBUG_INFO=y" in caught.value.hint
    with pytest.raises(UsageError, match="CONFIG_USERSPACE changes struct llext"):
        made(debug=False, config=("USERSPACE",)).execute(path)


def test_a_measured_layout_of_another_size_than_the_firmwares_is_not_used(made, build):
    """Firmware between 3.7 and 4.0 has either; the first request is for struct llext."""
    with pytest.raises(UsageError, match=r"it has 144 bytes, and that of Zephyr 4.0, measured, 188") as caught:
        made(defines=("VERSION_37",), debug=False).execute(build(SUM, board=BOARDS["arm"]))
    assert caught.value.errno is Errno.ENOSYS
    assert made(defines=("VERSION_37",)).execute(build(SUM, board=BOARDS["arm"])).ok


def test_what_is_ours_lies_beside_all_of_the_firmwares_memory(made, build):
    path = build(SUM, board=BOARDS["arm"])
    all_of_it = made(config=("SRAM_BASE_ADDRESS=0x20000000", "SRAM_SIZE=2048"))
    assert all_of_it.execute(path).loads[0].buffer >= 0x20000000 + 2048 * 1024
    assert all_of_it.execute(path).ok
    with pytest.raises(UsageError, match="which is no microcontroller's memory"):
        made(config=("SRAM_BASE_ADDRESS=0x20000000", "SRAM_SIZE=3000000")).execute(path)


def test_a_loader_without_buffer_functions_gets_ours(made, build):
    path = build(SUM, board=BOARDS["arm"])
    renamed = made(defines=("llext_buf_read=own_read", "llext_buf_seek=own_seek", "llext_buf_peek=own_peek"))
    assert renamed.image.symbols.keys() & {"llext_buf_read", "llext_buf_seek", "llext_buf_peek"} == set()
    assert renamed.execute(path, calls=[Call("add", (1, 1))]).calls[0].result == 6
    assert not differing(renamed, path)[0]


# Code that does not come to its end -----------------------------------------------------------------------------------------------

ENDS = {
    "SPINS": "does not come to its end: 50000000 instructions were run",
    "JUMPS=0x90000001": "executes 0x90000000, where the firmware has no memory: hardware, or a wild pointer",
    "WRITES": "writes 0x50000000, where the firmware has no memory: hardware, or a wild pointer",
    "UNDEFINED": "comes to an undefined instruction",
}


@pytest.mark.parametrize("isa", BOARDS)
@pytest.mark.parametrize(("define", "reason"), ENDS.items(), ids=ENDS)
def test_a_loader_that_goes_astray_is_a_named_stop(made, build, isa, define, reason):
    path = build(SUM, board=BOARDS[isa])
    firmware = made(isa=isa, defines=(define,))
    executed = firmware.execute(path, path, limits=Limits(50_000_000, 10))
    (load,) = executed.loads
    assert (load.returned, load.verdict, load.stop.reason) == (None, "stopped", reason)
    own = firmware.image.symbols["llext_load"]
    if define.startswith("JUMPS"):
        assert load.stop.pc == 0x90000000
    else:
        assert load.stop.where == "llext_load"
        assert own.value & ~1 <= load.stop.pc < own.value + own.size
    assert executed.unloads == ()


def test_a_jump_to_where_the_cpu_executes_nothing_is_a_named_stop(made, build):
    """0xC0000000 is for devices, execute never (Armv7-M B3.1)."""
    executed = made(defines=("JUMPS=0xC0000001",)).execute(build(SUM, board=BOARDS["arm"]))
    assert str(executed.loads[0].stop) == "executes 0xc0000000, where there is no code, at 0xc0000000"


def test_a_wall_limit_ends_a_loader_too(made, build):
    started = time.monotonic()
    executed = made(defines=("SPINS",)).execute(build(SUM, board=BOARDS["arm"]), limits=Limits(1 << 60, 0.5))
    assert executed.loads[0].stop.reason == "does not come to its end: it took 0.5 s"
    assert time.monotonic() - started < 10


def test_a_call_that_wants_hardware_is_a_named_stop(made, build):
    path = build("extern void blink(int);\nvoid on(void) { blink(1); }\nEXPORT_SYMBOL(on);\n", board=BOARDS["arm"])
    executed = made().execute(path, calls=[Call("on"), Call("on")])
    (called,) = executed.calls
    assert called.stop.reason == "writes 0x40004000, where the firmware has no memory: hardware, or a wild pointer"
    assert called.stop.where == "blink"
    assert executed.unloads == ()


def test_a_call_of_what_nobody_exports_is_refused(made, build):
    with pytest.raises(UsageError, match="no loaded extension exports 'gone'") as caught:
        made().execute(build(SUM, board=BOARDS["arm"]), calls=[Call("gone")])
    assert caught.value.hint == "there are add, length."


# Firmware whose loader cannot be run ----------------------------------------------------------------------------------------------


def test_firmware_without_symbols_is_not_run(made, build):
    with pytest.raises(UsageError, match="its own loader cannot be run: its symbols were stripped") as caught:
        made(strip=True).execute(build(SUM, board=BOARDS["arm"]))
    assert caught.value.errno is Errno.ENOSYS
    assert "zephyr.elf" in caught.value.hint


def test_firmware_for_a_cpu_that_is_no_microcontroller_is_not_run(made, build):
    with pytest.raises(UsageError, match=r"it is for a Cortex-R \(CONFIG_CPU_CORTEX_R52\)"):
        made(config=("CPU_CORTEX_R52",)).execute(build(SUM, board=BOARDS["arm"]))


def test_firmware_without_a_use_of_the_loader_is_not_run(made, build):
    with pytest.raises(UsageError, match="it has no symbol llext_load"):
        made(defines=("llext_load=renamed",)).execute(build(SUM, board=BOARDS["arm"]))


def test_a_secure_world_is_told_as_what_cannot_be_seen(made, build):
    executed = made(config=("TRUSTED_EXECUTION_NONSECURE",)).execute(build(SUM, board=BOARDS["arm"]))
    assert executed.untold == ("what is behind calls between the secure and the non-secure world: they stop here",)


def test_firmware_of_our_own_has_no_loader_of_its_own(tmp_path, build):
    new_project(tmp_path / "mine", "pool")
    firmware = build_application(Project.of(tmp_path / "mine", board="mps2/an385"))
    with pytest.raises(UsageError, match="it was built by llext, and its llext_load calls the host") as caught:
        Firmware(firmware).execute(build(SUM))
    assert caught.value.errno is Errno.ENOSYS
