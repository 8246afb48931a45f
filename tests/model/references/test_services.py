from __future__ import annotations

import pytest

from tests.factories import equipment, practitioner, role, room, service, step
from tests.model.references.expect import broken, faults_in, legal

DOCTOR, OTHER, ROOM, SCANNER = practitioner(), practitioner("dr-b"), room(), equipment()
RESOURCES = [DOCTOR, OTHER, ROOM, SCANNER]


def one_step(**fields):
    return {"services": [service("visit", step(**fields))], "resources": RESOURCES}


def two_steps(first=(), second=(), **fields):
    """A blood test and a talk with the doctor, fields of the service after them."""
    steps = step(**{"id": "blood", "minutes": 10, **dict(first)}), step(**{"id": "talk", **dict(second)})
    return {"services": [service("visit", *steps, **fields)], "resources": RESOURCES}


# Steps


def test_step_ids():
    legal(**two_steps())
    broken("services[0].steps[1].id", "services[0].steps[0] has already", **two_steps(second={"id": "blood"}))
    broken("services[0].steps[0].id", "blank", **one_step(id=""))
    broken("services[0].steps[0].id", "no dot", **one_step(id="a.b"))


def test_modalities_come_once():
    legal(**one_step(modalities=("video", "telephone")))
    broken("services[0].steps[0].modalities[1]", "'video' again", **one_step(modalities=("video", "video")))


def test_a_gap_stands_between_ordered_steps():
    gap = {"min_min": 5}
    legal(**two_steps(second={"gap": gap}))
    broken("services[0].steps[0].gap", "the first step", **two_steps(first={"gap": gap}))
    broken("services[0].steps[1].gap", "free in order", **two_steps(second={"gap": gap}, is_ordered=False))
    legal(**two_steps(is_ordered=False))


@pytest.mark.parametrize("by", ["by_practitioner", "by_equipment"])
def test_durations_by_resource(by):
    right, wrong = ("dr-a", "scanner") if by == "by_practitioner" else ("scanner", "dr-a")
    legal(**one_step(duration={"minutes": 20, by: {right: 30}}))
    place = "services[0].steps[0].duration."
    broken(f"{place}{by}.{wrong}", "which is", "expected", **one_step(duration={"minutes": 20, by: {wrong: 30}}))
    broken(f"{place}{by}.nobody", "expected the id of", **one_step(duration={"minutes": 20, by: {"nobody": 30}}))


def test_modifiers_are_readable():
    legal(**one_step(duration={"minutes": 20, "by_modifier": {"new": 20}}))
    broken(
        "services[0].steps[0].duration.by_modifier. new",
        "blanks",
        **one_step(duration={"minutes": 20, "by_modifier": {" new": 20}}),
    )


# Roles


def test_role_ids():
    doctor, helper = role("doctor"), role("helper")
    legal(**one_step(roles=[doctor, helper]))
    broken("services[0].steps[0].roles[1].id", "roles[0] has already", **one_step(roles=[doctor, doctor]))
    broken("services[0].steps[0].roles[0].id", "stands for the patient", **one_step(roles=[role("patient")]))
    broken("services[0].steps[0].roles[0].id", "blank", **one_step(roles=[role(" ")]))


def test_the_same_role_id_in_two_steps_is_fine():
    legal(**two_steps(first={"roles": [role("doctor")]}, second={"roles": [role("doctor")]}))


def test_any_of_is_of_the_roles_kind():
    legal(**one_step(roles=[role("doctor", any_of=("dr-a", "dr-b"))]))
    place = "services[0].steps[0].roles[0].any_of[1]"
    broken(place, "found 'dr-x'", **one_step(roles=[role("doctor", any_of=("dr-a", "dr-x"))]))
    broken(
        place, "which is a room; expected a practitioner", **one_step(roles=[role("doctor", any_of=("dr-a", "room-1"))])
    )
    broken(place, "'dr-a' again", **one_step(roles=[role("doctor", any_of=("dr-a", "dr-a"))]))


def test_any_of_names_enough():
    legal(**one_step(roles=[role("doctor", any_of=("dr-a", "dr-b"), count=2)]))
    broken(
        "services[0].steps[0].roles[0].count",
        "found 2, expected no more than the 1",
        **one_step(roles=[role("doctor", any_of=("dr-a",), count=2)]),
    )


def test_words_of_a_role():
    able = {"resources": [practitioner(capabilities=("a", "b"))]}
    legal(**one_step(roles=[role("doctor", capabilities=("a", "b"))]) | able)
    place = "services[0].steps[0].roles[0]"
    broken(f"{place}.capabilities[1]", "again", **one_step(roles=[role("doctor", capabilities=("a", "a"))]) | able)
    broken(f"{place}.modalities[1]", "again", **one_step(roles=[role("doctor", modalities=("in-person", "in-person"))]))
    broken(f"{place}.tag", "blank", **one_step(roles=[role("doctor", tag="")]))
    legal(**one_step(roles=[role("doctor", tag="infectious")]))


def test_a_role_is_needed_in_some_modality_of_its_step():
    video = role("doctor", modalities=("video",))
    legal(**one_step(roles=[video], modalities=("in-person", "video")))
    broken("services[0].steps[0].roles[0].modalities", "found video", "in-person", **one_step(roles=[video]))


@pytest.mark.parametrize(
    ("start", "end"),
    [("start", "end"), ("start-15", "start"), ("end", "end+10"), ("start+19", "end"), ("end-20", "start+1")],
)
def test_windows_that_have_time(start, end):
    legal(**one_step(roles=[role("doctor", start=start, end=end)]))


@pytest.mark.parametrize(
    ("start", "end"),
    [("end", "start"), ("start", "start"), ("start+20", "end"), ("start+5", "end-15"), ("end", "start+20")],
)
def test_windows_without_time(start, end):
    broken(
        "services[0].steps[0].roles[0].until",
        f"found '{end}' after 'from' '{start}', which in 20 min is from",
        "expected an end after the start",
        **one_step(roles=[role("doctor", start=start, end=end)]),
    )


@pytest.mark.parametrize(
    ("duration", "says"),
    [
        ({"minutes": 40, "by_practitioner": {"dr-b": 10}}, "in 10 min with 'dr-b'"),
        ({"minutes": 40, "by_equipment": {"scanner": 10}}, "in 10 min with 'scanner'"),
        ({"minutes": 40, "by_modifier": {"return": -30}}, "in 10 min as 'return'"),
        ({"minutes": 40, "by_practitioner": {"dr-b": 20}, "by_modifier": {"return": -10}}, "with 'dr-b' as 'return'"),
    ],
)
def test_windows_have_time_in_shorter_steps_too(duration, says):
    doctor = role("doctor", start="start+10")
    broken("services[0].steps[0].roles[0].until", says, **one_step(duration=duration, roles=[doctor]))
    legal(**one_step(duration=duration, roles=[role("doctor", start="start+9")]))


def test_windows_in_a_stay():
    """A stay of one night takes at least the eleven hours from midnight to its discharge."""
    legal(**one_step(nights=1, roles=[role("doctor", start="start+600")]))
    broken(
        "services[0].steps[0].roles[0].until",
        "660 min",
        **one_step(nights=1, roles=[role("doctor", start="start+660")]),
    )


# Across steps


def held(first="blood", last="talk", **fields):
    return {"role": role("chair", "room", **fields), "first": first, "last": last}


def test_a_held_resource_reaches_to_a_later_step():
    legal(**two_steps(held=[held()]))
    broken("services[0].held[0].last", "after the first", **two_steps(held=[held("talk", "blood")]))
    broken("services[0].held[0].last", "after the first", **two_steps(held=[held("talk", "talk")]))
    broken("services[0].held[0].first", "found 'blod'", "'blood'", **two_steps(held=[held("blod")]))
    broken("services[0].held[0].last", "found 'tlk'", "'talk'", **two_steps(held=[held(last="tlk")]))
    broken("services[0].held[0]", "free in order", **two_steps(held=[held()], is_ordered=False))


def test_a_held_role_is_a_role():
    broken("services[0].held[0].role.any_of[0]", "found 'dr-a'", **two_steps(held=[held(any_of=("dr-a",))]))
    later = {"gap": {"min_min": 10}}
    legal(**two_steps(second=later, held=[held(start="start+39")]))
    broken("services[0].held[0].role.until", "40 min", **two_steps(second=later, held=[held(start="start+40")]))


def test_a_held_role_is_needed_in_some_modality_of_its_first_step():
    fields = {"first": {"modalities": ["in-person", "video"]}}
    legal(**two_steps(held=[held(modalities=["video"])], **fields))
    broken("services[0].held[0].role.modalities", "found video", **two_steps(held=[held(modalities=["video"])]))


def test_a_held_role_shares_its_first_steps_ids():
    chair = role("chair", "room")
    legal(**two_steps(second={"roles": [chair]}, held=[held()]))
    broken(
        "services[0].held[0].role.id",
        "steps[0].roles[0] has already",
        **two_steps(first={"roles": [chair]}, held=[held()]),
    )
    steps = step("a"), step("b"), step("c")
    twice = service("visit", *steps, held=[held("a", "b"), held("a", "c")])
    broken("services[0].held[1].role.id", "held[0].role has already", services=[twice], resources=RESOURCES)


def test_same_names_roles():
    legal(**two_steps(same=[{"roles": ["blood.doctor", "talk.doctor"]}]))
    place = "services[0].same[0].roles"
    broken(f"{place}[1]", "found 'tolk'", "'talk'", **two_steps(same=[{"roles": ["blood.doctor", "tolk.doctor"]}]))
    broken(
        f"{place}[1]", "found role 'docter'", "'doctor'", **two_steps(same=[{"roles": ["blood.doctor", "talk.docter"]}])
    )
    faults = faults_in(**two_steps(same=[{"roles": ["talk.doctor", "talk.doctor"]}]))
    assert [(fault.place, fault.message) for fault in faults] == [
        (f"{place}[1]", "found 'talk.doctor' again, expected it once")
    ]


def test_same_includes_held_roles_with_their_first_step():
    chair = {"second": {"roles": [role("chair", "room")]}, "held": [held()]}
    legal(**two_steps(same=[{"roles": ["blood.chair", "talk.chair"]}], **chair))
    wrong = two_steps(same=[{"roles": ["blood.doctor", "talk.chair"]}], held=[held()])
    broken("services[0].same[0].roles[1]", "found role 'chair'", **wrong)


def test_same_is_of_one_kind_and_count():
    place = "services[0].same[0].roles[1]"
    same = [{"roles": ["blood.doctor", "talk.other"]}]
    broken(
        place,
        "of a room, expected one of a practitioner",
        **two_steps(second={"roles": [role("other", "room")]}, same=same),
    )
    broken(
        place, "of 2 resources, expected one of 1", **two_steps(second={"roles": [role("other", count=2)]}, same=same)
    )
    legal(**two_steps(second={"roles": [role("other")]}, same=same))


def test_eligibility():
    legal(services=[service(eligibility={"min_age": 18, "max_age": 18, "sexes": ["female"]})])
    place = "services[0].eligibility"
    broken(f"{place}.max_age", "found 17", "18", services=[service(eligibility={"min_age": 18, "max_age": 17})])
    broken(f"{place}.sexes", "nobody", services=[service(eligibility={"sexes": []})])
    broken(f"{place}.sexes[1]", "again", services=[service(eligibility={"sexes": ["male", "male"]})])


def test_the_longest_span_holds_the_steps():
    later = {"gap": {"min_min": 10}}
    legal(**two_steps(second=later, max_span_min=40))
    broken("services[0].max_span_min", "found 39", "the 40 min", **two_steps(second=later, max_span_min=39))
    legal(**two_steps(is_ordered=False, max_span_min=1))  # steps without the patient may overlap
