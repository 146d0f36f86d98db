"""What dtlib and edtlib refuse, said in the words of a devicetree's author: file, line, what, and what to do next.

dtlib gives file and line for syntax; of the rest it and edtlib name a node's path at most, so the place is looked for
in the text. Each row of the table reads one of their messages (devicetree 0.0.2); what no row knows is passed on as it
is, with the place of what it names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import NamedTuple

from llext.errors import TargetError, nearest
from llext.target.places import Place, Places


class _Said(NamedTuple):
    """A refusal in our words; the place where its subject stands, if it is not said otherwise."""

    message: str
    hint: str = ""
    place: Place | None = None


class _Known(NamedTuple):
    places: Places
    declared: Mapping[str, list[str]]
    """Binding file -> names of properties."""

    def suggest(self, name: str, names: list[str], what: str) -> str:
        near = nearest(name, [each for each in names if each != name and not each.startswith("&")])
        return f"did you mean {' or '.join(near)}?" if near else what


_PARSED = re.compile(r"(?P<file>.*):(?P<line>\d+) \(column (?P<column>\d+)\): parse error: (?P<what>.*)", re.DOTALL)
_SUBJECT = re.compile(r"(?:'(?P<name>[^'\s]+)'.*? )?(?:in|on|at|Node|node|^)\s*'?(?P<path>/(?:[^\s',:>]|,(?=\w))*)", re.DOTALL)


def refusal(message: str, file: str, places: Places, declared: Mapping[str, list[str]]) -> TargetError:
    """The error for what a library said.

    Args:
        message: Its words.
        file: The name under which it read the text; left out of what people see.
        places: Of the text.
        declared: Binding file -> the properties that it declares.
    """
    known = _Known(places, declared)
    parsed = _PARSED.fullmatch(message)
    if parsed:
        place = Place(parsed["file"], int(parsed["line"]))
        if parsed["file"] == file and place not in places.lines:
            return _error(
                _Said(f"the devicetree ends too early: {parsed['what']}", "a '}', a ';' or a quote is missing."), places.end
            )
        return _error(_syntax(parsed["what"], place, int(parsed["column"]), known), place)
    plain = _without(message, file)
    for pattern, row in _ROWS:
        found = pattern.search(plain)
        if found:
            said = row(found, known)
            groups = found.groupdict()
            return _error(said, said.place or places.of(groups.get("path") or "", groups.get("name") or ""))
    subject = _SUBJECT.search(plain)
    return _error(_Said(plain), places.of(subject["path"], subject["name"] or "") if subject else None)


def _error(said: _Said, place: Place | None) -> TargetError:
    where = f"{place}: " if place is not None else ""
    return TargetError(where + said.message, hint=said.hint, errno=None)


def _without(message: str, file: str) -> str:
    """A message without the name of our temporary file, and with the paths of nodes instead of Python objects."""
    for words in (f" in '{file}'", f" in {file}", f"{file}: "):
        message = message.replace(words, "")
    message = re.sub(r"<Node (\S+?)(?: at '[^']*')?(?:, binding [^>]*|, no binding)?>", r"\1", message)
    return re.sub(r"<Property '([^']*)' at '([^']*)'[^>]*>", r"'\1' in \2", message)


def _syntax(what: str, place: Place, column: int, known: _Known) -> _Said:
    """Of the parser: with the word at which it stopped, which may be a macro that nobody defined."""
    label = re.fullmatch(r"undefined node label '(.*)'", what)
    if label:
        return _unknown_label(label[1], known)
    missing = re.fullmatch(r"component '(.*)' in path '(.*)' does not exist", what)
    if missing:
        there = [path for path in known.places.nodes if path != missing[2] and path.startswith("/")]
        hint = known.suggest(missing[2], there, f"nodes that there are: {', '.join(there)}.")
        return _Said(f"the devicetree has no node {missing[2]}", hint)
    word = re.match(r"[\w#&,.@+-]+|\S?", known.places.lines.get(place, "")[column - 1 :])
    at = f" at {word[0]!r}" if word and word[0] else ""
    return _Said(f"devicetree syntax{at}: {what}", _syntax_hint(what, word[0] if word else ""))


def _syntax_hint(what: str, word: str) -> str:
    if "parenthesized" in what or re.fullmatch(r"[A-Z_][A-Z0-9_]{2,}", word):
        return f"if {word or 'this'} is a macro, the #include that defines it is missing."
    if "';'" in what or "name" in what:
        return "look also at the end of the line before: each property and each closing brace ends in ';'."
    return ""


def _unknown_label(label: str, known: _Known) -> _Said:
    there = known.places.references.get(label)
    labels = sorted(known.places.labels)
    if label in labels:
        deleted = re.compile(rf"/delete-node/\s*&{re.escape(label)}\b")
        line = next((place for place, text in known.places.lines.items() if deleted.search(text)), None)
        by = f" in {there[0]}" if line and there else ""
        message = f"label {label!r} is pointed at{by}, but its node was deleted"
        return _Said(
            message, "delete also what points at it, or point it at another node.", line or (there[0] if there else None)
        )
    hint = known.suggest(label, labels, f"labels that there are: {', '.join(labels)}.")
    return _Said(f"the devicetree has no node with label {label!r}", hint, there[0] if there else None)


def _undeclared(found: re.Match[str], known: _Known) -> _Said:
    declared = known.declared.get(found["binding"], [])
    binding = PurePath(found["binding"]).name
    hint = known.suggest(found["name"], declared, f"{binding} declares: {', '.join(declared) or 'nothing'}.")
    return _Said(f"property '{found['name']}' of {found['path']} is not declared in {binding}", hint)


def _required(found: re.Match[str], _: _Known) -> _Said:
    return _Said(
        f"{found['path']} lacks property '{found['name']}', which {PurePath(found['binding']).name} requires",
        'set it, or take the node out of use: status = "disabled";',
    )


def _wrong_type(found: re.Match[str], _: _Known) -> _Said:
    given = found["given"].strip().strip("'")
    return _Said(
        f"property '{found['name']}' of {found['path']} has a value of another type: {given}", f"write it as {found['wanted']}"
    )


def _boolean(found: re.Match[str], _: _Known) -> _Said:
    return _Said(
        f"property '{found['name']}' of {found['path']} is a boolean and takes no value",
        f"write '{found['name']};' or leave it out.",
    )


def _not_allowed(found: re.Match[str], _: _Known) -> _Said:
    return _Said(
        f"property '{found['name']}' of {found['path']} is {found['value']}, which its binding does not allow",
        f"allowed: {found['allowed'].strip('[]')}.",
    )


def _status(found: re.Match[str], known: _Known) -> _Said:
    allowed = sorted(found["allowed"].split(", "))
    hint = known.suggest(found["value"], allowed, f"allowed: {', '.join(allowed)}.")
    return _Said(f'status of {found["path"]} is "{found["value"]}"', hint, known.places.of(found["path"], "status"))


def _cells(found: re.Match[str], _: _Known) -> _Said:
    return _Said(
        f"property '{found['name']}' of {found['path']} has {int(found['length']) // 4} cells, not a multiple of {int(found['each']) // 4}",
        "how many there are for each entry is said by #address-cells and #size-cells of the node above, or by the controller.",
    )


def _too_few(found: re.Match[str], _: _Known) -> _Said:
    return _Said(
        f"property '{found['name']}' of {found['path']} has too few cells behind a phandle",
        "the node that it points at says in #gpio-cells, #pwm-cells and so on how many it wants.",
    )


def _no_cells(found: re.Match[str], known: _Known) -> _Said:
    labels = [label for label, path in known.places.labels.items() if path == found["path"]]
    places = [place for label in labels for place in known.places.references.get(label, [])]
    message = f"{found['path']} is pointed at with cells, but has no {found['cells']}"
    return _Said(message, "it is no controller of that kind: point at another node.", places[-1] if places else None)


def _double_label(found: re.Match[str], known: _Known) -> _Said:
    there = known.places.label_places.get(found["label"], [])
    others = f" (first in {there[0]})" if len(there) > 1 else ""
    paths = " and ".join(sorted((found["first"], found["second"])))  # they come in no order
    message = f"label {found['label']!r} stands at two nodes: {paths}{others}"
    return _Said(message, "rename one of them.", there[-1] if there else None)


def _undefined(found: re.Match[str], known: _Known) -> _Said:
    return _unknown_label(found["label"], known)


def _missing_node(found: re.Match[str], known: _Known) -> _Said:
    hint = known.suggest(found["target"], list(known.places.nodes), "a path is the names of all nodes from the root on.")
    return _Said(f"property '{found['name']}' of {found['path']} points at {found['target']}, which does not exist", hint)


def _names(found: re.Match[str], _: _Known) -> _Said:
    return _Said(f"{found['name']} of {found['path']} has {found['count']} names, expected {found['wanted']}")


def _user_array(found: re.Match[str], known: _Known) -> _Said:
    message = f"property '{found['name']}' of /zephyr,user has cells behind a phandle, but its name does not end in s"
    return _Said(
        message,
        "what it points at is told by its name: lamp-gpios, pwms, io-channels.",
        known.places.of("/zephyr,user", found["name"]),
    )


def _no_include(found: re.Match[str], known: _Known) -> _Said:
    there = sorted(PurePath(path).name for path in known.declared)
    hint = known.suggest(
        found["name"], there, "ours to include: base.yaml, gpio-controller.yaml, uart-controller.yaml, memory-region.yaml."
    )
    return _Said(f"a binding includes {found['name']}, which is not there", hint)


def _zero(found: re.Match[str], _: _Known) -> _Said:
    return _Said(f"'reg' of {found['path']} has size 0", "give a size, or set #size-cells = <0> in the node above.")


_PATH, _NAME = r"(?P<path>/(?:[^\s,]|,(?=\S))*)", r"'(?P<name>[^']+)'"
_ROWS: list[tuple[re.Pattern[str], Callable[[re.Match[str], _Known], _Said]]] = [
    (re.compile(pattern, re.DOTALL), row)
    for pattern, row in (
        (r"undefined node label '(?P<label>[^']*)'", _undefined),
        (rf"{_NAME} appears in {_PATH}, but is not declared in 'properties:' in (?P<binding>.*)", _undeclared),
        (rf"{_NAME} is marked as required in 'properties:' in (?P<binding>.*), but does not appear in {_PATH}", _required),
        (rf"expected property {_NAME} (?:on|in) {_PATH} to be assigned with (?:either )?'(?P<wanted>.*?;?)'(?: \(a mix.*\)| or .*)?, not (?P<given>.*)", _wrong_type),
        (rf"{_NAME} in {_PATH} is defined with 'type: boolean'", _boolean),
        (rf"value of property {_NAME} on {_PATH} \((?P<value>.*?)\) is not in 'enum' list in .* \((?P<allowed>\[.*\])\)", _not_allowed),
        (rf"value of property {_NAME} on {_PATH} \((?P<value>.*?)\) is different from the 'const' value .* \((?P<allowed>.*)\)", _not_allowed),
        (rf"unknown 'status' value \"(?P<value>.*)\" in {_PATH}, expected one of (?P<allowed>[a-z, -]*[a-z])", _status),
        (rf"{_NAME} property in {_PATH} has length (?P<length>\d+), which is not evenly divisible by (?P<each>\d+)", _cells),
        (rf"missing data after phandle in {_NAME} in {_PATH}", _too_few),
        (rf"^{_PATH} lacks (?P<cells>#[\w-]+)", _no_cells),
        (r"Label '(?P<label>\w+)' appears on (?P<first>/\S*) and on (?P<second>/\S*)", _double_label),
        (rf"property {_NAME} on {_PATH} points to the non-existent node \"(?P<target>.*)\"", _missing_node),
        (rf"(?P<name>[\w-]+-names) property in {_PATH} has (?P<count>\d+) strings, expected (?P<wanted>\d+)", _names),
        (rf"{_NAME} in 'properties:' in None has type 'phandle-array'", _user_array),
        (r"^'(?P<name>[^']*\.ya?ml)' not found$", _no_include),
        (rf"zero-sized 'reg' in {_PATH} seems", _zero),
    )
]  # fmt: skip
