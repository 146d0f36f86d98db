"""What a device's log tells of the extensions that are loaded: their names, and where their sections lie.

Zephyr's loader writes "gdb add-symbol-file flags:" and a line ``-s SECTION ADDRESS`` for each section at log level DBG, then
"Loaded extension NAME" at level INF; at DBG also where the region with the code begins. Any of these lines may be lost.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from llext.debug.code import Code, Spot
from llext.debug.symbol_files import SymbolFiles, bare
from llext.errors import LlextError

TRIGGERS = ("-s ", r"-s(?:$|\x1b)", "xtension", "symbol-file", r"\.text at ", r"\*\*\* Booting")
"""What every line has, as an expression, that is of interest here."""
_ANY = re.compile("|".join(TRIGGERS))
_FLAGS = re.compile(r"gdb add-symbol-file flags:")
_COMMAND = re.compile(r"add-symbol-file\s+(?!flags:)(?P<file>[^\s-]\S*)(?:\s+(?P<text>0[xX][0-9a-fA-F]+))?")
_SECTION = re.compile(r"-s\s+([^\s(]\S*)\s+(0[xX][0-9a-fA-F]+)(?=[\s,;'\")]|$)")
_HALF = re.compile(r"-s(?:\s+\S*)?(?:\s+(?:0[xX]?)?)?$")
_ENDS = re.compile(r"-s\s+([^\s(]\S*)\s+0[xX]([0-9a-fA-F]+)$")
"""An address at the end of a line: Zephyr pads none, so that some of its digits may have come to the next line."""
_DIGITS = re.compile(r"(?=[a-fA-F]*\d|[a-fA-F]+(?:\s|$))([0-9a-fA-F]+)(\s*$)?")
"""At the start of a line: no word or letter of a log level, as in "Failed" or "D: "."""
_ADDRESS_DIGITS = 8
_REGION = re.compile(r"\.text at (0[xX][0-9a-fA-F]+), \.rodata at ")
_LOADED = re.compile(r"(?<![Uu]n)[Ll]oaded extension (\S+?)(?:, addr\b.*)?\s*$")
_UNLOADED = re.compile(r"Unloaded extension (\S+)\s*$")
_FAILED = re.compile(r"Failed to load extension")
_BOOT = re.compile(r"\*\*\* Booting ")
_REMEMBERED = 64
"""Lines in front of a load without a name in which a name is looked for."""


@dataclass
class Load:
    """One extension that was loaded.

    Attributes:
        name: Its name; empty if nobody knows it.
        places: Section -> address, as far as the log tells.
        code: Its code; None without a file.
        doubt: What is not known of it, and what would settle it; empty if all is known.
        note: What is to say of its file, or empty.
    """

    name: str
    places: dict[str, int]
    code: Code | None = None
    doubt: str = ""
    note: str = ""


class LogPlaces:
    """Extensions, learned line by line.

    Args:
        files: Their debug files.
        given: Extension -> section -> address, told by hand: they hold until the log says otherwise, and again after a reset.
    """

    def __init__(self, files: SymbolFiles, given: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self.files = files
        self.given = given or {}
        self.gone: dict[str, Load] = {}
        """Extensions that were unloaded, and whose place nobody else has."""
        self.recent: deque[str] = deque(maxlen=_REMEMBERED)
        """The last lines; who reads the log puts them here."""
        self._half = ""
        self._last: tuple[str, str] | None = None
        self._start()

    def _start(self) -> None:
        self.loads: dict[str, Load] = {}
        self.gone.clear()
        self._new: dict[str, int] = {}
        self._text = 0
        for name, places in self.given.items():
            self._add(name, dict(places))

    def learn(self, line: str) -> Iterator[str]:
        """Takes what a line tells, without colours; yields what there is to say of it."""
        self._lengthen(line)
        if not self._half and not _ANY.search(line):
            return
        line = self._joined(line)
        if _BOOT.search(line):
            yield from self._boot()
        if _FLAGS.search(line):
            yield from self.settle()
        yield from self._command(line)
        yield from self._sections(line)
        if region := _REGION.search(line):
            self._text = int(region[1], 16)
        if _FAILED.search(line):
            self._forget()
        if loaded := _LOADED.search(line):
            yield from self._load(loaded[1])
        if unloaded := _UNLOADED.search(line):
            self._unload(unloaded[1])

    def _sections(self, line: str) -> Iterator[str]:
        """``-s SECTION ADDRESS`` of a list, as often as a line has it."""
        for name, address in _SECTION.findall(line):
            if self._new.get(name, int(address, 16)) != int(address, 16):
                yield from self.settle()  # the line that begins a list was lost
            self._new[name] = int(address, 16)
        if ends := _ENDS.search(line):
            self._last = ends[1], ends[2]

    def settle(self) -> Iterator[str]:
        """Ends a list of sections that no name followed: the name is guessed if there is but one."""
        if self._new:
            name = self._guess()
            if name:
                yield f"taken for extension {name}: the log does not say which one was loaded"
            yield from self._load(name)

    def find(self, address: int) -> Load | None:
        """The extension that lies at an address."""
        return next((load for load in self._newest() if load.code and load.code.data(address)), None)

    def find_gone(self, address: int) -> tuple[Load, Spot] | None:
        """The extension that lay at an address before it was unloaded, and the place in it."""
        for load in self.gone.values():
            spot = load.code.at(address) if load.code else None
            if spot is not None:
                return load, spot
        return None

    @property
    def is_within_line(self) -> bool:
        """Whether the line before ended within ``-s SECTION ADDRESS``, or may have."""
        return bool(self._half or self._last)

    @property
    def codes(self) -> list[Code]:
        """Code of the extensions that are loaded, the newest first."""
        return [load.code for load in self._newest() if load.code]

    @property
    def doubts(self) -> list[str]:
        """What is not known of extensions that are loaded."""
        return [load.doubt for load in self.loads.values() if load.doubt]

    def _newest(self) -> list[Load]:
        return list(reversed(self.loads.values()))

    def _joined(self, line: str) -> str:
        """A line behind the one that it continues, if that ended within ``-s SECTION ADDRESS``."""
        half, self._half = self._half, ""
        if half:
            rest = line.strip()
            whole = half + rest if _SECTION.search(half + rest) else f"{half} {rest}"
            line = whole if _SECTION.match(whole) else self._behind_prefix(half, line)
        if found := _HALF.search(line):
            self._half = found[0]
        return line

    def _lengthen(self, line: str) -> None:
        """More digits of the address that the line before ended with: of a line that has them and more, nobody knows whose they are."""
        last, self._last = self._last, None
        more = _DIGITS.match(line.strip()) if last else None
        if last is None or more is None or last[0] not in self._new or len(last[1]) + len(more[1]) > _ADDRESS_DIGITS:
            return
        self._new.pop(last[0], None)
        if more[2] is not None:
            self._new[last[0]] = int(last[1] + more[1], 16)
            self._last = last[0], last[1] + more[1]

    @staticmethod
    def _behind_prefix(half: str, line: str) -> str:
        """The same if the rest stands behind what each line of the log begins with."""
        words = line.split()
        last = next((" ".join(words[-count:]) for count in (1, 2) if _SECTION.match(f"{half} {' '.join(words[-count:])}")), "")
        return f"{half} {last}" if last else line

    def _boot(self) -> Iterator[str]:
        if self.loads.keys() - self.given.keys() or self._new:
            yield "the device starts again: what was loaded is gone"
        self._start()

    def _command(self, line: str) -> Iterator[str]:
        """``add-symbol-file FILE [ADDRESS] -s SECTION ADDRESS...``, as gdb takes it."""
        found = _COMMAND.search(line)
        if found is None:
            return
        yield from self.settle()
        places = {name: int(address, 16) for name, address in _SECTION.findall(line)}
        if found["text"]:
            places.setdefault(".text", int(found["text"], 16))
        if places:
            self._new = places
            yield from self._load(bare(PurePosixPath(found["file"].replace("\\", "/")).stem))

    def _load(self, name: str) -> Iterator[str]:
        before = self.loads.get(name)
        places, text = self._new, self._text
        self._forget()
        if not places and not text and before is not None and before.places:
            return  # told by hand, or by the log before
        load = self._add(name, places, text)
        if load.code and not bare(load.code.path.stem).startswith(name):
            yield f"extension {name}: taken to be {load.code.path.name}, the only file there is"
        yield from filter(None, (load.note, load.doubt))

    def _forget(self) -> None:
        self._new, self._text = {}, 0
        self.recent.clear()

    def _add(self, name: str, places: dict[str, int], text: int = 0) -> Load:
        places = {**self.given.get(name, {}), **places}
        load = Load(name, places)
        path, load.note = self.files.best(name, places) if name else (None, "")
        try:
            if path is not None:
                load.code = _placed(name, path, places, text)
        except (LlextError, OSError) as error:
            load.doubt = f"extension {name}: {path}: {error}"
        load.doubt = load.doubt or _doubt(load)
        self._make_room(load)
        self.loads.pop(name, None)
        self.loads[name] = load
        return load

    def _make_room(self, load: Load) -> None:
        """Who lay where another lies now is gone without a word, or was unloaded before."""
        for others in (self.loads, self.gone):
            for name in [name for name, other in others.items() if _overlap(load, other)]:
                del others[name]

    def _unload(self, name: str) -> None:
        load = self.loads.pop(name, None)
        if load is not None:
            self.gone[name] = load

    def _guess(self) -> str:
        """The name of an extension by what was printed before: one of a file that is there, or that of the only one."""
        known = set(self.files.names)
        told = [line for line in reversed(self.recent) if "load" in line.lower()] + list(reversed(self.recent))
        for line in told:
            names = known & set(re.findall(r"\w+", line))
            if len(names) == 1:
                return names.pop()
        return known.pop() if len(known) == 1 else ""


def _placed(name: str, path: Path, places: dict[str, int], text: int) -> Code:
    """The code of a file; the only section with code begins where the region does, if its own line was lost."""
    code = Code(name, path, places)
    if text and len(code.unplaced) == 1 and not code.has_code:
        places[code.unplaced[0]] = text
        code = Code(name, path, places)
    return code


def _doubt(load: Load) -> str:
    if not load.name:
        return "an extension was loaded here whose name is not in the log; to settle which one: --at NAME:.text=ADDRESS"
    if load.code is None:
        return f"extension {load.name}: no debug file of that name: --symbols names it, or its folder"
    if load.code.unplaced:
        section = load.code.unplaced[0]
        return (
            f"extension {load.name}: where its {section} lies is not in the log; to settle it: the line '-s {section} 0x...', which "
            f"CONFIG_LLEXT_LOG_LEVEL_DBG=y writes, or --at {load.name}:{section}=0x..."
        )
    return ""


def _overlap(one: Load, other: Load) -> bool:
    if one.code is None or other.code is None:
        return bool(set(one.places.items()) & set(other.places.items()))
    return any(start < end and begin < stop for start, stop in one.code.extents for begin, end in other.code.extents)
