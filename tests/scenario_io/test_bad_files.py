"""Files that cannot be taken apart: one fault each, and references into them are not held against the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.scenario_io import load_scenario
from tests.scenario_io.folders import (
    APPOINTMENTS,
    BOOKED,
    HEADER,
    ORDERS,
    WORLD,
    faults,
    faults_in,
    put,
)


def test_a_missing_file(tmp_path: Path):
    missing = tmp_path / "nowhere"
    assert faults(missing) == [f"{missing}: there is no such file or folder"]


def test_a_folder_without_a_header(tmp_path: Path):
    put(tmp_path, {"orders.csv": ORDERS})
    assert faults(tmp_path) == [f"{tmp_path}: there is no scenario.yaml in this folder"]


def test_a_file_of_another_kind(tmp_path: Path):
    put(tmp_path, {"orders.csv": ORDERS})
    path = tmp_path / "orders.csv"
    assert faults(path) == [f"{path}: found a '.csv' file, expected a folder, or a .yaml or .json file"]


@pytest.mark.parametrize("name", ["scenario.yaml", "orders.csv", "patients.csv", "steps.csv"])
@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xef\xbb\xbf"])
def test_an_empty_file(tmp_path: Path, name: str, content: bytes):
    assert faults_in(tmp_path, **{name: content}) == [f"{name}: is empty"]


def test_a_header_of_comments_only(tmp_path: Path):
    assert faults_in(tmp_path, **{"scenario.yaml": "# to be written\n"}) == ["scenario.yaml: is empty"]


@pytest.mark.parametrize("name", ["scenario.yaml", "orders.csv"])
def test_nul_bytes(tmp_path: Path, name: str):
    content = str(BOOKED[name]).encode().replace(b"visit", b"vi\0sit")
    line = content[: content.index(b"\0")].count(b"\n") + 1
    said = "found a NUL byte, expected text. Maybe this is not a text file, or is damaged."
    assert faults_in(tmp_path, **{name: content}) == [f"{name}:{line}: {said}"]


def test_another_encoding(tmp_path: Path):
    patients = "id,name\npat-1,Ann\npat-2,Zoë\n".encode("latin-1")
    said = "found the byte 0xeb, which is not UTF-8. Maybe save the file again as UTF-8."
    assert faults_in(tmp_path, patients_csv=patients) == [f"patients.csv:3: {said}"]


def test_utf_16(tmp_path: Path):
    said = "is written in UTF-16, expected UTF-8. Maybe save it again as UTF-8."
    assert faults_in(tmp_path, orders_csv=ORDERS.encode("utf-16")) == [f"orders.csv: {said}"]


@pytest.mark.parametrize(("delimiter", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
@pytest.mark.parametrize("name", ["patients.csv", "orders.csv", "appointments.csv", "steps.csv", "reservations.csv"])
def test_a_wrong_delimiter_is_one_fault(tmp_path: Path, name: str, delimiter: str, word: str):
    content = str(BOOKED[name]).replace(",", delimiter)
    said = f"columns are separated by {word}, expected commas. Maybe save the table again with commas."
    assert faults_in(tmp_path, **{name: content}) == [f"{name}:1: {said}"]


def test_a_table_without_a_header(tmp_path: Path):
    said = "found no column that is known, expected a header such as id, name, birth_date, sex, ..."
    assert faults_in(tmp_path, patients_csv="pat-1,Ann\npat-2,Bo\n") == [f"patients.csv:1: {said}"]


def test_a_table_cut_off_inside_quotes(tmp_path: Path):
    orders = ORDERS + 'ord-3,pat-1,"vis'
    said = "a quotation mark that opens in this row is never closed. Maybe the file is cut off."
    assert faults_in(tmp_path, orders_csv=orders) == [f"orders.csv:4: {said}"]


def test_a_table_cut_off_inside_a_row(tmp_path: Path):
    said = "found 2 cells, expected 3 as in the header. Maybe the file is cut off."
    assert faults_in(tmp_path, orders_csv=ORDERS.removesuffix(",visit\n")) == [f"orders.csv:3: {said}"]


def test_a_quotation_mark_that_is_not_doubled(tmp_path: Path):
    patients = 'id,name\npat-1,"Ann "Annie" Smith"\npat-2,Bo\n'
    said = "found text behind a closing quotation mark, expected a comma. Maybe a quotation mark is not doubled."
    assert faults_in(tmp_path, patients_csv=patients) == [f"patients.csv:2: {said}"]


def test_the_line_of_a_row_behind_quoted_line_breaks(tmp_path: Path):
    patients = 'id,name,language\npat-1,"Ann\r\nSmith\n",\npat-2,Bo,\n,Cy,\n'
    assert faults_in(tmp_path, patients_csv=patients) == ["patients.csv:6: 'id' is missing"]


def test_a_document_cut_off(tmp_path: Path):
    found = faults_in(tmp_path, **{"scenario.yaml": WORLD + "sessions: [{id: s1, owner: dr-a"})
    assert len(found) == 1
    assert found[0].startswith("scenario.yaml:19: cannot be read as YAML (")
    assert found[0].endswith(" Maybe the file is cut off.")


def test_a_tab_in_yaml(tmp_path: Path):
    text = WORLD.replace("  name: Visit\n", "\tname: Visit\n")
    assert faults_in(tmp_path, **{"scenario.yaml": text}) == [
        "scenario.yaml:13: is indented with a tab, expected blanks"
    ]


def test_a_json_file_cut_off(tmp_path: Path):
    path = tmp_path / "scenario.json"
    path.write_text('{"slotwright": 1,\n"name": "x",\n"sites": [')
    assert faults(path) == ["scenario.json:3: cannot be read as JSON (Expecting value). Maybe the file is cut off."]


def test_nesting_without_end(tmp_path: Path):
    deep = "[" * 100_000
    assert faults_in(tmp_path, **{"scenario.yaml": "name: " + deep}) == ["scenario.yaml:1: is nested more than 60 deep"]
    path = tmp_path / "scenario.json"
    path.write_text(deep)
    assert faults(path) == ["scenario.json: is nested too deeply"]


def test_aliases_that_explode(tmp_path: Path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert faults_in(tmp_path, **{"scenario.yaml": "\n".join(lines)}) == [
        "scenario.yaml:5: aliases stand for more than 100,000 values"
    ]


def test_an_alias_inside_itself(tmp_path: Path):
    said = "the alias '*all' stands for nothing that was written before it"
    assert faults_in(tmp_path, **{"scenario.yaml": HEADER + "sites: &all [*all]\n"}) == [f"scenario.yaml:5: {said}"]


def test_two_documents(tmp_path: Path):
    said = "found a second document ('---'), expected one"
    assert faults_in(tmp_path, **{"scenario.yaml": HEADER + "---\n" + HEADER}) == [f"scenario.yaml:5: {said}"]


def test_a_header_that_is_no_mapping(tmp_path: Path):
    said = "found a list, expected a mapping with 'slotwright', 'name' ..."
    assert faults_in(tmp_path, **{"scenario.yaml": "- a\n- b\n"}) == [f"scenario.yaml:1: {said}"]


def test_a_missing_table_is_one_fault(tmp_path: Path):
    files = {name: text for name, text in BOOKED.items() if name != "orders.csv"}
    assert faults(put(tmp_path, files)) == [
        "orders.csv: there is no such file, but 2 places name an order, the first appointments.csv:2"
    ]


def test_one_name_in_a_folder_without_the_file_is_a_fault_of_its_own(tmp_path: Path):
    files = {name: text for name, text in BOOKED.items() if name != "orders.csv"}
    files["appointments.csv"] = "id,patient,service,order\napp-1,pat-1,visit,ord-1\napp-2,pat-2,visit,\n"
    assert faults(put(tmp_path, files)) == ["appointments.csv:2: order: found 'ord-1', expected the id of an order."]


@pytest.mark.parametrize("name", ["orders.csv", "patients.csv", "appointments.csv", "steps.csv", "reservations.csv"])
def test_a_misspelt_table_is_one_fault(tmp_path: Path, name: str):
    files = {name.replace("s.csv", ".csv") if given == name else given: text for given, text in BOOKED.items()}
    assert faults(put(tmp_path, files)) == [
        f"{name.replace('s.csv', '.csv')}: is no file of a scenario. Maybe you meant '{name}'."
    ]


@pytest.mark.parametrize("name", ["orders.csv", "appointments.csv", "services.yaml"])
def test_a_folder_of_the_name_of_a_table_is_one_fault(tmp_path: Path, name: str):
    files = {given: text for given, text in BOOKED.items() if given != name}
    if name == "services.yaml":
        files["scenario.yaml"] = WORLD[: WORLD.index("services:")]
    put(tmp_path, files)
    (tmp_path / name).mkdir()
    assert faults(tmp_path) == [f"{name}: cannot be read (Is a directory)"]


def test_other_folders_beside_the_files_are_left_alone(tmp_path: Path):
    put(tmp_path, BOOKED)
    (tmp_path / "last year.csv").mkdir()
    assert len(load_scenario(tmp_path).problem.orders) == 2


def test_faults_of_whole_files_come_first(tmp_path: Path):
    appointments = APPOINTMENTS.replace("app-2,pat-2", "app-2,pat-9")
    found = faults_in(tmp_path, **{"appointments.csv": appointments, "ties.csv": "id\n"})
    assert [fault.split(": ")[0] for fault in found] == ["ties.csv", "appointments.csv:3"]


def test_the_header_of_a_folder_is_not_the_scenario(tmp_path: Path):
    header = put(tmp_path, BOOKED) / "scenario.yaml"
    said = f"is the header of a scenario, with patients.csv beside it, expected the folder. Maybe give {tmp_path}"
    assert faults(header) == [f"{header}: {said}"]


def test_a_header_with_everything_in_it_can_be_given_alone(tmp_path: Path):
    header = put(tmp_path, {"scenario.yaml": WORLD, "notes.txt": "for us"}) / "scenario.yaml"
    assert load_scenario(header) == load_scenario(tmp_path)


@pytest.mark.parametrize(
    ("command", "hint"),
    [("template", ". Maybe give the scenario, and this file after --template"), ("find", "")],
)
def test_an_answer_is_no_scenario(tmp_path: Path, command: str, hint: str):
    path = tmp_path / "answer.json"
    path.write_text(f'{{"slotwright": "0.1.0", "command": "{command}", "scenario": "x", "template": {{}}}}')
    assert faults(path) == [f"answer.json: is an answer of 'slotwright {command}', expected a scenario{hint}"]


def test_a_device_is_no_scenario():
    said = "found something without an ending, expected a folder, or a .yaml or .json file"
    assert faults(Path("/dev/null")) == [f"/dev/null: {said}"]
