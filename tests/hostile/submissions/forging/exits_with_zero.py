"""Ends its process with exit code 0 while it is imported: no verdict may be read from an exit code."""

import os

os._exit(0)
