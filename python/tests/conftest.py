# SPDX-License-Identifier: Apache-2.0
import pathlib

import numpy as np
import pytest

import sweepmark


@pytest.fixture(scope="session")
def street_path(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A generated dataset; nobody changes it."""
    path = tmp_path_factory.mktemp("data") / "street"
    sweepmark.synth(path, seconds=3, rings=32, seed=3)
    return path


@pytest.fixture
def street(street_path: pathlib.Path) -> sweepmark.Scene:
    return sweepmark.open(street_path)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
