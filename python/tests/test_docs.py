# SPDX-License-Identifier: Apache-2.0
import os
import pathlib

import pytest

import snippets

SOURCE = pathlib.Path(os.environ.get("SWEEPMARK_SOURCE", pathlib.Path(__file__).parents[2]))


@pytest.mark.parametrize("name", ["docs/python.md", "README.md"])
def test_the_code_of_the_documentation_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert snippets.run(SOURCE / name) > 0


def test_every_function_is_named_in_the_documentation():
    import sweepmark

    text = (SOURCE / "docs/python.md").read_text()
    assert [name for name in sweepmark.__all__ if not name.startswith("_") and f"`{name}" not in text] == []
