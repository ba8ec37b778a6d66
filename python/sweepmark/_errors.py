# SPDX-License-Identifier: Apache-2.0
"""The one exception of our own."""

from __future__ import annotations

import re
from typing import Any

_EXPECTED = re.compile(r"expected (?P<expected>.+?)(?:, (?:got|found) (?P<got>.+?))?(?:: |; |$)")


class Error(Exception):
    """Something is wrong with a file or with labels. `message` is one sentence for a person; the attributes are what of
    it can be told apart, None where the message does not have it."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message

    @property
    def path(self) -> str | None:
        """The file or folder, which the message names last or first."""
        parts = self.message.split(": ")
        for part in (parts[-1], parts[0], *reversed(parts), *self.message.split()):
            if part.startswith("/") or ("/" in part and " " not in part):
                return part.rstrip(":,;")
        return None

    @property
    def place(self) -> str | None:
        """Where in the file: 'line 12', '/tracks/3/keyframes', 'byte 100'."""
        found = re.search(r"\b(?:line|row|byte|record|point|track|frame) [\w./-]+|(?<=: )/[\w/~-]+(?=: )", self.message)
        return found.group(0) if found else None

    @property
    def expected(self) -> str | None:
        found = _EXPECTED.search(self.message)
        return found.group("expected") if found else None

    @property
    def got(self) -> str | None:
        found = _EXPECTED.search(self.message)
        return found.group("got") if found else None


class LossError(Error):
    """A format cannot hold everything of a scene, or needs what has to be made up; nothing was written. `lost` and
    `invented` are lists of `Difference`. `write(..., lossy=True)` writes the rest."""

    def __init__(self, message: str = "", lost: list[Any] | None = None, invented: list[Any] | None = None) -> None:
        super().__init__(message)
        self.lost = lost or []
        self.invented = invented or []
