"""Columns, rows and cells that are wrong in CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scenario_io.folders import (
    faults_in,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_unknown_and_missing_and_repeated_columns(tmp_path: Path):
    assert faults_in(tmp_path, orders_csv="id,patient,servce\nord-1,pat-1,visit\nord-2,pat-2,visit\n") == [
        "orders.csv:1: column 'service' is missing",
        "orders.csv:1: unknown column 'servce'. Maybe you meant 'service'.",
    ]
    assert faults_in(tmp_path, orders_csv="id,patient,service,id\nord-1,pat-1,visit,x\n") == [
        "orders.csv:1: the column 'id' is there twice"
    ]


def test_rows_of_another_length(tmp_path: Path):
    orders = "id,patient,service\nord-1,pat-1,visit,\nord-2,pat-2,visit\nord-3\nord-4,pat-1,visit\n"
    assert faults_in(tmp_path, orders_csv=orders) == [
        "orders.csv:2: found 4 cells, expected 3 as in the header.",
        "orders.csv:4: found 1 cells, expected 3 as in the header.",
    ]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("preference", "mon;tue", "found 'mon;tue', expected JSON: cannot be read as JSON (Expecting value at "
         "character 1)"),
        ("preference", '"{""weekdays"": [""mon""], ""weekdays"": []}"', None),
        ("preference", '"{""weekdays"": [""monday""]}"', "weekdays[0]: found 'monday', expected mon, tue, wed, thu, "
         "fri, sat or sun. Maybe you meant 'mon'."),
        ("preference", '"{""weekday"": [""mon""]}"', "preference: unknown key 'weekday'. Maybe you meant 'weekdays'."),
        ("preference", '"[""mon""]"', "preference: found a list, expected a mapping"),
        ("series", '"[{""offset_days"": 0.5}]"', "series[0].offset_days: found 0.5, expected a whole number"),
        ("status", "booked", None),
    ],
)  # fmt: skip
def test_cells_that_are_wrong(tmp_path: Path, column: str, cell: str, said: str | None):
    orders = f"id,patient,service,{column}\nord-1,pat-1,visit,\nord-2,pat-2,visit,{cell}\n"
    found = faults_in(tmp_path, orders_csv=orders)
    assert len(found) == 1
    assert found[0].startswith("orders.csv:3: ")
    assert said is None or found[0].endswith(said)


def test_truths_and_counts_in_cells(tmp_path: Path):
    blocks = "id,day,theatre,period,specialty,overtime_quantile\nb,2026-03-02,room-1,08:00,surgery,8O\n"
    assert faults_in(tmp_path, blocks_csv=blocks) == [
        "blocks.csv:2: overtime_quantile: found '8O', expected a whole number",
        "blocks.csv:2: period: found '08:00', expected a period such as 08:00-12:00",
    ]


def test_a_column_that_the_kind_of_an_event_does_not_have(tmp_path: Path):
    events = "id,kind,at,appointment,minutes\ne1,cancellation,2026-03-01T12:00,app-1,5\n"
    assert faults_in(tmp_path, events_csv=events) == [
        "events.csv:2: 'minutes' does not belong to the kind 'cancellation'"
    ]


def test_ids_that_events_name(tmp_path: Path):
    events = (
        "id,kind,at,appointment,resource,order,patient,session,template,from,to,condition\n"
        "e1,cancellation,2026-03-01T12:00,app-9,,,,,,,,\n"
        "e2,absence,2026-03-01T12:00,,dr-x,,,,,2026-03-02T08:00,2026-03-02T09:00,\n"
        "e3,walk-in,2026-03-01T12:00,,,ord-9,,,,,,\n"
        "e4,deceased,2026-03-01T12:00,,,,pat-9,,,,,\n"
        "e5,block-released,2026-03-01T12:00,,,,,s9,,,,\n"
        "e6,template-changed,2026-03-01T12:00,,,,,,t9,,,\n"
        "e6,condition-expired,2026-03-01T12:00,,,ord-8,,,,,,consent\n"
    )
    assert faults_in(tmp_path, events_csv=events) == [
        "events.csv:2: appointment: found 'app-9', expected the id of an appointment. Maybe you meant 'app-2'.",
        "events.csv:3: resource: found 'dr-x', expected the id of a resource. Maybe you meant 'dr-b'.",
        "events.csv:4: order: found 'ord-9', expected the id of an order. Maybe you meant 'ord-2'.",
        "events.csv:5: patient: found 'pat-9', expected the id of a patient. Maybe you meant 'pat-2'.",
        "events.csv:6: session: found 's9', expected the id of a session.",
        "events.csv:7: template: found 't9', expected the id of a template.",
        "events.csv:8: id: found 'e6', which events.csv:7 has already; expected an id of its own",
        "events.csv:8: order: found 'ord-8', expected the id of an order. Maybe you meant 'ord-2'.",
    ]
