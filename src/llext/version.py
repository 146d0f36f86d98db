"""The version of llext."""

__version__ = "0.1.0"
