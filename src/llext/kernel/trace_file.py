"""A trace as a file that ui.perfetto.dev and chrome://tracing open: the Trace Event Format, JSON, times in microseconds.

What begins and ends stands as "B" and "E" in the order in which it happened: with the free clock most of it takes no time,
and only that order says what lies in what.
"""

from __future__ import annotations

import json
from typing import Any

from llext.kernel.trace import INTERRUPTS, Trace, TraceEvent

_PROCESS = 1


def rendered(trace: Trace, board: str) -> str:
    """The file's text: one event a line.

    Args:
        trace: What happened.
        board: Name of the board, for the heading.
    """
    tracks = {track: number for number, track in enumerate({INTERRUPTS: "", **trace.tracks}, 1)}
    lines = [_heading("process_name", 0, name=board)]
    for track, number in tracks.items():
        lines.append(_heading("thread_name", number, name=trace.tracks.get(track, "interrupts")))
        lines.append(_heading("thread_sort_index", number, sort_index=number))
    lines += [_event(event, tracks) for event in (*trace.events, *_ends(trace))]
    text = ",\n".join(json.dumps(line) for line in lines)
    other = json.dumps({"clock": "virtual", "dropped_events": trace.dropped})
    return f'{{"displayTimeUnit": "ns", "otherData": {other}, "traceEvents": [\n{text}\n]}}\n'


def _heading(what: str, track: int, /, **words: object) -> dict[str, Any]:
    return {"name": what, "ph": "M", "ts": 0, "pid": _PROCESS, "tid": track, "args": words}


def _event(event: TraceEvent, tracks: dict[int, int]) -> dict[str, Any]:
    whole, rest = divmod(event.at, 1000)
    found: dict[str, Any] = {
        "name": event.name,
        "cat": event.kind,
        "ph": event.phase,
        "ts": event.at / 1000 if rest else whole,
        "pid": _PROCESS,
        "tid": tracks[event.track],
    }
    if event.phase == "i":
        found["s"] = "t"
    if event.words:
        found["args"] = {name: f"{word:#010x}" if isinstance(word, int) else word for name, word in event.words}
    return found


def _ends(trace: Trace) -> list[TraceEvent]:
    """Ends of what has not ended yet: now, or where the trace does."""
    now = trace.events[-1].at if trace.dropped else trace.state.nanoseconds
    begun: list[TraceEvent] = []
    for event in trace.events:
        if event.phase == "B":
            begun.append(event)
        elif event.phase == "E":
            last = next(at for at in range(len(begun) - 1, -1, -1) if begun[at].track == event.track)
            del begun[last]
    return [event._replace(at=now, phase="E", words=()) for event in reversed(begun)]
