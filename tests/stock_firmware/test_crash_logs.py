"""llext symbolize on logs in Zephyr's format that our boards do not print, and on odd ones.

Formats: Zephyr's arch/arm and arch/riscv fatal error handlers, llext_load.c. Bits: Armv7-M ARM B3.2.15 and B1.5.8, RISC-V
privileged specification 3.1.15. Addresses: nm and objdump, in crashed_device.py.
"""

import re

import pytest
from crashed_device import DATA, device

from llext.debug.symbolize import Symbolizer

AT = {"arm": 0x20001C40, "riscv": 0x80001C40}


@pytest.fixture(scope="module")
def arm(tmp_path_factory):
    return device(tmp_path_factory.mktemp("arm"), "arm")


@pytest.fixture(scope="module")
def riscv(tmp_path_factory):
    return device(tmp_path_factory.mktemp("riscv"), "riscv")


def told(reader, *lines):
    """What is said of lines, without indents."""
    return [text.strip() for line in lines for finding in reader.explain(line) for text in finding.text()]


def loaded(name="bad", at=0x20001C40, prefix="D: "):
    return [f"{prefix}gdb add-symbol-file flags:", f"{prefix}-s .text {at:#x}", f"I: Loaded extension {name}"]


def reader_of(chip, **options):
    return Symbolizer(chip.firmware, [chip.symbols], **options)


# Registers in words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("CFSR: 0x00000001", ["IACCVIOL"]),
        ("CFSR: 0x00000082", ["DACCVIOL", "MMARVALID"]),
        ("CFSR 0x00008200", []),  # no sign between them: no register
        ("CFSR = 0x00008200", ["PRECISERR", "BFARVALID"]),
        ("CFSR: 0x00020000", ["INVSTATE"]),
        ("CFSR: 0x0101002A", ["DACCVIOL", "MUNSTKERR", "MLSPERR", "UNDEFINSTR", "UNALIGNED"]),
        ("CFSR: 0x02103510", ["MSTKERR", "IBUSERR", "IMPRECISERR", "STKERR", "LSPERR", "STKOF", "DIVBYZERO"]),
        ("MMFSR: 0x82, BFSR: 0x0, UFSR: 0x2", ["DACCVIOL", "MMARVALID", "INVSTATE"]),
        ("MMFSR: 0x0, BFSR: 0x88, UFSR: 0x200", ["UNSTKERR", "BFARVALID", "DIVBYZERO"]),
        ("UFSR: 0xC", ["INVPC", "NOCP"]),
        ("HFSR: 0x40000000", ["FORCED"]),
        ("HFSR: 0x80000002", ["VECTTBL", "DEBUGEVT"]),
        ("SFSR: 0x48", ["AUVIOL", "SFARVALID"]),
    ],
)
def test_bits_of_fault_registers_are_named_and_explained(line, names):
    texts = told(Symbolizer(None, []), f"E: {line}")
    assert [re.match(r"(?:[CHMBUS]+FSR: )?(\w+): ", text)[1] for text in texts] == names


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("  Instruction Access Violation", "IACCVIOL: an instruction was fetched from where nothing may be executed; usually a call through a"),
        ("  Illegal use of the EPSR", "INVSTATE: a jump to an address without the Thumb bit"),
        ("  Stacking error (context area might be not valid)", "MSTKERR"),
        ("  Stacking error", "STKERR"),
        ("  Division by zero", "DIVBYZERO"),
        (" xpsr:  0x61000000", "in a thread, not in an exception"),
        (" xpsr:  0x6100001c", "in the handler of IRQ 12 (exception 28)"),
        (" xpsr:  0x61000003", "in the handler of HardFault (exception 3)"),
        (" xpsr:  0x60000000", "T is 0: a jump to an address without the Thumb bit"),
        ("EXC_RETURN: 0xfffffffd", "from a thread, on the process stack (the registers are at psp), no floating-point registers"),
        ("EXC_RETURN: 0xffffffe1", "from a handler, on the main stack (the registers are at msp), floating-point registers too"),
        ("EXC_RETURN: 0x0", "not collected"),
        ("r3/a4:  0x00000000 r12/ip:  0x00000000 r14/lr:  0xfffffff9", "lr: an EXC_RETURN, from a thread, on the main stack"),
        ("Faulting instruction address (r15/pc): 0x00000000", "pc: a jump to address 0; usually a call through a NULL function pointer"),
        (">>> ZEPHYR FATAL ERROR 20: Unknown error on CPU 0", "error 20: an instruction fetch that the MPU refused"),
        (" mcause: 5, Load access fault", "mcause: a load where the PMP or the bus does not allow it"),
        (" mcause: 2, Illegal instruction", "mcause: an instruction that this CPU does not have"),
        ("mcause: 0x80000007", "mcause: no exception but an interrupt: machine timer"),
        ("mcause: 24, unknown", "mcause: a cause that the privileged specification leaves to the chip"),
        ("mcause: 10, unknown", "mcause: a cause that the privileged specification reserves"),
        ("mcause: 14, unknown", "mcause: a cause that the privileged specification reserves"),
        ("mcause: 16, unknown", "mcause: a trap while another was being entered (double trap)"),
        ("mcause: 18, unknown", "mcause: a software check"),
        ("mcause: 19, unknown", "mcause: a hardware error"),
        ("r3/a4:  0x00000000 r12/ip:  0x00000000 r14/lr:  0xffffffff", "lr: 0xffffffff, its value at a reset"),
        ("mstatus: 00001880", "MPP: the trap came from machine mode"),
        ("mstatus: 00000080", "MPP: the trap came from user mode"),
        ("xstatus: 00000008", "MIE: interrupts are let through"),
        ("   mepc: 00000000", "mepc: a jump to address 0"),
    ],
)  # fmt: skip
def test_values_and_texts_are_explained(line, words):
    texts = told(Symbolizer(None, []), "E: ***** HARD FAULT *****", f"E: {line}")
    assert any(words in text for text in texts), texts


@pytest.mark.parametrize("isa", ["arm", "riscv"])
def test_the_address_that_was_touched_is_looked_up(isa, request):
    chip = request.getfixturevalue(isa)
    name = {"arm": "MMFAR Address: 0x", "riscv": " mtval: "}[isa]
    reader = reader_of(chip)

    def said(address):
        return told(reader, f"E: {name}{address:x}")[0]

    told(reader, "E: ***** MPU FAULT *****")
    assert said(0).endswith("= a NULL pointer")
    assert "= a NULL pointer plus 8" in said(8)
    assert "= a NULL pointer minus 16" in said(0xFFFFFFF0)
    assert "-12 (ENOMEM)" in said(0xFFFFFFF4)
    assert "<z_main_thread+0x8>" in said(chip.addresses["z_main_thread"] + 8)
    assert "in the LLEXT heap" in said(chip.heap + 0x40)
    assert "<main+0x2>" in said(chip.addresses["main"] + 2)
    assert "nowhere known" in said(0x60000000)
    told(reader, *loaded(at=AT[isa]))
    assert said(AT[isa]).partition("= ")[2].startswith("bad .text+0x0 <bad+0x0>")


def test_an_address_left_from_an_earlier_fault_is_told_as_such():
    told_of = told(Symbolizer(None, []), "E: CFSR: 0x00008200", "E: MMFAR: 0x20000000", "E: BFAR: 0x60000000")
    assert "MMFAR: left from before, MMARVALID is 0" in told_of
    assert told_of[-1] == "0x60000000 = nowhere known"


def test_the_trap_value_of_an_illegal_instruction_is_no_address():
    texts = told(Symbolizer(None, []), "E:  mcause: 2, Illegal instruction", "E:   mtval: 8")
    assert texts[-1] == "mtval: of an illegal instruction its bits, or 0"


# Words --------------------------------------------------------------------------------------------------------------------


def test_return_addresses_are_told_from_words_that_point_into_code(arm):
    call, main = arm.return_address | 1, arm.addresses["main"]
    lines = told(reader_of(arm), "stack dump:", f"0x{call:08x} 0x{main + 2:08x} 0x{main | 1:08x} {call & ~1:08x} 0x20000100")
    assert [line.partition("zephyr")[0] for line in lines] == [
        f"0x{call:08x} = ", f"0x{main + 2:08x} maybe ", f"0x{main | 1:08x} = ", f"{call & ~1:08x} maybe ",
    ]  # fmt: skip
    assert lines[0].endswith("main.c:11")  # the call, not what comes behind it
    assert "<main+0x0>" in lines[2]


def test_a_hex_dump_is_taken_as_words(arm):
    raw = (0x20000100).to_bytes(4, "little") + (arm.return_address | 1).to_bytes(4, "little")
    line = "E: " + " ".join(f"{byte:02x}" for byte in raw) + "                          |... ....        "
    assert told(reader_of(arm), "E: stack dump:", line)[0].startswith(f"{arm.return_address | 1:#010x} = zephyr .text")


@pytest.mark.parametrize(
    "form", ["[0] 0x{:08x}", "#0  0x{:08x} in ??", "      0: lr: {:08x}", "E: sp: 20000100 ra: {:08X}", "0x20000100:{:08x}"]
)
def test_other_backtraces_have_their_places_too(arm, form):
    line = form.format(arm.return_address | 1)
    assert [text.rpartition("/")[2].partition(" at ")[2] for text in told(reader_of(arm), "E: backtrace:", line)] == [
        "main.c:11"
    ]


def test_a_call_trace_of_riscv_has_its_places(riscv):
    ra = riscv.return_address
    lines = told(
        reader_of(riscv),
        "E: call trace:",
        f"E:       0: sp: 80001590 ra: {ra:08x}",
        f"E:       1: fp: 800015b0 ra: {ra:08X} [main+0x1c]",
    )
    assert [line.partition(" = ")[0] for line in lines] == [f"{ra:08x}", f"{ra:08X}"]
    assert all(line.endswith("main.c:11") for line in lines)


def test_callee_saved_and_float_registers_are_words_too(arm):
    word = f"0x{arm.return_address | 1:08x}"
    lines = [
        f"E: s[ 0]:  0x20000148  s[ 1]:  {word}  s[ 2]:  0x00000000  s[ 3]:  0x00000000",
        f"E: r4/v1:  {word}  r5/v2:  0x00000002  r6/v3:  0x00000000",
    ]
    assert [text.split()[0] for text in told(reader_of(arm), "E: ***** BUS FAULT *****", *lines)] == [word, word]


def test_the_current_thread_is_named(arm):
    reader = reader_of(arm)
    lines = told(
        reader,
        "E: >>> ZEPHYR FATAL ERROR 4: Kernel panic on CPU 0",
        f"E: Current thread: {arm.addresses['z_main_thread']:#x} (unknown)",
    )
    assert lines[-1].endswith("<z_main_thread+0x0>")


def test_a_word_that_lost_a_digit_is_not_looked_up(arm):
    pc = f"{arm.addresses['main']:08x}"
    for text in (f"0x{pc[:7]}", f"0x{pc[:3]}{pc[4:]}", f"0x{pc}0"):
        assert told(reader_of(arm), f"E: Faulting instruction address (r15/pc): {text}") == []


def test_a_core_dump_is_named_once_and_not_decoded(arm):
    lines = ["E: #CD:BEGIN#", "E: #CD:5a4501000300050000000000", f"E: #CD:{arm.addresses['main']:08x}", "E: #CD:END#"]
    assert [text.partition(",")[0] for text in told(reader_of(arm), "E: ***** BUS FAULT *****", *lines)] == [
        "a core dump of Zephyr"
    ]


def test_inlined_calls_are_further_lines(arm):
    reader = reader_of(arm)
    told(reader, *loaded())
    lines = told(reader, f"E: Faulting instruction address (r15/pc): 0x{0x20001C40 + arm.load:08x}")
    assert lines[0].endswith(f"bad .text+{arm.load:#x} <bad+0x{arm.load - arm.bad:x}> in member at bad.c:4")
    assert lines[1:] == ["inlined into bad at bad.c:8"]
    spot = reader.spot(0x20001C40 + arm.load)
    assert (spot.owner, spot.section, spot.symbol, spot.inlined, spot.line) == ("bad", ".text", "bad", "member", 4)
    assert spot.calls[0]._asdict() == {"caller": "bad", "file": "bad.c", "line": 8}


def test_ordinary_lines_have_nothing_to_say(arm):
    word = f"0x{arm.return_address | 1:08x}"
    reader = reader_of(arm)
    assert told(reader, f"I: buffer at {word}", "uart:~$ kernel threads", "") == []
    told(reader, "E: ***** BUS FAULT *****")
    assert told(reader, *["I: tick"] * 50, f"I: buffer at {word}") == []


# Where extensions lie -------------------------------------------------------------------------------------------------------

PC = "E: Faulting instruction address (r15/pc): 0x{:08x}"


def place(reader, address):
    """The owner of a program counter, or why there is none."""
    lines = told(reader, "E: ***** BUS FAULT *****", PC.format(address))
    return next(line for line in lines if line.startswith(f"{address:#010x} = ")).partition(" = ")[2]


def test_several_extensions_and_one_loaded_again_elsewhere(arm):
    (arm.symbols / "other_debug.elf").write_bytes((arm.symbols / "bad_ext_debug.elf").read_bytes())
    try:
        reader = reader_of(arm)
        told(reader, *loaded("bad", 0x20001C40), *loaded("other", 0x20001D00))
        assert place(reader, 0x20001C40).startswith("bad .text")
        assert place(reader, 0x20001D00).startswith("other .text")
        told(reader, *loaded("bad", 0x20001E00))
        assert place(reader, 0x20001E00).startswith("bad .text")
        assert place(reader, 0x20001C40).endswith("in the LLEXT heap, where no extension is known to lie")
    finally:
        (arm.symbols / "other_debug.elf").unlink()


def test_an_extension_at_the_place_of_an_unloaded_one_is_that_one(arm):
    reader = reader_of(arm)
    told(reader, *loaded(), "I: Unloaded extension bad")
    assert place(reader, 0x20001C40).endswith("bad has been unloaded")
    told(reader, *loaded("second"))
    assert place(reader, 0x20001C40).startswith("second .text")
    told(reader, *loaded("third"))  # nobody said that the second went
    assert place(reader, 0x20001C40).startswith("third .text")
    told(reader, "I: Unloaded extension third")
    assert place(reader, 0x20001C40).endswith("third has been unloaded")


def test_after_a_reset_everything_is_gone(arm):
    reader = reader_of(arm)
    told(reader, *loaded())
    assert told(reader, "*** Booting Zephyr OS build v4.2.0 ***") == ["the device starts again: what was loaded is gone"]
    assert place(reader, 0x20001C40).endswith("in the LLEXT heap, where no extension is known to lie")
    assert told(reader, "*** Booting Zephyr OS build v4.2.0 ***") == []


def test_a_lost_line_is_told_with_what_settles_it(arm):
    reader = reader_of(arm)
    lines = told(reader, "D: gdb add-symbol-file flags:", "D: -s .rodata 0x20001d00", "I: Loaded extension bad")
    assert lines[0].startswith("extension bad: where its .text lies is not in the log; to settle it: the line '-s .text 0x...'")
    assert lines[0].endswith("or --at bad:.text=0x...")
    assert place(reader, 0x20001C40).endswith("in the LLEXT heap, where no extension is known to lie")


@pytest.mark.parametrize(
    "words",
    ["Loaded llext: 516 bytes in heap, .text at {}, .rodata at (nil)", "loaded module, .text at {}, .rodata at 0x20001d00"],
)
def test_a_lost_line_is_made_up_by_the_one_with_the_region(arm, words):
    reader = reader_of(arm)
    lines = [
        "D: gdb add-symbol-file flags:",
        "D: -s .rodata.str1.1 0x20001d00",
        f"D: {words.format('0x20001c40')}",
        "I: Loaded extension bad",
    ]
    assert told(reader, *lines) == []
    assert place(reader, 0x20001C40).startswith("bad .text")


def test_a_place_given_by_hand_counts_until_the_log_says_otherwise(arm):
    reader = reader_of(arm, at={"bad": {".text": 0x20001C40}})
    assert place(reader, 0x20001C40).startswith("bad .text")
    assert told(reader, "*** Booting Zephyr OS build v4.2.0 ***", "I: Loaded extension bad") == []
    assert place(reader, 0x20001C40).startswith("bad .text")
    told(reader, *loaded(at=0x20001E00))
    assert place(reader, 0x20001E00).startswith("bad .text")


@pytest.mark.parametrize(
    "lines",
    [
        ["D: add-symbol-file build/llext/bad_ext_debug.elf -s .text 0x20001C40 -s .rodata 0x20001D00"],
        ["add-symbol-file C:\\build\\bad_ext_debug.elf 0x20001c40"],
        ["D: gdb add-symbol-file flags: -s .text 0x20001c40", "I: Loaded extension bad"],
        ["[00:00:00.100,000] <dbg> llext: llext_copy_regions: -s .text 0x20001C40", "[00:00:00.101,000] <inf> llext: Loaded extension bad"],
        ["D: gdb add-symbol-file flags:", "D: -s .te", "xt 0x20001c40", "I: Loaded extension bad"],
        ["D: gdb add-symbol-file flags:", "D: -s .text", "0x20001c40", "I: Loaded extension bad"],
        ["D: gdb add-symbol-file flags:", "D: -s .text 0x20001", "c40", "I: Loaded extension bad"],
        ["D: gdb add-symbol-file flags:", "D: -s .text 0x2", "0001c", "40", "I: Loaded extension bad"],
        ["D: gdb add-symbol-file flags:", "D: -s .text 0x20001c40", "42", "I: Loaded extension bad"],
        ["D: gdb add-symbol-file flags:", "D: -s", "D: .text 0x20001c40", "I: Loaded extension bad"],
        ["D: gdb add-symbol-file flags:", "D: -s .text 0x", "20001c40", "I: Loaded extension bad"],
        ["D: gdb add-symbol-file flags:", "I: between", "\x1b[0mD: -s .text 0x20001c40\x1b[0m", "W: between", "\x1b[32mI: Loaded extension bad\x1b[0m"],
        ["D: gdb add-symbol-file flags:\0", "D: -s .text 0x20001c40\0", "I: Loaded extension bad\0"],
        ["D: gdb add-symbol-file flags:", "D: -s .text 0x20001c40", "Calling hello of bad"],
        ["Loading extension [bad] (6200 bytes)", "D: gdb add-symbol-file flags:", "D: -s .text 0x20001c40"],
        ["D: gdb add-symbol-file flags:", "D: -s .text 0x20001c40", "Successfully loaded extension bad, addr 0x20000800"],
        ["W: -s (out of bounds section name string table index) 0x20001c00", "D: -s .text 0x20001c40", "I: Loaded extension bad"],
    ],
)  # fmt: skip
def test_all_forms_of_places_are_taken(arm, lines):
    reader = reader_of(arm)
    told(reader, *lines)
    assert place(reader, 0x20001C40).startswith("bad .text+0x0 <bad+0x0>")


def test_a_load_at_another_log_level_is_told_with_what_settles_it(arm):
    lines = told(reader_of(arm), "I: Loaded extension bad")
    assert lines[0].startswith("extension bad: where its .text lies is not in the log; to settle it:")
    assert "CONFIG_LLEXT_LOG_LEVEL_DBG=y" in lines[0]


def test_unloading_what_was_never_seen_to_load_says_nothing(arm):
    assert told(reader_of(arm), "I: Unloaded extension bad") == []


def test_a_file_of_another_name_that_is_the_only_one_is_told(arm):
    reader = reader_of(arm)
    assert told(reader, *loaded("my_ext")) == ["extension my_ext: taken to be bad_ext_debug.elf, the only file there is"]
    assert place(reader, 0x20001C40).startswith("my_ext .text")


def test_a_name_that_was_guessed_is_told(arm):
    reader = reader_of(arm)
    told(reader, "D: gdb add-symbol-file flags:", "D: -s .text 0x20001c40")
    assert told(reader, "E: ***** BUS FAULT *****") == ["taken for extension bad: the log does not say which one was loaded"]
    unnamed = Symbolizer(arm.firmware, [])
    told(unnamed, "D: gdb add-symbol-file flags:", "D: -s .text 0x20001c40")
    assert "whose name is not in the log" in told(unnamed, "E: ***** BUS FAULT *****")[0]


def test_a_load_that_failed_places_nothing(arm):
    reader = reader_of(arm)
    told(reader, "D: gdb add-symbol-file flags:", "D: -s .text 0x20001c40", "D: Failed to load extension: -8")
    assert place(reader, 0x20001C40).endswith("in the LLEXT heap, where no extension is known to lie")


def test_an_address_with_other_output_within_is_not_taken(arm):
    reader = reader_of(arm)
    told(reader, "D: gdb add-symbol-file flags:", "D: -s .text 0x2000E: sensor 1c40", "I: Loaded extension bad")
    assert reader.places.loads["bad"].places == {}
    good = f"0x{arm.return_address | 1:08x}"
    mixed = f"E: r3/a4:  0x0000I: temperature 21 0000 r12/ip:  0x4f00 1000 r14/lr:  {good}"
    assert [text.split()[0] for text in told(reader, mixed)] == [good]


@pytest.mark.parametrize(
    "more",
    [
        ["c40 I: sensor", "I: Loaded extension bad"],
        ["c40I: Loaded extension bad"],
        ["c40[00:00:00.1] <inf> llext: Loaded extension bad"],
    ],
)
def test_an_address_that_may_go_on_in_other_output_is_not_taken(arm, more):
    reader = reader_of(arm)
    texts = told(reader, "D: gdb add-symbol-file flags:", "D: -s .text 0x20001", *more)
    assert reader.places.loads["bad"].places == {}
    assert texts[0].startswith("extension bad: where its .text lies is not in the log")


def test_an_address_at_the_end_of_what_is_searched_is_whole_or_not_taken(arm):
    for fill in range(4060, 4100):
        reader = reader_of(arm)
        told(reader, "x" * fill + " -s .text 0x20001c40 and more", "I: Loaded extension bad")
        assert reader.places.loads["bad"].places in ({}, {".text": 0x20001C40})


def test_an_address_of_few_digits_is_one(arm):
    reader = reader_of(arm)
    lines = ["D: -s .text 0x8000", "D: -s .rodata 0x9000", "Failing over", "I: Loaded extension bad"]
    told(reader, "D: gdb add-symbol-file flags:", *lines)
    assert reader.places.loads["bad"].places == {".text": 0x8000, ".rodata": 0x9000}


def test_colours_within_a_line_do_not_hide_an_address(arm):
    pc = f"{arm.addresses['main']:08x}"
    assert told(reader_of(arm), f"E: Faulting instruction address (r15/pc): 0x\x1b[1m{pc[:4]}\x1b[0m{pc[4:]}")[0].startswith(
        f"0x{pc} = zephyr"
    )


def test_the_firmware_of_another_device_is_no_traceback(arm, riscv):
    assert DATA["arm"] != DATA["riscv"]
    reader = reader_of(riscv)
    assert place(reader, arm.addresses["main"]).startswith("in no code")
