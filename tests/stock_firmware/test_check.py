"""llext check on stand-ins of stock firmware: what each lacks, and what is answered."""

import pytest
from conftest import PROLOGUE
from stand_in import stand_in

from llext import Board
from llext.abi.slid import slid
from llext.build import BuildOptions, build_extension
from llext.build.firmware.slids import inject
from llext.elf import ElfFile
from llext.errors import Errno, UsageError
from llext.firmware import Firmware
from llext.target import load_target

HELLO = 'int add(int a, int b) { printk("adding\\n"); return a + b; }\nEXPORT_SYMBOL(add);\nstatic int sum;\nint count(int n) { return sum += n; }\nEXPORT_SYMBOL(count);\n'
CONFIG = ("LLEXT", "LLEXT_HEAP_SIZE=8")


@pytest.fixture
def verdict(tmp_path, build):
    """What a stand-in answers for extensions that are built of C."""

    def ask(*texts, board="mps2/an385", **firmware):
        files = [build(text, f"ext{i}", board=board) for i, text in enumerate(texts)]
        return Firmware(stand_in(tmp_path, **({"config": CONFIG} | firmware))).check(*files)

    return ask


def test_a_firmware_that_has_everything_loads_it(verdict):
    found = verdict(HELLO)
    (result,) = found.results
    assert (result.verdict, result.errno, found.loads, found.certain) == ("loads", 0, True, True)
    assert [(each.name, each.provider.name) for each in result.imports] == [("printk", "printk")]
    assert sorted(result.exports) == ["add", "count"]
    assert found.unknown == ()


def test_a_missing_export_is_told_with_the_line_that_gives_it(verdict):
    (result,) = verdict(HELLO, exports=("k_malloc", "printk_")).results
    assert (result.verdict, result.errno) == ("-ENODATA (-61)", Errno.ENODATA)
    assert result.reason == "nothing provides 'printk'"
    assert result.hint == "did you mean printk_? A line in the firmware gives it: EXPORT_SYMBOL(printk);"


def test_an_export_without_address_is_none(verdict):
    (result,) = verdict(HELLO, exports=("k_malloc",), missing=("printk",)).results
    assert result.verdict == "-ENODATA (-61)"


WEAK = (
    "extern __attribute__((weak)) int perhaps(void);\nint ask(void) { return perhaps ? perhaps() : 3; }\nEXPORT_SYMBOL(ask);\n"
)


@pytest.mark.parametrize(("version", "word"), [("4.0.0", "-ENODATA (-61)"), ("4.4.0", "probably loads")])
def test_a_weak_symbol_that_nobody_has_is_refused_by_old_loaders(verdict, version, word):
    """Undefined weak: -61 up to 4.0, NULL in newer source."""
    (result,) = verdict(WEAK, version=version).results
    assert (result.verdict, result.imports[0].weak) == (word, True)


def test_a_name_that_is_cut_and_an_export_twice_are_noted(tmp_path, build):
    path = build("int f(void) { return 1; }\nEXPORT_SYMBOL(f);\nEXPORT_SYMBOL_NAMED(f, g);\n", "a_name_of_many_letters")
    (result,) = Firmware(stand_in(tmp_path, config=CONFIG)).check(path).results
    assert result.name == "a_name_of_many_"
    assert [note.check.name for note in result.notes] == ["LONG_NAME"]
    assert result.loads


def test_a_heap_that_is_too_small_is_told_with_what_has_no_room(verdict):
    (result,) = verdict(HELLO, heap=512, config=("LLEXT",)).results
    assert result.verdict == "-ENOMEM (-12)"
    assert result.reason.startswith("the LLEXT heap has no room for its region ")
    assert result.heap.requests[-1].offset is None


def test_extensions_use_what_those_before_them_export(verdict):
    user = "extern int add(int a, int b);\nint twice(int a) { return add(a, a); }\nEXPORT_SYMBOL(twice);\n"
    assert [each.verdict for each in verdict(HELLO, user).results] == ["loads", "loads"]
    assert [each.verdict for each in verdict(user, HELLO).results] == ["-ENODATA (-61)", "loads"]
    assert verdict(HELLO, user).results[1].imports[0].provider == "ext0"


def test_a_version_that_nobody_measured_is_probable(verdict):
    found = verdict(HELLO, version="4.2.0")
    assert found.results[0].verdict == "probably loads"
    assert found.unknown == ("Zephyr 4.2.0 on Arm: its loader was never measured, what it does is from source",)


def test_exports_by_number_are_found_by_the_numbers_of_a_file(tmp_path, build):
    numbers = {name: slid(name) for name in ("printk", "k_malloc")}
    elf = stand_in(tmp_path, slids=numbers, config=(*CONFIG, "LLEXT_EXPORT_BUILTINS_BY_SLID"))
    path = build(HELLO)
    found = Firmware(elf).check(path)
    assert found.firmware.exports.by_slid
    assert found.results[0].verdict == "-ENODATA (-61)"
    assert found.results[0].hint.startswith("The firmware exports it by number (SLID), and the file's symbol has none")
    path.write_bytes(inject(path.read_bytes(), path.name))
    found = Firmware(elf).check(path)
    assert (found.loads, found.results[0].imports[0].provider.name) == (True, "printk")


def test_riscv_firmware_is_asked_too(verdict):
    found = verdict(HELLO, board="qemu_riscv32", isa="riscv", version="4.4.0")
    assert found.results[0].verdict == "probably loads"


def test_a_file_for_another_cpu_may_crash_it(verdict):
    (result,) = verdict(HELLO, board="qemu_riscv32").results
    assert result.verdict == "may crash"
    assert result.reason.startswith("it is built for RISC-V, the firmware for Arm: no loader looks at that")


def test_what_does_not_reach_is_told(tmp_path):
    source = tmp_path / "near.c"
    source.write_text('extern void printk(const char *, ...);\nvoid f(void) { printk("x"); }\n')
    made = build_extension(
        [source], tmp_path / "near.llext", load_target("mps2/an385"), BuildOptions(cflags=("-mno-long-calls",))
    )
    (result,) = Firmware(stand_in(tmp_path, config=CONFIG)).check(made.output).results
    assert result.verdict == "-ENOEXEC (-8)"
    assert "R_ARM_THM_JUMP24" in result.reason


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "absent.elf", "No such file or directory"),
        (lambda folder: _write(folder / "zephyr.bin", bytes(64)), "not an ELF file"),
        (lambda folder: _write(folder / "zephyr.hex", b":020000040800F2\n"), "looks like Intel HEX"),
        (
            lambda folder: stand_in(folder, exports=(), heap=0, config=("X",)),
            "a firmware without LLEXT: it has no table of exports",
        ),
    ],
)
def test_what_is_no_firmware_with_llext_is_refused(tmp_path, make, message):
    with pytest.raises(UsageError, match=message):
        Firmware(make(tmp_path))


def _write(path, data):
    path.write_bytes(data)
    return path


def test_a_config_file_tells_what_was_stripped(tmp_path, build):
    elf = stand_in(tmp_path, config=())
    assert not Firmware(elf).image.has_configuration
    config = tmp_path / ".config"
    config.write_text("CONFIG_LLEXT=y\r\nCONFIG_LLEXT_STORAGE_WRITABLE=y\r\n# CONFIG_USERSPACE is not set\r\n")
    told = Firmware(elf, config=config)
    assert told.storage_writable.source == f"CONFIG_LLEXT_STORAGE_WRITABLE in {config}"
    assert told.check(build(HELLO)).results[0].heap.used < Firmware(elf).check(build(HELLO)).results[0].heap.used


HEAP_BYTES = 32768
PIECES = [
    "int add(int a, int b) { return a + b; }\nEXPORT_SYMBOL(add);\n",
    'static const char *const words[] = {"one", "two", "three"};\nconst char *word(int i) { return words[i]; }\nEXPORT_SYMBOL(word);\n',
    "static int sums[37];\nint sum(int i) { return sums[i]++; }\nEXPORT_SYMBOL(sum);\n",
    "int table[11] = {1, 2, 3};\nEXPORT_SYMBOL(table);\n",
    "static uint64_t wide[3] = {1};\nuint64_t *widest(void) { return wide; }\nEXPORT_SYMBOL(widest);\n",
    'static const char text[301] = "text";\nint letter(int i) { return text[i]; }\nEXPORT_SYMBOL(letter);\n',
    'void say(void) { printk("said\\n"); }\nEXPORT_SYMBOL(say);\n',
    "static int up;\n__attribute__((constructor)) static void begin(void) { up = 1; }\nint is_up(void) { return up; }\nEXPORT_SYMBOL(is_up);\n",
]
"""Each with regions of its own."""


ROUNDINGS = {
    "4.0 as it is": ("4.0.0", ()),
    "4.0, powers of two": ("4.0.0", ("MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT",)),
    "3.7 as it is": ("3.7.0", ()),
    "4.4 as it is": ("4.4.0", ()),
    "4.4, user mode": ("4.4.0", ("USERSPACE", "ARM_MPU")),
    "4.4, user mode, powers of two": ("4.4.0", ("USERSPACE", "ARM_MPU", "MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT")),
    "4.4, user mode, PMP": ("4.4.0", ("USERSPACE", "RISCV_PMP", "PMP_GRANULARITY=16")),
}
COUNT = 200


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """Extensions of pieces, each of another choice."""
    folder, target = tmp_path_factory.mktemp("generated"), load_target("mps2/an385")
    paths = []
    for number in range(1, COUNT + 1):
        chosen = [piece for bit, piece in enumerate(PIECES) if number * 37 >> bit & 1]
        source = folder / f"e{number}.c"
        source.write_text(PROLOGUE + "".join(chosen or PIECES[:1]))
        paths.append(build_extension([source], source.with_suffix(".llext"), target, BuildOptions()).output)
    return paths


@pytest.mark.parametrize("rule", ROUNDINGS)
def test_the_heap_is_predicted_to_the_byte(tmp_path, generated, rule):
    """Against the board's own loader under the same rule, whose heap lies at the same address modulo what regions are aligned to."""
    version, options = ROUNDINGS[rule]
    with Board(zephyr=version.rpartition(".")[0], mpu=False, heap_size=HEAP_BYTES) as board:
        heap = board.layout.heap
        far = heap % 4096
        firmware = Firmware(stand_in(tmp_path, version=version, heap=HEAP_BYTES, heap_at=far, config=("LLEXT", *options)))
        assert firmware.heap.value.address % 4096 == far
        board._loader.rules = firmware.rules
        for number, path in enumerate(generated):
            (result,) = firmware.check(path, storage="temporary").results
            before = board.heap.allocated_bytes
            board.heap.reset_peak()
            extension = board.load(path.read_bytes(), "e")
            assert (result.loads, result.heap.used) == (True, board.heap.allocated_bytes - before), number
            assert result.heap.peak == board.heap.peak - before, number
            offsets = {request.wanted.purpose: request.offset for request in result.heap.requests}
            placed = {name: region.address - heap for name, region in extension.regions.items()}
            assert placed == {name: offsets[name] for name in placed}, number
            board.unload(extension)


def test_what_is_refused_where_it_is_linked_never_asked_for_its_export_table(verdict):
    """Zephyr links, and only then makes the table of exports (zephyr-llext.md 2)."""
    (result,) = verdict("extern int nobody(void);\nint f(void) { return nobody(); }\nEXPORT_SYMBOL(f);\n").results
    assert [each.wanted.purpose for each in result.heap.requests][-1] == "symbol table"
    assert (result.errno, result.heap.used) == (Errno.ENODATA, 0)


def test_a_name_that_is_loaded_already_is_not_loaded_again(tmp_path, build):
    """Zephyr's llext_load looks for the name first: it returns how often it was loaded before, and looks at nothing else."""
    firmware, path = Firmware(stand_in(tmp_path, config=CONFIG)), build(HELLO)
    once, twice, thrice = firmware.check(path, path, path).results
    assert [each.again for each in (once, twice, thrice)] == [0, 1, 2]
    assert (twice.verdict, twice.loads) == ("is loaded already: 1, and nothing is looked at", True)
    assert thrice.wants == ()


def test_a_file_whose_contents_end_early_is_one_answer_among_others(tmp_path, build):
    whole, cut = build(HELLO, "whole"), build(HELLO, "cut")
    data = bytearray(cut.read_bytes())
    elf = ElfFile.parse(data)
    header = elf.header.section_offset + elf.section(".rodata").index * elf.header.section_entry_size
    data[header + 16 : header + 20] = (len(data) - 2).to_bytes(4, "little")
    cut.write_bytes(data)
    first, second = Firmware(stand_in(tmp_path, config=CONFIG)).check(cut, whole).results
    assert (first.verdict, second.verdict) == ("probably -ENOEXEC (-8)", "loads")
    assert "behind the end of the file" in first.reason


def test_requests_are_told_where_no_heap_is_known(verdict):
    (result,) = verdict(HELLO, heap=0, config=("LLEXT", "LLEXT_HEAP_DYNAMIC")).results
    assert result.heap is None
    assert [each.purpose for each in result.wants][:2] == ["struct llext", "section map"]
