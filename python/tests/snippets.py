# SPDX-License-Identifier: Apache-2.0
"""Runs the Python code of a Markdown file, block after block, as one program in an empty folder. Needs what the code needs."""

import os
import pathlib
import re
import sys
import tempfile


def blocks_of(text):
    """Pairs of the line that a ```python block begins at and its code."""
    return [
        (text.count("\n", 0, found.start()) + 2, found.group(1))
        for found in re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def run(path):
    names = {"__name__": "__main__"}
    blocks = blocks_of(pathlib.Path(path).read_text())
    for line, code in blocks:
        # Lines are those of the file, in tracebacks too.
        exec(compile("\n" * (line - 1) + code, str(path), "exec"), names)
    return len(blocks)


if __name__ == "__main__":
    for name in map(os.path.abspath, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            print(f"{run(name)} snippets of {name} ran")
            os.chdir("/")
