"""Why a visit stays undone, as the plan file says it: one closed reason and one sentence."""

from __future__ import annotations

from optimizer.day import Day, Technician, Visit
from optimizer.fits import misfit
from optimizer.linked import is_linked, why_linked
from optimizer.plan import Unserved

PERSONAL = ("absent", "excluded", "required_other", "locked", "frozen")


def why_unserved(day: Day, visit: Visit) -> Unserved:
    """The rule that stops the last technicians left, in the order person, skill, parts, time."""
    found = {one.id: misfit(one, visit, one.parts) for one in day.technicians}
    left = [one for one in day.technicians if (block := found[one.id]) is None or block.code not in PERSONAL]
    if not left:
        return Unserved(visit.id, "no_technician", _nobody(day, visit))
    skilled = [one for one in left if (block := found[one.id]) is None or block.code != "no_skill"]
    if not skilled:
        needs = ", ".join(f"{name} {level}" for name, level in visit.skills.items())
        return Unserved(visit.id, "no_skill", f"Nobody present who may take it has {needs}.")
    able = [one for one in skilled if found[one.id] is None]
    if not able:
        needs = ", ".join(f"{quantity} x {name}" for name, quantity in visit.parts.items())
        return Unserved(visit.id, "no_parts", f"No van of a skilled technician carries {needs}.")
    return Unserved(visit.id, "no_time", why_linked(visit) if is_linked(visit) else _no_time(able))


def _nobody(day: Day, visit: Visit) -> str:
    if visit.frozen and visit.planned is not None:
        return f"It is frozen to {visit.planned.technician}, who may not take it or is not there."
    if visit.technician is None:
        return "Every technician is absent or excluded."
    if not day.has_technician(visit.technician):
        return f"It requires {visit.technician}, who does not work today."
    if day.technician(visit.technician).absent:
        return f"It requires {visit.technician}, who is absent."
    return f"It requires {visit.technician}, who is excluded."


def _no_time(able: list[Technician]) -> str:
    who = able[0].id if len(able) == 1 else f"any of {len(able)} able technicians"
    return f"No place was found in the day of {who} that breaks no other promise."
