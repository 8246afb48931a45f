"""Whatever happens to a file, it is read or refused with a list of faults: never anything else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import ScenarioFormatError
from engine.scenario_io import load_scenario, save_scenario
from tests.scenario_io.rich import rich_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from engine.errors import Fault

PLACE = re.compile(r"^[\w.]+(:\d+)?$")
_WORDS = (
    r"""\n , ; " ' [ ] { } : - # &a *a \t \0 \r 0 -1 1e9 true null main dr-a app-1 2026-03-29T02:30 [[]] {} "[1]" """
    r"9999999999999999999999 visit,visit start-5 23:59 \xff \xef\xbb\xbf \xe2\x80\xa8"
)
SCRAPS = (
    st.sampled_from([word.encode("latin-1").decode("unicode_escape").encode("latin-1") for word in _WORDS.split()])
    | st.sampled_from([b"", b": ", b"- "])
    | st.binary(max_size=4)
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Files of a scenario that is right, those of a folder and the one file."""
    folder = tmp_path_factory.mktemp("whole")
    save_scenario(rich_scenario(), folder / "folder")
    save_scenario(rich_scenario(), folder / "one.json")
    files = {file.name: file.read_bytes() for file in (folder / "folder").iterdir()}
    return {**files, "one.json": (folder / "one.json").read_bytes()}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, whole: dict[str, bytes], data: st.DataObject):
    damaged = dict(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(whole)))
        damaged[name] = _damaged(damaged[name], data.draw)
    for name, content in damaged.items():
        (tmp_path / name).write_bytes(content)
    for path in (tmp_path, tmp_path / "one.json"):
        found = _faults(path)
        assert all(PLACE.match(fault.place) and "\n" not in fault.message for fault in found)


def _faults(path: Path) -> tuple[Fault, ...]:
    try:
        load_scenario(path)
    except ScenarioFormatError as error:
        return error.faults
    return ()


def _damaged(content: bytes, draw: Any) -> bytes:
    at = draw(st.integers(0, len(content)))
    length = draw(st.integers(0, 12) | st.integers(0, len(content) - at))
    kind = draw(st.sampled_from(["replace", "replace", "cut off", "word", "lines"]))
    if kind == "cut off":
        return content[:at]
    if kind == "lines":
        lines = content.splitlines(keepends=True)
        return b"".join(draw(st.permutations(lines)) if len(lines) < 30 else lines[::-1])
    if kind == "word":  # a whole value or key, so that what comes after it is read at all
        words = list(re.finditer(rb"[\w.:+-]+", content))
        if not words:
            return content
        word = draw(st.sampled_from(words))
        at, length = word.start(), word.end() - word.start()
    scrap: bytes = draw(SCRAPS)
    return content[:at] + scrap + content[at + length :]
