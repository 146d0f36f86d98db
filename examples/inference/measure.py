# SPDX-License-Identifier: Apache-2.0
"""Lets the extension read pictures that training has not seen, and compares it with numpy, score by score."""

from pathlib import Path

from train import inferred, parsed, pictures

from llext import Board

HERE = Path(__file__).parent


def main() -> None:
    """Prints how many are right, which are taken for which, and how many scores differ."""
    images, truth = pictures(11, 500)
    expected = inferred(parsed((HERE / "src/weights.h").read_text("utf-8")), images)
    right, differ, wrong = 0, 0, []
    with Board("mps2/an385", app=HERE) as board:
        infer = board.load(HERE / "build/llext/digits_ext.llext").fn("infer")
        for image, figure, scores in zip(images, truth, expected, strict=True):
            out = bytearray(10)
            read = infer(image.tobytes(), out)
            differ += [byte - 256 * (byte > 127) for byte in out] != scores.tolist()
            right += read == figure
            wrong += [f"{figure} for {read}"] if read != figure else []
    print(f"{right} of {len(images)} are read rightly; taken wrongly: {', '.join(sorted(wrong))}")
    print(f"pictures whose ten scores are not those of numpy: {differ}")


if __name__ == "__main__":
    main()
