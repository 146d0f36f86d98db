# SPDX-License-Identifier: Apache-2.0
"""Trains the network of this example, and writes it as 8-bit numbers: src/weights.h, and test pictures: src/pictures.h.

The pictures are drawn here: ten glyphs of 5 x 7 dots, moved, slanted, blurred, of varying strength and with noise, on 8 x 8 points
of 0 to 127. It is no set of anybody's handwriting. Run it where numpy is: python examples/inference/train.py
"""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
GLYPHS = """
.###. ..#.. .###. .###. ...#. ##### ..##. ##### .###. .###.
#...# .##.. #...# #...# ..##. #.... .#... ....# #...# #...#
#..## ..#.. ....# ....# .#.#. ####. #.... ...#. #...# #...#
#.#.# ..#.. ...#. ..##. #..#. ....# ####. ..#.. .###. .####
##..# ..#.. ..#.. ....# ##### ....# #...# ..#.. #...# ....#
#...# ..#.. .#... #...# ...#. #...# #...# ..#.. #...# ...#.
.###. .###. ##### .###. ...#. .###. .###. ..#.. .###. .##..
"""
LAYERS = (64, 32, 16, 10)


def glyphs() -> np.ndarray:
    """The ten figures, 7 x 5 dots each of 0 or 1."""
    rows = [line.split() for line in GLYPHS.split("\n") if line]
    return np.array([[[dot == "#" for dot in row[digit]] for row in rows] for digit in range(10)], float)


def draw(chance: np.random.Generator, digit: int, shapes: np.ndarray) -> np.ndarray:
    """One picture of a figure, 64 points of 0 to 127."""
    big = np.kron(shapes[digit], np.ones((4, 4)))
    picture = np.zeros((32, 32))
    top, left = chance.integers(0, 5), chance.integers(2, 11)
    slant = chance.uniform(-0.35, 0.35)
    for row in range(28):
        shift = round(slant * (14 - row))
        at = np.clip(left + shift + np.arange(20), 0, 31)
        picture[top + row, at] = np.maximum(picture[top + row, at], big[row])
    small = picture.reshape(8, 4, 8, 4).mean((1, 3)) * chance.uniform(0.6, 1.0)
    small += chance.normal(0, 0.12, (8, 8))
    return np.round(np.clip(small, 0, 1) * 127).astype(np.int8).ravel()


def pictures(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """So many pictures, and which figures they are of."""
    chance, shapes = np.random.default_rng(seed), glyphs()
    labels = chance.integers(0, 10, count)
    return np.array([draw(chance, digit, shapes) for digit in labels]), labels


def trained(x: np.ndarray, labels: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and biases of each layer, by gradient descent with momentum on the cross-entropy."""
    chance = np.random.default_rng(1)
    net = [(chance.normal(0, np.sqrt(2 / m), (n, m)), np.zeros(n)) for m, n in pairwise(LAYERS)]
    speed = [(np.zeros_like(w), np.zeros_like(b)) for w, b in net]
    wanted = np.eye(10)[labels]
    for epoch in range(60):
        order = chance.permutation(len(x))
        for at in range(0, len(x), 50):
            some = order[at : at + 50]
            values = [x[some]]
            for layer, (w, b) in enumerate(net):
                z = values[-1] @ w.T + b
                values.append(np.maximum(z, 0) if layer < 2 else z)
            e = np.exp(values[-1] - values[-1].max(1, keepdims=True))
            error = (e / e.sum(1, keepdims=True) - wanted[some]) / len(some)
            for layer in (2, 1, 0):
                w, b = net[layer]
                step = error.T @ values[layer] + 1e-4 * w, error.sum(0)
                error = (error @ w) * (values[layer] > 0)
                rate = 0.1 * 0.96**epoch
                speed[layer] = tuple(0.9 * s - rate * g for s, g in zip(speed[layer], step, strict=True))
                net[layer] = w + speed[layer][0], b + speed[layer][1]
    return net


def quantised(net: list, x: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, int]]:
    """The layers in 8 bits: weights, biases at the accumulator's scale, and what its sum is multiplied by, in 2**-24."""
    layers, scale, values = [], 1 / 127, x
    for layer, (w, b) in enumerate(net):
        step = np.abs(w).max() / 127
        values = values @ w.T + b
        values = np.maximum(values, 0) if layer < 2 else values
        out = np.abs(values).max() / 127
        layers.append(
            (np.round(w / step).astype(int), np.round(b / (scale * step)).astype(int), round(scale * step / out * 2**24))
        )
        scale = out
    return layers


def inferred(layers: list, x: np.ndarray) -> np.ndarray:
    """What the extension computes, by numpy: int8 values of the last layer for each picture."""
    values = x.astype(np.int64)
    for layer, (weights, biases, factor) in enumerate(layers):
        values = ((values @ weights.T + biases) * factor + (1 << 23)) >> 24
        values = np.clip(values, 0 if layer < 2 else -128, 127)
    return values


def parsed(text: str) -> list[tuple[np.ndarray, np.ndarray, int]]:
    """The layers that a weights.h holds."""
    lists = [
        np.array([int(word) for word in body.replace(",", " ").split()]) for body in re.findall(r"\{(.*?)\}", text, re.DOTALL)
    ]
    factors = [int(word) for word in re.findall(r"FACTOR_\d (\d+)", text)]
    return [(lists[2 * n].reshape(LAYERS[n + 1], LAYERS[n]), lists[2 * n + 1], factor) for n, factor in enumerate(factors)]


def array(name: str, kind: str, numbers: np.ndarray) -> str:
    """A constant of C."""
    flat = [str(number) for number in numbers.ravel()]
    rows = ",\n".join("\t" + ", ".join(flat[at : at + 24]) for at in range(0, len(flat), 24))
    return f"static const {kind} {name}[{len(flat)}] = {{\n{rows},\n}};\n"


def main() -> None:
    """Trains, quantises, writes, and says how good both are on pictures that training has not seen."""
    x, labels = pictures(2026, 6000)
    net = trained(x / 127, labels)
    layers = quantised(net, x / 127)
    text = "/* SPDX-License-Identifier: Apache-2.0. Made by train.py. */\n"
    for number, (weights, biases, factor) in enumerate(layers, 1):
        text += array(f"weights_{number}", "int8_t", weights) + array(f"biases_{number}", "int32_t", biases)
        text += f"#define FACTOR_{number} {factor}\n"
    (HERE / "src/weights.h").write_text(text, "utf-8")

    unseen, truth = pictures(8, 2000)
    values = unseen / 127
    for layer, (w, b) in enumerate(net):
        values = values @ w.T + b
        values = np.maximum(values, 0) if layer < 2 else values
    print(f"float: {(values.argmax(1) == truth).mean():.2%}, int8: {(inferred(layers, unseen).argmax(1) == truth).mean():.2%}")
    many, figures = pictures(5, 400)
    few = np.array([many[figures.tolist().index(figure)] for figure in (2, 0, 4, 6, 8, 9)])
    (HERE / "src/pictures.h").write_text(
        "/* SPDX-License-Identifier: Apache-2.0. Made by train.py: pictures that training has not seen. */\n"
        + array("pictures", "int8_t", few),
        "utf-8",
    )


if __name__ == "__main__":
    main()
