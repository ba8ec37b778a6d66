# SPDX-License-Identifier: Apache-2.0
"""Lets devkits be imported without the libraries that they draw, train or download with: empty modules stand for them.

Only what reads and checks files is used here, which needs none of them."""
import importlib.abc
import importlib.machinery
import sys
from unittest.mock import MagicMock

UNUSED = set(
    "PIL av click cloudpickle cv2 descartes fire fsspec joblib kornia matplotlib nox numba polars pyproj rich shapely sklearn "
    "torch tqdm universal_pathlib upath".split())


class _EmptyModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in UNUSED:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__, module.__spec__, module.__name__ = [], spec, spec.name
        return module

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, _EmptyModules())
