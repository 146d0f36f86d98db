"""An application from Python: booted, called, and loaded into beside what its main loads."""

import pytest
from zephyr_apps import expected

from llext import Board, UsageError

BOARD = "mps2/an385"


@pytest.fixture
def station(copies):
    """The application's folder; building it takes place once."""
    return copies.app("station", "python")


def test_it_boots_runs_and_is_called(station):
    with Board(app=station) as board:
        board.boot()
        board.run_for(ms=50)
        assert "beat" not in board.console
        board.run_for(ms=200)
        assert board.console == expected("station")
        assert board.call("main_helper", 3) == 25
        assert board.by_name("built_in").use_count == 1


def test_an_extension_is_loaded_beside_and_calls_python(station):
    asked = []
    with Board(app=station) as board:

        @board.export
        def thermometer(channel: int) -> int:
            asked.append(channel)
            return 40 + channel

        board.boot()
        board.run_for(ms=10)
        beside = board.load(station / "build" / "llext" / "beside_ext.llext")
        assert beside.fn("measure_outside")(6) == (20 + 24 + 46) // 3
        assert [each.name for each in board.extensions] == ["built_in", "beside_ext"]
        for _ in range(5):
            beside.fn("measure_outside")(1)
        assert beside.fn("measure_outside")(1) == -1
        assert "<wrn> station: full after 8 samples" in board.console
        assert asked == [6, 1, 1, 1, 1, 1, 1]
        board.unload(beside)
        assert board.call("main_helper", 0) == board.call("sample_mean")


def test_what_it_does_not_have_is_told_with_what_is_near(station):
    with Board(app=station) as board:
        board.boot()
        with pytest.raises(UsageError, match="main_helper"):
            board.call("main_helpr", 1)


def test_boards_are_named_by_the_application(station):
    with Board(app=station, name=None) as board:
        assert board.target.name == BOARD
