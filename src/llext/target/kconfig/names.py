"""Names that no Kconfig file defines: slips of the pen, or options of Zephyr's that have nothing behind them here.

Stopping a build for an option of some part that we do not have would be wrong, and so would taking ``LLEXT_HEAPSIZE`` for
one. A name is a slip if it differs from a known one by a letter or two within its words.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from llext.errors import COMPARED, nearest
from llext.target.kconfig.places import TREE

_SHORT = 4
OURS = "LLEXT_"
"""Options of this subsystem are all known, so that an unknown one is always a mistake."""


@lru_cache(maxsize=1)
def elsewhere() -> frozenset[str]:
    """Names of options that Zephyr has and this tree has not, as far as they are common."""
    lines = (TREE / "elsewhere.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def meant(name: str, known: Collection[str]) -> str:
    """The known name that a mistaken one was meant to be; empty if it is no such mistake."""
    if name in elsewhere() or len(name) > COMPARED:
        return ""
    upper = name.upper()
    if upper in known:
        return upper
    short = [each for each in known if len(each) <= _SHORT + 1] if len(name) <= _SHORT else []
    near = [*nearest(upper, known, count=8, cutoff=0.75), *sorted(short)]
    return next((each for each in near if _is_slip(upper, each)), "")


def similar(name: str, known: Collection[str]) -> str:
    """The known name whose words a name has with some missing or too many, for a hint; empty if none is like that."""
    words = set(name.upper().split("_"))
    longer = [each for each in known if words < set(each.split("_"))]
    shorter = [each for each in known if each.count("_") and words > set(each.split("_"))]
    return min(longer, key=len) if longer else max(shorter, key=len) if shorter else ""


def _is_slip(name: str, known: str) -> bool:
    """Whether a name is another one with letters changed, swapped, lost or added, or with its words joined otherwise."""
    words, others = name.split("_"), known.split("_")
    if len(words) != len(others):
        return distance(name.replace("_", ""), known.replace("_", "")) <= _allowed(known) - 1
    pairs = [(word, other) for word, other in zip(words, others, strict=True) if word != other]
    return sum(distance(*pair) for pair in pairs) <= _allowed(known) and all(_word_slip(*pair) for pair in pairs)


def _word_slip(word: str, other: str) -> bool:
    """Whether one word is meant to be the other. PM is not FS, and SPI is not SMP: a short word may miss or swap letters."""
    if min(len(word), len(other)) < _SHORT:
        return distance(word, other) <= 1 and (len(word) != len(other) or sorted(word) == sorted(other))
    return distance(word, other) <= 2


def _allowed(name: str) -> int:
    return 1 if len(name) < 8 else 2


def distance(one: str, other: str) -> int:
    """How many letters must be changed, added, taken away or swapped with the next (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, right in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
