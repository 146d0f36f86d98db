# SPDX-License-Identifier: Apache-2.0
"""Marks an extension: copies what was linked with another name in it."""

import sys
from pathlib import Path

source, output = map(Path, sys.argv[1:])
output.write_bytes(source.read_bytes().replace(b"UNMARK", b"marked"))
