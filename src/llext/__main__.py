"""``python -m llext``."""

from llext.cli import main

main()
