"""One vocabulary for rules and for costs, used by search, solvers, the check and the reports alike."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["RANKING_COSTS", "SAFETY_RULES", "TEMPLATE_RULES", "ConstraintCode", "PenaltyCode"]


class ConstraintCode(StrEnum):
    """A hard rule. Its breach is a `Violation`.

    The comment behind each says when it is broken. `docs/reference/rules.md` has the long form of each.
    """

    # What an appointment consists of
    STEPS_COMPLETE = "steps-complete"  # a step is missing, doubled or not of the service
    ROLE_FILLED = "role-filled"  # a role has too few or too many resources, or not for its whole window
    DURATION = "duration"  # a step is shorter than it must be
    CAPABLE = "capable"  # a resource is of the wrong kind, lacks a capability or is not in the role's pool
    PRIVILEGE = "privilege"  # a practitioner's privilege has expired or not begun
    ACCEPTS_NEW = "accepts-new"  # a new patient is with a practitioner who takes none
    RESOURCE_LIMIT = "resource-limit"  # the patient is beyond a limit of the resource (a scanner's weight limit)
    ELIGIBILITY = "eligibility"  # the patient is not eligible for the service (age, sex)

    # Free time of resources
    CAPACITY = "capacity"  # more units of a resource are used at an instant than it has lanes
    PRESENCE = "presence"  # a supervisor covers more steps at once than allowed
    OPENING_HOURS = "opening-hours"  # a reservation lies outside opening hours or inside an absence
    SESSION = "session"  # no session of the resource offers the service over the reservation
    SEGMENT_QUOTA = "segment-quota"  # more visits of a segment's services than its quota
    CLASS_QUOTA = "class-quota"  # more visits of a patient class than the session allows
    KEPT_BACK = "kept-back"  # a routine visit in time kept back for urgent ones, booked before its release
    BLOCK_OWNER = "block-owner"  # a theatre is used in another owner's surgery block before its release
    FLOATING_BREAK = "floating-break"  # no room is left for a session's break
    CHANGEOVER = "changeover"  # two uses of a resource follow each other too closely
    STAFF_TRAVEL = "staff-travel"  # a practitioner cannot get from one site to the other in time

    # Resources of a step together
    ONE_SITE = "one-site"  # resources of one step are at different sites
    FIXED_EQUIPMENT = "fixed-equipment"  # equipment is used in another room than the one it is fixed in
    SESSION_ROOM = "session-room"  # a session's visit takes place in another room than the session's

    # The patient
    PATIENT_OVERLAP = "patient-overlap"  # a patient is in two places at once
    PATIENT_AVAILABLE = "patient-available"  # a patient said not to be available
    PATIENT_TRAVEL = "patient-travel"  # a patient cannot get from one site to the other in time, within a visit or not

    # Steps of a service together
    STEP_ORDER = "step-order"  # an ordered service's steps are out of order or overlap
    STEP_GAP = "step-gap"  # too short or too long between steps
    SAME_DAY = "same-day"  # steps that belong on one local day are on several
    SAME_RESOURCE = "same-resource"  # steps that need the same practitioner, room or other have different ones
    HELD_ACROSS = "held-across"  # a resource is not held from the first to the last step it must be held over
    SPAN = "span"  # from the first start to the last end takes longer than allowed
    TIME_OF_DAY = "time-of-day"  # a step starts outside its time-of-day window
    GROUP_SIZE = "group-size"  # more patients than seats, or a seat at another time than the group's

    # What the order asks
    ORDER_ONCE = "order-once"  # an order is booked twice, for another patient or service, or was withdrawn
    EARLIEST_START = "earliest-start"
    DEADLINE = "deadline"
    TARGET_WINDOW = "target-window"  # outside the tolerance around the target date
    NOTICE = "notice"  # booked with less notice than the service or the policy asks
    HORIZON = "horizon"  # outside the horizon, or further ahead than the policy books
    START_GRID = "start-grid"  # does not start on the site's start grid
    REQUIRED_PRACTITIONER = "required-practitioner"
    REQUIRED_SITE = "required-site"
    CONDITION = "condition"  # authorisation, referral, consent or result missing or not valid then
    PREREQUISITE = "prerequisite"  # not after the order it depends on, or too soon or too late after it
    SEPARATION = "separation"  # too close to another visit of the patient
    TIE = "tie"  # orders tied together are on different days, or the wait between them is too long
    SERIES = "series"  # an occurrence is missing or outside the tolerance of its offset
    OVERRIDE = "override"  # a rule was overridden that may not be, or by somebody who may not

    # From one schedule to the next
    PINNED = "pinned"  # a pinned visit was moved or dropped
    PAST = "past"  # a visit that has started was moved or dropped, or one was put before now

    # The weekly template
    TEMPLATE_DOUBLE = "template-double"  # a practitioner, room or other is in two sessions at once
    TEMPLATE_QUALIFIED = "template-qualified"  # an activity without the capability, room type or site it needs
    TEMPLATE_AVAILABLE = "template-available"  # a session in a period in which somebody or something is not available
    TEMPLATE_CONTRACT = "template-contract"  # more or fewer sessions than the contract
    TEMPLATE_POOL = "template-pool"  # staff or equipment of pools would be in two places in a period
    TEMPLATE_SITE_CHANGE = "template-site-change"  # a practitioner at two sites on one day
    TEMPLATE_COVER = "template-cover"  # fewer of a specialty in a period than must be there
    TEMPLATE_PINNED = "template-pinned"  # a pinned session was changed


class PenaltyCode(StrEnum):
    """A soft cost. Its amount is a `PenaltyTerm`: quantity x weight."""

    # Orders and appointments
    UNPLACED = "unplaced"  # per order left over, by priority
    TARDINESS = "tardiness"  # per started hour past the due date, by priority
    ACCESS_DELAY = "access-delay"  # per started day from the earliest start, by priority
    TARGET_DISTANCE = "target-distance"  # per day off the target date
    NOT_PREFERRED_PRACTITIONER = "not-preferred-practitioner"
    NOT_PREFERRED_SITE = "not-preferred-site"
    NOT_PREFERRED_TIME = "not-preferred-time"  # outside the weekdays and times of day the patient would like
    NOT_PREFERRED_MODALITY = (
        "not-preferred-modality"  # in person, by video, by telephone: not as the patient would like
    )
    PATIENT_WAIT = "patient-wait"  # per minute in the building between steps on one day
    # The diary of whoever leads a visit that is offered: of the order of offers only, see `RANKING_COSTS`
    IDLE_GAP = "idle-gap"  # per idle minute beside it that is too short to be of use
    OPENED_SESSION = "opened-session"  # it would be the first in the session
    # Changes to what was booked
    MOVED_TIME = "moved-time"  # per patient whose time moves within the day
    MOVED_DAY = "moved-day"  # per patient who moves to another day
    CHANGED_NAMED = "changed-named"  # per patient promised a name who gets another practitioner
    SHORT_NOTICE = "short-notice"  # extra for a move close to the visit
    MOVED_AGAIN = "moved-again"  # extra per earlier move of the same visit
    CANCELLED = "cancelled"  # per booked patient who loses the visit
    # The weekly template
    DEMAND_SHORT = "demand-short"  # per session of demand not covered, by priority
    CONTRACT_SHORT = "contract-short"  # per session below a contract's wished number
    WISH = "wish"  # per wish not granted
    UNFAIR = "unfair"  # spread of unpopular sessions between practitioners
    UNSTABLE = "unstable"  # per session that differs from the published template


SAFETY_RULES: frozenset[ConstraintCode] = frozenset(
    {
        ConstraintCode.STEPS_COMPLETE,
        ConstraintCode.ROLE_FILLED,
        ConstraintCode.CAPABLE,
        ConstraintCode.PRIVILEGE,
        ConstraintCode.RESOURCE_LIMIT,
        ConstraintCode.ELIGIBILITY,
        ConstraintCode.PATIENT_OVERLAP,
        ConstraintCode.PRESENCE,
        ConstraintCode.CHANGEOVER,
        ConstraintCode.STEP_ORDER,
        ConstraintCode.FIXED_EQUIPMENT,
        ConstraintCode.ORDER_ONCE,
        ConstraintCode.OVERRIDE,
        ConstraintCode.PAST,
    }
)
"""Rules that nobody may override."""

RANKING_COSTS: frozenset[PenaltyCode] = frozenset({PenaltyCode.IDLE_GAP, PenaltyCode.OPENED_SESSION})
"""Costs by which offers are put in order, and nothing else: no schedule has them, and the check knows none of them."""

TEMPLATE_RULES: frozenset[ConstraintCode] = frozenset(c for c in ConstraintCode if c.value.startswith("template-"))
"""Rules about a template rather than about appointments."""
