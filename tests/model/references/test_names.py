from __future__ import annotations

import pytest

from tests.factories import order, patient, practitioner, room, service, session, site
from tests.model.references.expect import broken, legal

ITEMS = {
    "sites": lambda id: site(id),
    "patients": lambda id: patient(id),
    "orders": lambda id: order(id),
    "services": lambda id: service(id),
    "resources": lambda id: room(id),
    "sessions": lambda id: session(
        id, "dr-a", start="13:00" if id == "two" else "08:00", end="18:00" if id == "two" else "12:00"
    ),
    "blocks": lambda id: {
        "id": id,
        "theatre": "theatre",
        "period": {"from": "13:00", "to": "18:00"} if id == "two" else {"from": "08:00", "to": "12:00"},
        "practitioner": "dr-a",
        "day": "2026-03-02",
    },
    "templates": lambda id: {"id": id, "name": id, "effective_from": "2026-03-02"},
    "ties": lambda id: {"id": id, "kind": "same-day", "orders": ["ord-1", "ord-2"]},
}


def world(kind, items):
    """Home world with the items after the usual ones, and what these need."""
    base = {
        "sites": (site(),),
        "patients": (patient(),),
        "orders": (order(), order("ord-2")),
        "services": (service(),),
        "resources": (practitioner(), room("theatre")),
    }
    return {**base, kind: (*base.get(kind, ()), *items)}


@pytest.mark.parametrize("kind", sorted(ITEMS))
def test_ids_are_unique_in_their_kind(kind):
    make = ITEMS[kind]
    ones = [make("one"), make("two")]
    legal(**world(kind, ones))
    fields = world(kind, [ones[0], {**_dumped(ones[1]), "id": "one"}])
    at = len(fields[kind]) - 1
    broken(f"{kind}[{at}].id", "found 'one'", f"{kind}[{at - 1}] has already", "expected", **fields)


def _dumped(item):
    return item if isinstance(item, dict) else item.model_dump(by_alias=True, mode="json")


def test_sessions_and_blocks_share_their_ids():
    sessions = (session("mon", "dr-a"),)
    fields = world("blocks", [ITEMS["blocks"]("mon")])
    broken("blocks[0].id", "sessions[0] has already", sessions=sessions, **fields)
    fields = world("blocks", [ITEMS["blocks"]("monday")])
    legal(sessions=sessions, **fields)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "blank"),
        ("   ", "blank"),
        (" room", "no blanks at its ends. Maybe you meant 'room'"),
        ("room ", "no blanks at its ends"),
        ("ro\tom", "printable"),
        ("ro\u00a0om", "printable"),
        ("r" * 101, "101 characters, expected at most 100"),
    ],
)
@pytest.mark.parametrize("kind", sorted(ITEMS))
def test_an_id_is_short_and_readable(kind, given, says):
    fields = world(kind, [{**_dumped(ITEMS[kind]("one")), "id": given}])
    broken(f"{kind}[{len(fields[kind]) - 1}].id", says, "expected", **fields)


@pytest.mark.parametrize("given", ["r", "r" * 100, "Röntgen 2 (links)", "患者-1", "123"])
def test_an_id_may_be_any_printable_text(given):
    legal(**world("resources", [room(given)]))
