# SPDX-License-Identifier: Apache-2.0
"""The same commands from Python: a command is typed, and its answer is looked at."""

from pathlib import Path

from session import hex_of, load

from llext import Board

HERE = Path(__file__).parent
PROMPT = "uart:~$ "


def ask(board: Board, command: str) -> str:
    """What shell_host says to a command."""
    before = len(board.console)
    board.console.send(command + "\n")
    board.run()  # until it waits for the next one
    return board.console[before:].removeprefix(command + "\n").removesuffix(PROMPT)


with Board("mps2/an385", app=HERE) as board:
    board.boot()
    board.run()
    counter = hex_of(HERE / "counter.c")
    for name in ("one", "two"):
        assert ask(board, load(name, counter)).startswith(f"Successfully loaded extension {name}, addr ")
    print(ask(board, "llext list"), end="")
    board.by_name("two").call("reset")  # what a command has loaded is there for Python too
    for name in ("one", "two"):
        print(name, ask(board, f"llext call_fn {name} count"), end="")
    assert ask(board, "llext unload three") == "No such extension three\n"
