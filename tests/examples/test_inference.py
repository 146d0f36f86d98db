"""The network of the example gives, score by score, what the same weights give in plain Python."""

import random
import re

import pytest
from conftest import ROOT

from llext import Board
from llext.build.firmware import Project, build_application

FOLDER = ROOT / "examples" / "inference"


def constants(name):
    text = (FOLDER / "src" / name).read_text()
    lists = {
        each["name"]: [int(word) for word in re.findall(r"-?\d+", each["body"])]
        for each in re.finditer(r"(?P<name>\w+)\[\d+\] = \{(?P<body>.*?)\}", text, re.DOTALL)
    }
    return lists, [int(word) for word in re.findall(r"#define FACTOR_\d (\d+)", text)]


def scores(picture, known):
    """Ten scores by whole numbers without bounds; // rounds down, as the shift of a negative number does."""
    lists, factors = known
    values = picture
    for layer, factor in enumerate(factors, 1):
        weights, biases = lists[f"weights_{layer}"], lists[f"biases_{layer}"]
        rows = [weights[at : at + len(values)] for at in range(0, len(weights), len(values))]
        sums = [bias + sum(w * v for w, v in zip(row, values, strict=True)) for row, bias in zip(rows, biases, strict=True)]
        assert all(-(2**31) <= each < 2**31 for each in sums)
        low = -128 if layer == len(factors) else 0
        values = [max(low, min(127, (each * factor + 2**23) // 2**24)) for each in sums]
    return values


@pytest.fixture(scope="module", params=["mps2/an385", "qemu_riscv32"])
def infer(request, tmp_path_factory):
    elf = build_application(Project.of(FOLDER, tmp_path_factory.mktemp("inference") / "build", request.param))
    with Board(app=elf) as board:
        function = board.load(elf.parents[1] / "llext" / "digits_ext.llext").fn("infer")

        def call(picture):
            out = bytearray(10)
            best = function(bytes(value & 255 for value in picture), out)
            return best, [byte - 256 if byte > 127 else byte for byte in out]

        yield call


def test_scores_are_those_of_plain_python(infer):
    known, chance = constants("weights.h"), random.Random(3)
    drawn = constants("pictures.h")[0]["pictures"]
    pictures = [drawn[at : at + 64] for at in range(0, len(drawn), 64)]
    pictures += [[chance.randint(0, 127) for _ in range(64)] for _ in range(100)]
    pictures += [[0] * 64, [127] * 64, [-128] * 64, [chance.choice((-128, 127)) for _ in range(64)]]
    for picture in pictures:
        expected = scores(picture, known)
        assert infer(picture) == (expected.index(max(expected)), expected)


def test_weights_are_of_eight_bits_and_their_number_is_that_of_the_layers():
    lists, factors = constants("weights.h")
    assert [len(lists[f"weights_{n}"]) for n in (1, 2, 3)] == [64 * 32, 32 * 16, 16 * 10]
    assert all(-128 <= each <= 127 for n in (1, 2, 3) for each in lists[f"weights_{n}"])
    assert len(factors) == 3
