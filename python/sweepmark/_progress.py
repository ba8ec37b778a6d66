# SPDX-License-Identifier: Apache-2.0
"""How far long work is: a callback of one's own, or a bar."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

Tell = Callable[[int, int], object]
#: A callback with (done, total), True for a bar (tqdm, where it is installed), or None.
Progress = Tell | bool | None


@contextlib.contextmanager
def telling(progress: Progress, what: str) -> Iterator[Tell | None]:
    if not progress:
        yield None
    elif progress is not True:
        yield progress
    else:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            yield None
            return
        with tqdm(desc=what) as bar:

            def tell(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            yield tell
