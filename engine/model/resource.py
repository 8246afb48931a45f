"""Sites and resources: everything that must be free for a visit to take place."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from engine.model.base import Count, Day, Fact, Minutes, Name
from engine.model.calendar import ZoneName
from engine.model.hours import Hours
from engine.model.ids import Capability, ResourceId, SiteId, Specialty, Tag

__all__ = [
    "Bed",
    "BuffersRule",
    "Changeover",
    "Equipment",
    "LimitKind",
    "Practitioner",
    "Privilege",
    "Resource",
    "ResourceBase",
    "ResourceKind",
    "ResourceLimit",
    "Room",
    "Site",
    "Travel",
    "UseRule",
]


class ResourceKind(StrEnum):
    """Kinds of resources. A patient is not a resource, though a patient's time is guarded like one."""

    PRACTITIONER = "practitioner"
    ROOM = "room"
    EQUIPMENT = "equipment"
    BED = "bed"


class UseRule(StrEnum):
    """When a resource can be booked."""

    WHEN_OPEN = "when-open"
    """Within opening hours; where it also has sessions, each of these admits only its own services."""
    IN_SESSIONS = "in-sessions"
    """Only inside its sessions or surgery blocks."""


class BuffersRule(StrEnum):
    """How the clean-up after one use and the set-up before the next go together."""

    ADD = "add"
    """One after the other; both are part of the reservation."""
    OVERLAP = "overlap"
    """At the same time: the longer of the two must fit between two uses; neither is part of the reservation."""


class LimitKind(StrEnum):
    """What a resource's eligibility limit measures in the patient."""

    WEIGHT_KG = "weight-kg"
    HEIGHT_CM = "height-cm"
    AGE_YEARS = "age-years"


class ResourceLimit(Fact):
    """Only patients with `minimum <= value <= maximum` may be put on the resource.

    A patient whose value is not known passes: the front desk asks when it matters.
    """

    kind: LimitKind
    minimum: int | None = None
    maximum: int | None = None


class Changeover(Fact):
    """Minutes between a use tagged `before` and a following use tagged `after` of the same resource.

    Comes on top of nothing: the longer of this and the ordinary clean-up and set-up counts. `None` stands for a use
    without any of the tags that the resource's changeovers name.
    """

    before: Tag | None = None
    after: Tag | None = None
    minutes: Minutes


class Site(Fact):
    """A place with its own clock and opening hours.

    `start_grid_min`, where given, replaces the policy's: visits start at multiples of it from local midnight.
    """

    id: SiteId
    name: Name
    time_zone: ZoneName
    hours: Hours = Hours()
    start_grid_min: Annotated[int, Field(gt=0, le=1440, strict=True)] | None = None


class Travel(Fact):
    """Minutes it takes to get from one site to another; the same in both directions unless both are given."""

    origin: SiteId = Field(alias="from")
    destination: SiteId = Field(alias="to")
    minutes: Minutes


class Privilege(Fact):
    """What a practitioner may do, and for how long: the local dates `[valid_from, valid_until)`, open where None."""

    capability: Capability
    valid_from: Day | None = None
    valid_until: Day | None = None


class ResourceBase(Fact):
    """What all resources have.

    Parameters
    ----------
    lanes
        How many uses fit at the same time. Lanes are fungible and counted, never numbered by the engine; what is
        physically told apart (bed 3, chair 2) is a resource of its own.
    overflow_lanes
        Extra lanes that only an audited override may use.
    hours
        None: open whenever its site is.
    setup_min, cleanup_min
        Its own, on top of those of the role it fills (an instrument tray's sterilisation).
    presence_limit
        How many steps it may supervise at once in a `presence` role.
    """

    id: ResourceId
    name: Name
    site: SiteId
    capabilities: tuple[Capability, ...] = ()
    hours: Hours | None = None
    use: UseRule = UseRule.WHEN_OPEN
    lanes: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 1
    overflow_lanes: Count = 0
    limits: tuple[ResourceLimit, ...] = ()
    buffers: BuffersRule = BuffersRule.ADD
    setup_min: Minutes = 0
    cleanup_min: Minutes = 0
    changeovers: tuple[Changeover, ...] = ()
    presence_limit: Count = 1


class Practitioner(ResourceBase):
    """A physician, nurse, anaesthetist, technician, interpreter: a person whose time is planned.

    `site` is where the practitioner works outside sessions that name another; `other_sites` where else a template
    may send them. Who has `capabilities` may do it without end; `privileges` are the ones with an expiry.
    """

    kind: Literal[ResourceKind.PRACTITIONER] = ResourceKind.PRACTITIONER
    profession: Name = "physician"
    specialties: tuple[Specialty, ...] = ()
    other_sites: tuple[SiteId, ...] = ()
    privileges: tuple[Privilege, ...] = ()
    accepts_new: bool = True
    use: UseRule = UseRule.IN_SESSIONS


class Room(ResourceBase):
    """A room. Its type is one of its capabilities ("consulting-room", "theatre")."""

    kind: Literal[ResourceKind.ROOM] = ResourceKind.ROOM


class Equipment(ResourceBase):
    """A machine or an instrument: fixed in a room, or mobile inside its site."""

    kind: Literal[ResourceKind.EQUIPMENT] = ResourceKind.EQUIPMENT
    fixed_in: ResourceId | None = None


class Bed(ResourceBase):
    """A bed, or a ward's beds of one type as lanes."""

    kind: Literal[ResourceKind.BED] = ResourceKind.BED


Resource = Annotated[Practitioner | Room | Equipment | Bed, Field(discriminator="kind")]
"""Any resource, told apart by `kind`."""
