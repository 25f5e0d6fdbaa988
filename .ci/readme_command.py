"""Prints one of the README's two commands: `start` or `tests`. They stand in the first two `sh` blocks."""

import re
import sys
from pathlib import Path

blocks = re.findall(r"```sh\n(.*?)```", Path("README.md").read_text("utf-8"), re.DOTALL)
print(blocks[("start", "tests").index(sys.argv[1])].strip())
