"""What CMake runs to give a firmware's exports their numbers; the work is llext.build.firmware.slids's."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from llext.build.firmware.slids import main

sys.exit(main(sys.argv[1:]))
