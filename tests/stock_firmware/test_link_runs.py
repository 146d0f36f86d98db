"""Images of llext link run: on an emulated CPU with nothing but the firmware's bytes, and called by an application's own C code."""

import io
import subprocess

import pytest
from elftools.elf.elffile import ELFFile
from other_linkers import AT, BOARDS, VARIABLES, firmware_for
from unicorn import Uc, arm_const, riscv_const, unicorn_const

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.firmware import Firmware
from llext.target import load_target

# What an extension can have: calls of the firmware and of its own, constants, strings, switch tables, pointers, first values, zeroed memory,
# constructors, 64-bit arithmetic by helpers.
WORK = """static int total = 40;
static unsigned char seen[300];
static const int squares[] = {0, 1, 4, 9, 16, 25, 36, 49};
static const char *const texts[] = {"zero", "one", "two"};
static int add(int a, int b) { return a + b; }
static int take(int a, int b) { return a - b; }
static int (*const steps[])(int, int) = {add, take};
__attribute__((constructor)) static void up(void) { total += 2; printk("up"); }
__attribute__((noinline)) static int choose(int n)
{
    switch (n) {
    case 0: return total;
    case 1: printk("%s", texts[n]); return squares[5];
    case 2: return steps[seen[7]](50, 8);
    case 3: seen[7] = 1; return seen[299];
    case 4: total += 100; return total;
    case 5: return (int)(0x123456789abcdefLL / (total + 1));
    case 6: return texts[2][1];
    case 7: printk("seven"); return -7;
    default: return -1;
    }
}
int work(int n) { return choose(n); }
EXPORT_SYMBOL(work);
int calls(void) { return k_uptime_get_32() + 1; }
EXPORT_SYMBOL(calls);
"""
CALLS = (0, 2, 3, 2, 4, 1, 5, 6, 7, 9, 0)
PROLOGUE = "#include <zephyr/kernel.h>\n#include <zephyr/llext/symbol.h>\n"
HOST = """#include <stdio.h>
#define EXPORT_SYMBOL(x)
#define printk(...) ((void)0)
static int k_uptime_get_32(void) { return 0; }
%s
int main(void) { int asked[] = {%s}; for (unsigned i = 0; i < sizeof asked / sizeof *asked; i++) printf("%%d ", work(asked[i])); }
"""


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What the same C computes on this computer."""
    from llext.build.toolchain import zig_program

    folder = tmp_path_factory.mktemp("host")
    (folder / "host.c").write_text(HOST % (WORK, ", ".join(map(str, CALLS))))
    subprocess.run([str(zig_program()), "cc", "-fwrapv", "host.c", "-o", "host"], check=True, cwd=folder)
    return [int(word) for word in subprocess.run([folder / "host"], capture_output=True, check=True).stdout.split()]


RETURN = {"arm": b"\x70\x47", "riscv": b"\x82\x80"}  # bx lr; c.jr ra


class Device:
    """A CPU and memory: the firmware's segments, the image, and what llext link says that the device must do."""

    def __init__(self, isa, firmware, made):
        arm = isa == "arm"
        self.isa = isa
        self.uc = (
            Uc(unicorn_const.UC_ARCH_ARM, unicorn_const.UC_MODE_THUMB)
            if arm
            else Uc(unicorn_const.UC_ARCH_RISCV, unicorn_const.UC_MODE_RISCV32)
        )
        if arm:
            self.uc.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_M4)
        const, prefix = (arm_const, "UC_ARM_REG_") if arm else (riscv_const, "UC_RISCV_REG_")
        self.register = {name: getattr(const, prefix + name) for name in (("R0", "LR", "SP") if arm else ("A0", "RA", "SP"))}
        self.mapped = set()
        with firmware.open("rb") as file:
            for segment in ELFFile(file).iter_segments():
                if segment["p_type"] == "PT_LOAD" and segment["p_memsz"]:
                    self.put(segment["p_paddr"], segment.data())
        self.put(made.load_address, made.image)
        for region in made.regions:  # nothing may rest on memory being zero at first
            if region.permission == "rw" and (made.copies or region.name == "bss"):
                self.put(region.address, b"\xa5" * region.size)
        self.stack = max(self.mapped) + 0x100000
        self.put(self.stack - 0x2000, bytes(0x2000))
        self.called = []
        for name, address in made.imports.items():
            self.put(address & ~1, RETURN[isa])
            self.uc.hook_add(
                unicorn_const.UC_HOOK_CODE, lambda *_, name=name: self.called.append(name), begin=address & ~1, end=address & ~1
            )
        self.bring_up(made)

    def put(self, address, data):
        for page in range(address & ~0xFFF, address + len(data), 0x1000):
            if page not in self.mapped:
                self.mapped.add(page)
                self.uc.mem_map(page, 0x1000)
        self.uc.mem_write(address, bytes(data))

    def bring_up(self, made):
        for copy in made.copies:
            self.uc.mem_write(copy.target, bytes(self.uc.mem_read(copy.source, copy.size)))
        for zeroed in made.zeroed:
            self.uc.mem_write(zeroed.address, bytes(zeroed.size))
        for array in made.init:
            for at in range(array.address, array.address + 4 * len(array.functions), 4):
                self.call(int.from_bytes(self.uc.mem_read(at, 4), "little"))

    def call(self, address, argument=0):
        first, link, stack = self.register.values()
        end = self.stack - 0x2000
        self.uc.reg_write(first, argument & 0xFFFFFFFF)
        self.uc.reg_write(link, end | (self.isa == "arm"))
        self.uc.reg_write(stack, self.stack)
        self.uc.emu_start(address, end, count=1_000_000)
        value = self.uc.reg_read(first)
        return value - (value >> 31 << 32)


@pytest.mark.parametrize("ram", [True, False], ids=["ram", "together"])
@pytest.mark.parametrize("toolchain", ["zig", pytest.param("gcc", marks=pytest.mark.tools)])
@pytest.mark.parametrize("isa", ["arm", "riscv"])
def test_an_image_computes_what_this_computer_does(tmp_path, build, expected, isa, toolchain, ram):
    path = build(WORK, board=BOARDS[isa], toolchain=toolchain)
    firmware = firmware_for(tmp_path, isa, path)
    made = firmware.link(path, at=AT[isa], ram=VARIABLES[isa] if ram else None)
    device = Device(isa, firmware.image.path, made)
    assert device.called == ["printk"]  # the constructor
    assert [device.call(made.exports["work"], n) for n in CALLS] == expected
    assert device.called == ["printk"] * 3


@pytest.mark.parametrize(
    ("isa", "flags", "far"), [("arm", ("-mno-long-calls",), 0x10000000), ("riscv", ("-fPIC",), 0x40000000)]
)
@pytest.mark.parametrize("where", ["near", "far"])
def test_calls_reach_the_firmware_from_wherever_the_image_is(tmp_path, expected, isa, flags, far, where):
    """Near calls that need veneers; a global offset table."""
    source = tmp_path / "work.c"
    source.write_text(PROLOGUE + WORK)
    path = build_extension([source], tmp_path / "work.llext", load_target(BOARDS[isa]), BuildOptions(cflags=flags)).output
    firmware = firmware_for(tmp_path, isa, path)
    made = firmware.link(path, at=AT[isa] if where == "near" else far, ram=VARIABLES[isa])
    assert bool(made.veneers) == (isa == "arm" and where == "far")
    device = Device(isa, firmware.image.path, made)
    assert [device.call(made.exports["work"], n) for n in CALLS] == expected
    assert device.called == ["printk"] * 3


MAIN = """#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include <string.h>
EXPORT_SYMBOL(printk);
int call(int address, int n) { return ((int (*)(int))address)(n); }
EXPORT_SYMBOL(call);
int run_array(int first, int count)
{
    for (int i = 0; i < count; i++)
        ((void (*const *)(void))first)[i]();
    return count;
}
EXPORT_SYMBOL(run_array);
int copy(int to, int from, int size) { memcpy((void *)to, (const void *)from, size); return 0; }
EXPORT_SYMBOL(copy);
int zero(int at, int size) { memset((void *)at, 0, size); return 0; }
EXPORT_SYMBOL(zero);
int main(void) { return 0; }
"""


@pytest.mark.parametrize("isa", ["arm", "riscv"])
def test_an_application_calls_an_image_by_its_address(application, build, expected, isa):
    """Linked for a zephyr.elf that was built here; its own C code does what docs/link.md says that a device must do."""
    elf = application(MAIN, "CONFIG_LLEXT=y\nCONFIG_ARM_MPU=n\n" if isa == "arm" else "CONFIG_LLEXT=y\n", board=BOARDS[isa])
    path = build(WORK.replace("k_uptime_get_32()", "0"), board=BOARDS[isa])
    base = {"arm": 0x20100000, "riscv": 0x80400000}[isa]
    made = Firmware(elf).link(path, at=base, ram=base + 0x10000)
    with Board(app=elf, mpu=False) as board:
        board.boot()
        board.memory.write(made.load_address, made.image)
        (copy,), (zeroed,), (array,) = made.copies, made.zeroed, made.init
        board.memory.write(zeroed.address, b"\xa5" * zeroed.size)
        board.call("copy", copy.target, copy.source, copy.size)
        board.call("zero", zeroed.address, zeroed.size)
        assert board.call("run_array", array.address, len(array.functions)) == 1
        assert [board.call("call", made.exports["work"], n) for n in CALLS] == expected
        assert "uponeseven" in board.console.replace("\r", "")


def test_the_elf_alone_is_enough_to_run_it(tmp_path, build, expected):
    """Its program headers say where a debugger's 'load' puts what."""
    path = build(WORK)
    firmware = firmware_for(tmp_path, "arm", path)
    made = firmware.link(path, at=AT["arm"], ram=VARIABLES["arm"])
    device = Device("arm", firmware.image.path, made)
    device.uc.mem_write(made.load_address, bytes(len(made.image)))
    for segment in ELFFile(io.BytesIO(made.elf)).iter_segments():
        device.uc.mem_write(segment["p_paddr"], segment.data())
    device.bring_up(made)
    assert [device.call(made.exports["work"], n) for n in CALLS] == expected
