"""What CMake runs to configure an application; the work is llext.build.firmware.configure's."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from llext.build.firmware.configure import main

sys.exit(main(sys.argv[1:]))
