"""What CMake runs to pack an extension; the work is llext.build.firmware.pack's."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from llext.build.firmware.pack import main

sys.exit(main(sys.argv[1:]))
