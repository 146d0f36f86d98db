"""The console of a guest that prints without end: its end is kept, all of it is handed on."""

import json
import subprocess
import sys

import pytest
from conftest import ROOT

from llext import Board, GuestFault

LIMIT = 1 << 20
ENDLESS = """
void endless(void)
{
	for (unsigned int n = 0;; n++) printk("%8u%4000s", n, "|");
}
void times(unsigned int count) { for (unsigned int n = 0; n < count; n++) printk("%8u%4000s", n, "|"); }
void wide(unsigned int count) { while (count--) printk("\\xe2\\x82\\xac"); }
void tails(unsigned int count) { while (count--) printk("\\x80\\x80\\x80\\x80"); }
EXPORT_SYMBOL(endless); EXPORT_SYMBOL(times); EXPORT_SYMBOL(wide); EXPORT_SYMBOL(tails);
"""
PIECE = 4008


def test_a_guest_that_prints_without_end_is_stopped_and_only_the_end_is_kept(build):
    handed = [0]

    def listen(piece):
        handed[0] += len(piece)
        if handed[0] > 8 * LIMIT:
            board.interrupt()

    with Board(output=listen, timeout=600) as board:
        extension = board.load(build(ENDLESS))
        with pytest.raises(GuestFault, match="interrupted"):
            extension.call("endless")
        assert handed[0] > 8 * LIMIT
        assert len(board.kernel.console) == LIMIT
        assert board.console_dropped == handed[0] - LIMIT
        assert board.console.endswith("|")


def test_what_is_kept_are_the_newest_bytes(build):
    pieces = []
    with Board(output=pieces.append, timeout=600) as board:
        times = board.load(build(ENDLESS)).fn("times")
        times(LIMIT // PIECE)
        assert (board.console, board.console_dropped) == (b"".join(pieces).decode(), 0)
        times(100)
        whole = b"".join(pieces).decode()
        assert board.console == whole[-LIMIT:]
        assert board.console_dropped == len(whole) - LIMIT


def test_one_piece_that_is_larger_than_the_rest_of_the_room_is_kept_in_full(build):
    with Board(timeout=600) as board:
        board.kernel.write_console(b"a" * 10)
        board.kernel.write_console(b"b" * LIMIT)
        assert (board.console, board.console_dropped) == ("b" * LIMIT, 10)
        board.kernel.write_console(b"c" * (LIMIT + 5))
        assert (board.console, board.console_dropped) == ("c" * LIMIT, 10 + LIMIT + 5)


def test_what_is_kept_begins_with_a_whole_character(build):
    with Board(timeout=600) as board:
        board.kernel.write_console("€".encode() * (LIMIT // 3 - 900))
        board.load(build(ENDLESS)).fn("wide")(1000)
        assert set(board.console) == {"€"}
        assert len(board.console) == LIMIT // 3
        assert len(board.console) * 3 + board.console_dropped == 3 * (LIMIT // 3 + 100)


def test_bytes_that_are_no_characters_are_kept_too(build):
    with Board(timeout=600) as board:
        board.kernel.write_console(b"\x80" * (LIMIT - 3600))
        board.load(build(ENDLESS)).fn("tails")(1000)
        assert LIMIT - 3 <= len(board.kernel.console) <= LIMIT
        assert len(board.kernel.console) + board.console_dropped == LIMIT + 400


def _run(tmp_path, *words):
    source = tmp_path / "talks.c"
    source.write_text("#include <zephyr/kernel.h>\n#include <zephyr/llext/symbol.h>\n" + ENDLESS)
    command = [sys.executable, "-m", "llext", "run", str(source), "--call", "void times(unsigned int)(1000)", *words]
    return subprocess.run(command, capture_output=True, cwd=ROOT, timeout=120, check=True).stdout


def test_the_command_line_prints_all_of_it(tmp_path):
    assert len(_run(tmp_path)) == 1000 * PIECE


def test_json_has_the_end_and_says_how_much_went_before(tmp_path):
    shown = json.loads(_run(tmp_path, "--json"))
    assert len(shown["console"]) == LIMIT
    assert shown["console_dropped"] == 1000 * PIECE - LIMIT


SPRINTF = """
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
static int to(char *out, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	const int length = vsprintf(out, format, arguments);
	va_end(arguments);
	return length;
}
static int say(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	const int length = vprintf(format, arguments);
	va_end(arguments);
	return length;
}
void formats(void)
{
	char one[32], two[32];
	const int a = sprintf(one, "%d-%s", 41, "x"), b = to(two, "%05x", 0xBEEF);
	const int c = say("%s %s|", one, two);
	printf("%d %d %d\\n", a, b, c);
}
void leaves(void) { exit(3); }
EXPORT_SYMBOL(formats);
EXPORT_SYMBOL(leaves);
"""


def test_sprintf_and_its_like_format_as_snprintf_does(load, board):
    load(SPRINTF).call("formats")
    assert board.console == "41-x 0beef|4 5 11\n"


def test_exit_says_so_and_never_returns(load, board):
    with pytest.raises(GuestFault, match="main waits in k_sleep"):
        load(SPRINTF).call("leaves")
    assert board.console == "exit\n"
