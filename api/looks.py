"""Which requests look at people's data, and at whose: asked once at the door, kept in memory once it was answered."""

from __future__ import annotations

from fastapi import Request

from api.policy import NOT_WRITING, Action, Thing
from api.principal import Principal
from api.runtime.looks import Look

# What these show is no person's. Whatever is not here is about people, also a thing that is still to be invented.
ABOUT_NOBODY = frozenset(
    {
        Thing.HOUSE,
        Thing.DEMO,
        Thing.HOOK,
        Thing.SESSION,  # their own
        Thing.TERRITORY,
        Thing.POLICY,
        Thing.SERVICE,
        Thing.WORDING,
        Thing.SENDING,
        Thing.KEY,
        Thing.WEBHOOK,
        Thing.SLOT,
        Thing.ROADS,
        Thing.OPTIMIZER,
    }
)
NAMED = ("visit_id", "technician_id", "dispatcher_id", "recovery_id", "proposal_id", "name", "id")
NAMED_IN_QUERY = "visit"


def is_look(method: str, thing: Thing, action: Action) -> bool:
    """Whether somebody sees data of people by it: every page, and every request that asks and does not act. Whoever
    only comes in sees nobody yet."""
    is_about_people = thing not in ABOUT_NOBODY and action is not Action.ENTER
    return is_about_people and (method == "GET" or action in NOT_WRITING)


def look_of(request: Request, who: Principal, thing: Thing) -> Look:
    """Who looks at what. What names nothing shows many at once: then the object is the territory, for a technician
    their own day, and behind a link what the link is for."""
    named = [request.path_params[name] for name in NAMED if name in request.path_params]
    asked = request.query_params.get(NAMED_IN_QUERY, "")
    own = who.visit_id or (who.subject_id if who.scope or who.role == "technician" else who.territory_id)
    role, _, subject_id = str(who.actor).partition(":")
    return Look(role, subject_id, thing.value, str((*named, asked or own or "")[0])[:26])
