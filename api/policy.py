"""Who may do what to which thing: the one table that every door asks, and that a test asks every route about.

A pair of thing and action that is not here is done by nobody. Which route does what to which thing stands in
`policy_routes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from api.principal import Principal
from dispatch.access.tables import Scope
from dispatch.territories.tables import StaffRole


class Who(StrEnum):
    NOBODY = "nobody"
    TRACK = "track link"  # a customer, by the link of one visit
    BOOK = "book link"  # somebody who was invited to book
    SETUP = "set-up link"  # about to become somebody of the office
    ENROL = "enrolment link"  # about to become a technician's phone
    CALENDAR = "calendar link"  # a calendar that shows a technician's coming visits
    ENTERING = "entering"  # of the office, with a password and still without the second key
    TECHNICIAN = "technician"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMIN = "admin"
    KEY = "API key"  # a program, within the scopes of its key
    PROVIDER = "provider"  # of texts and calls; it signs what it sends


class Whose(StrEnum):
    """Which of the things. What is not theirs is not there for them: 404, as for what was never there."""

    ALL = "all"
    TERRITORY = "of their territory"
    VISIT = "their visit"
    DAY = "on their day"
    LINK = "what the link is for"


class Action(StrEnum):
    READ = "read"
    SEARCH = "search"
    EXPORT = "export"
    CREATE = "create"
    CHANGE = "change"
    DECIDE = "decide"
    STEP = "step"  # what a technician does at the door
    FOLLOW = "follow"  # read behind the link of a visit
    ANSWER = "answer"  # act behind the link of a visit
    ENTER = "enter"
    LEAVE = "leave"
    STOP = "stop"
    START = "start"


class Thing(StrEnum):
    """`value` is the noun in the scopes of API keys."""

    HOUSE = "house"
    DEMO = "demo"
    HOOK = "hooks"
    SESSION = "sessions"
    TERRITORY = "territories"
    POLICY = "policies"
    SERVICE = "services"
    TECHNICIAN = "technicians"
    PERSON = "people"
    WORDING = "texts"
    SENDING = "sending"
    KEY = "keys"
    WEBHOOK = "webhooks"
    ROWS = "exports"  # customers, technicians, services, visits as files
    BOOKING = "bookings"
    SLOT = "slots"
    VISIT = "visits"
    DAY = "day"
    CALENDAR = "calendars"
    PLAN = "plans"
    RECOVERY = "recoveries"
    TROUBLE = "troubles"  # many technicians out at once
    CALLBACK = "callbacks"
    MESSAGE = "messages"
    INVITATION = "invitations"
    EVENT = "events"
    MAP = "map"
    ROADS = "roads"
    OPTIMIZER = "optimizer"
    REPORT = "reports"
    PHOTO = "photos"
    RECORD = "records"
    HELD = "held"  # all that we hold about one person


Line = Mapping[Who, Whose]

EVERYBODY: Line = dict.fromkeys(Who, Whose.ALL)
OFFICE: Line = dict.fromkeys((Who.DISPATCHER, Who.SUPERVISOR, Who.ADMIN), Whose.TERRITORY)
SUPERVISORS: Line = dict.fromkeys((Who.SUPERVISOR, Who.ADMIN), Whose.TERRITORY)
ADMINS: Line = {Who.ADMIN: Whose.TERRITORY}
REPORTS: Line = {**OFFICE, Who.MANAGER: Whose.TERRITORY}
PROGRAM: Line = {Who.KEY: Whose.TERRITORY}
CUSTOMER: Line = {Who.TRACK: Whose.VISIT}
GUEST: Line = {Who.BOOK: Whose.LINK}
CREW: Line = {Who.TECHNICIAN: Whose.DAY}


def _all(line: Line) -> Line:
    """The same people, with what the whole house has together."""
    return dict.fromkeys(line, Whose.ALL)


HOUSEHOLD: Line = _all({**OFFICE, **PROGRAM, **CUSTOMER, **GUEST, **CREW})

POLICY: dict[tuple[Thing, Action], Line] = {
    # the house itself
    (Thing.HOUSE, Action.READ): EVERYBODY,
    (Thing.DEMO, Action.CHANGE): EVERYBODY,  # routed with MAKEGOOD_DEV=1 only
    (Thing.HOOK, Action.CHANGE): {Who.PROVIDER: Whose.ALL},
    (Thing.SESSION, Action.ENTER): EVERYBODY,
    (Thing.SESSION, Action.ANSWER): {Who.ENTERING: Whose.ALL},  # with the second key
    (Thing.SESSION, Action.CHANGE): _all(REPORTS),  # their own
    (Thing.SESSION, Action.LEAVE): EVERYBODY,
    (Thing.PERSON, Action.ENTER): {Who.SETUP: Whose.LINK},
    (Thing.TECHNICIAN, Action.ENTER): {Who.ENROL: Whose.LINK},
    # what is set up
    (Thing.TERRITORY, Action.READ): {**OFFICE, **PROGRAM},
    (Thing.TERRITORY, Action.CHANGE): ADMINS,
    (Thing.POLICY, Action.READ): OFFICE,
    (Thing.POLICY, Action.CHANGE): ADMINS,
    (Thing.SERVICE, Action.READ): HOUSEHOLD,
    (Thing.SERVICE, Action.CHANGE): _all(ADMINS),
    (Thing.TECHNICIAN, Action.READ): {**OFFICE, **PROGRAM},
    (Thing.TECHNICIAN, Action.CREATE): {**SUPERVISORS, **PROGRAM},
    (Thing.TECHNICIAN, Action.CHANGE): {**OFFICE, **PROGRAM},
    (Thing.TECHNICIAN, Action.DECIDE): OFFICE,  # whose phone it is
    (Thing.PERSON, Action.CHANGE): ADMINS,
    (Thing.WORDING, Action.READ): _all(OFFICE),
    (Thing.WORDING, Action.CHANGE): _all(ADMINS),
    (Thing.KEY, Action.CHANGE): ADMINS,
    (Thing.SENDING, Action.READ): _all(OFFICE),
    (Thing.SENDING, Action.STOP): _all(OFFICE),  # anybody may pull the brake
    (Thing.SENDING, Action.START): _all(SUPERVISORS),
    (Thing.WEBHOOK, Action.CHANGE): ADMINS,
    (Thing.ROWS, Action.EXPORT): {**SUPERVISORS, **PROGRAM},
    # booking
    (Thing.BOOKING, Action.CREATE): GUEST,
    (Thing.SLOT, Action.READ): {**OFFICE, **PROGRAM, **CUSTOMER, **GUEST},
    (Thing.SLOT, Action.CREATE): {**OFFICE, **PROGRAM, **CUSTOMER, **GUEST},  # a hold
    (Thing.INVITATION, Action.CREATE): {**OFFICE, **PROGRAM},
    (Thing.INVITATION, Action.ENTER): EVERYBODY,  # by a text to their own phone
    # visits
    (Thing.VISIT, Action.CREATE): {**OFFICE, **PROGRAM, **GUEST},
    (Thing.VISIT, Action.SEARCH): {**OFFICE, **PROGRAM},
    (Thing.VISIT, Action.READ): {**OFFICE, **PROGRAM, **CUSTOMER, **CREW},
    (Thing.VISIT, Action.CHANGE): {**OFFICE, **PROGRAM, **CUSTOMER},
    (Thing.VISIT, Action.DECIDE): OFFICE,  # for a caller
    (Thing.VISIT, Action.FOLLOW): CUSTOMER,
    (Thing.VISIT, Action.ANSWER): CUSTOMER,
    (Thing.VISIT, Action.STEP): CREW,
    (Thing.PHOTO, Action.READ): {**OFFICE, **CREW},
    (Thing.PHOTO, Action.CREATE): CREW,
    (Thing.DAY, Action.READ): CREW,
    (Thing.DAY, Action.STEP): CREW,
    (Thing.CALENDAR, Action.FOLLOW): {Who.CALENDAR: Whose.LINK},
    (Thing.CALENDAR, Action.CHANGE): CREW,  # their own address
    (Thing.CALENDAR, Action.DECIDE): OFFICE,  # a technician's
    # plans
    (Thing.PLAN, Action.READ): {**OFFICE, **PROGRAM},
    (Thing.PLAN, Action.DECIDE): OFFICE,
    (Thing.OPTIMIZER, Action.SEARCH): {**OFFICE, **PROGRAM},
    (Thing.MAP, Action.READ): OFFICE,
    (Thing.ROADS, Action.READ): HOUSEHOLD,
    # making good
    (Thing.RECOVERY, Action.SEARCH): {**OFFICE, **PROGRAM},
    (Thing.RECOVERY, Action.READ): {**OFFICE, **PROGRAM, **CUSTOMER},
    (Thing.RECOVERY, Action.ANSWER): {**OFFICE, **PROGRAM, **CUSTOMER},
    (Thing.RECOVERY, Action.DECIDE): OFFICE,
    (Thing.TROUBLE, Action.CREATE): OFFICE,
    (Thing.TROUBLE, Action.DECIDE): SUPERVISORS,  # the second person
    (Thing.CALLBACK, Action.READ): {**OFFICE, **PROGRAM},
    (Thing.CALLBACK, Action.DECIDE): OFFICE,
    # what was said and done
    (Thing.MESSAGE, Action.READ): {**OFFICE, **PROGRAM},
    (Thing.MESSAGE, Action.DECIDE): OFFICE,
    (Thing.EVENT, Action.READ): {**OFFICE, **PROGRAM},
    (Thing.REPORT, Action.READ): {**REPORTS, **PROGRAM},
    (Thing.REPORT, Action.EXPORT): REPORTS,
    (Thing.RECORD, Action.READ): OFFICE,
    (Thing.RECORD, Action.CHANGE): OFFICE,  # what a caller says about texts
    (Thing.RECORD, Action.EXPORT): OFFICE,
    (Thing.HELD, Action.EXPORT): SUPERVISORS,
    (Thing.HELD, Action.DECIDE): ADMINS,  # erasing
}

NOT_WRITING = (Action.READ, Action.SEARCH, Action.EXPORT)
SCOPES = tuple(
    sorted(
        {
            f"{thing.value}:{'read' if action in NOT_WRITING else 'write'}"
            for (thing, action), line in POLICY.items()
            if Who.KEY in line and line is not EVERYBODY
        }
    )
)
DUTIES = {
    StaffRole.DISPATCHER: Who.DISPATCHER,
    StaffRole.SUPERVISOR: Who.SUPERVISOR,
    StaffRole.MANAGER: Who.MANAGER,
    StaffRole.ADMIN: Who.ADMIN,
}
LINKS = {
    Scope.TRACK: Who.TRACK,
    Scope.BOOK: Who.BOOK,
    Scope.SETUP: Who.SETUP,
    Scope.ENROL: Who.ENROL,
    Scope.CALENDAR: Who.CALENDAR,
}


def known_as(principal: Principal) -> Who:
    """The column of the table in which this principal stands."""
    if principal.scopes is not None:
        return Who.KEY
    if principal.scope is not None:
        return LINKS[principal.scope]
    if principal.is_entering:
        return Who.ENTERING
    if principal.duties is not None:
        return DUTIES[principal.duties]
    return Who.TECHNICIAN if principal.role == "technician" else Who.NOBODY


def scope_for(thing: Thing, action: Action) -> str:
    """What a key must have for it, like `visits:read`."""
    return f"{thing.value}:{'read' if action in NOT_WRITING else 'write'}"


def may(principal: Principal, thing: Thing, action: Action) -> bool:
    """Whether this principal may do it to some of these things; to which of them, the endpoint asks."""
    who, line = known_as(principal), POLICY.get((thing, action), {})
    if who is Who.KEY and line is not EVERYBODY:
        return who in line and scope_for(thing, action) in (principal.scopes or ())
    return who in line
