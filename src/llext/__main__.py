"""``python -m llext``."""

import sys

from llext.cli import main

sys.exit(main())
