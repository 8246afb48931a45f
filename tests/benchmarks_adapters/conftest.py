"""Tests marked ``public_instances(SOURCE)`` are left out where the data of that source is absent.

They are not skipped one by one: `test_public_instances.py` holds one test that says what was not run and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.adapters import PublicSource

if TYPE_CHECKING:
    import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = [item for item in items if _lacks_data(item)]
    if absent:
        config.hook.pytest_deselected(items=absent)
        items[:] = [item for item in items if item not in set(absent)]


def _lacks_data(item: pytest.Item) -> bool:
    sources = [arg for mark in item.iter_markers("public_instances") for arg in mark.args]
    return any(isinstance(source, PublicSource) and not source.is_present for source in sources)
