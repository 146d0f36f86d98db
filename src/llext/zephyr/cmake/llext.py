"""The llext command, for targets that CMake makes: ninja run and its like."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from llext.cli import main

sys.exit(main(sys.argv[1:]))
