"""C code that carries out a row of bytes and tells what came of it, built three times: for the host and for two boards."""

import ctypes
import subprocess
from contextlib import ExitStack

from conftest import need

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.build.toolchain import HEADERS
from llext.target import load_target

BOARDS = ("mps2/an385", "qemu_riscv32")
TAKES = """
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
static uint8_t *out;
static int filled;
static void tell(int byte) { out[filled++] = (uint8_t)byte; }
"""
"""In front of the text, which defines static void carry_out(const uint8_t *ops, int count)."""
ENTRY = """
int run(const uint8_t *ops, int count, uint8_t *to)
{
	out = to;
	filled = 0;
	carry_out(ops, count);
	return filled;
}
EXPORT_SYMBOL(run);
"""


class Interpreters:
    """The same code on the host and on boards; all must tell the same."""

    def __init__(self, folder, text, room=1 << 16):
        need("gcc")
        self.room = room
        source = folder / "interpreter.c"
        source.write_text(TAKES + text + ENTRY)
        command = ["gcc", "-std=gnu11", "-ffreestanding", "-O2", "-Wall", "-Wno-unused-function", "-Werror", "-shared", "-fPIC"]
        command += ["-fsanitize=undefined", "-fno-sanitize-recover", "-DON_HOST"]
        command += ["-I", HEADERS, "-isystem", HEADERS / "libc", source, "-o", folder / "host.so"]
        subprocess.run([str(word) for word in command], check=True)
        self.host = ctypes.CDLL(str(folder / "host.so")).run
        self.stack = ExitStack()
        self.functions = []
        for name in BOARDS:
            output = folder / f"{name.replace('/', '-')}.llext"
            built = build_extension([source], output, load_target(name), BuildOptions(optimize="2")).output
            board = self.stack.enter_context(Board(name))
            prototype = "int run(const uint8_t *ops, int count, uint8_t *to)"
            self.functions.append(board.load(built).fn("run", prototype))

    def run(self, ops):
        """What the host tells; fails where a board tells something else."""
        target = ctypes.create_string_buffer(self.room)
        told = target.raw[: self.host(ops, len(ops), target)]
        told = target.raw[: len(told)]
        for function in self.functions:
            out = bytearray(len(told) + 16)
            assert function(ops, len(ops), out) == len(told)
            assert bytes(out[: len(told)]) == told
        return told
