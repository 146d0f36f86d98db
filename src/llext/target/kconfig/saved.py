"""The ``.config`` of a build, and what it was when we wrote it: what people change in it by hand is lost, which is told."""

from __future__ import annotations

import hashlib
from pathlib import Path

from llext.target.kconfig.model import Diagnostic, Place

_DIGEST = ".config.digest"


def note_saved(path: Path) -> None:
    """Keeps what the file is now, as ours."""
    known, text = path.with_name(_DIGEST), _digest(path.read_bytes())
    if not known.is_file() or known.read_text("utf-8", "replace") != text:
        known.write_text(text, encoding="utf-8")


def changed_by_hand(path: Path, text: str) -> list[Diagnostic]:
    """What there is to tell before ``text`` takes the place of the file: somebody has changed it since."""
    known = path.with_name(_DIGEST)
    if not (path.is_file() and known.is_file()):
        return []
    data = path.read_bytes()
    if data == text.encode() or _digest(data) == known.read_text("utf-8", "replace"):
        return []
    told = "was changed by hand, which has no effect: it is written anew"
    return [
        Diagnostic(
            "warning", told, Place(str(path)), "options are set in prj.conf, by -DCONFIG_X=y, or in 'llext app menuconfig'."
        )
    ]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
