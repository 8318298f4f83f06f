"""Which visits a figure of the report counts, so that every number can be looked behind.

A figure is named like `broken`, `cause:late:company`, `step:told` or `due_in:weekday:0`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from sqlmodel import Session, col, select

from dispatch.customers.tables import Customer
from dispatch.errors import NotFound
from dispatch.promises.states import PromiseState
from dispatch.reports.breakdown import WAYS, members
from dispatch.reports.material import STEPS, Case, Material
from dispatch.visits.references import spoken
from dispatch.visits.tables import Visit

Details = Sequence[str]


def _on(case: Case, details: Details) -> bool:
    """Without a day: any."""
    return not details or case.day.isoformat() == details[0]


def _is_absence(case: Case, said: str, outcome: str = "") -> bool:
    """Nobody at home, we say; `contested` or `accepted` by the customer, and how it ended."""
    if case.kind != "customer_absent" or said not in (word_of(case), "all"):
        return False
    return outcome in ("", case.outcome or "open")


def word_of(case: Case) -> str:
    """What the customer says to it."""
    return "contested" if case.contested_at else "accepted"


OF_CASES: Mapping[str, Callable[[Case, Details], bool]] = {
    "broken": _on,
    "same_day": lambda one, details: one.outcome == "done_same_day" and _on(one, details),
    "later": lambda one, details: one.outcome == "done_later" and _on(one, details),
    "open": lambda one, details: one.outcome is None and _on(one, details),
    "cause": lambda one, details: [one.kind, one.fault][: len(details)] == list(details),
    "fault": lambda one, details: [one.fault] == list(details),
    "step": lambda one, details: details[0] in STEPS and one.took(details[0]) is not None,
    "since": lambda one, details: details[0] in STEPS and one.since_certain(details[0]) is not None,
    "customer_first": lambda one, details: one.noticed_by == "customer",
    "lost": lambda one, details: one.lost_seconds > 0,
    "absence": lambda one, details: _is_absence(one, *details),
    "credit": lambda one, details: bool(one.credit_cents) and [one.credit_state] == list(details),
}
OF_PROMISES: Mapping[str, Sequence[PromiseState]] = {
    "promises": tuple(PromiseState),
    "kept": (PromiseState.KEPT,),
    "due": (PromiseState.KEPT, PromiseState.BROKEN),
    "due_broken": (PromiseState.BROKEN,),
}
OF_GROUPS: Mapping[str, Sequence[PromiseState]] = {
    "due_in": (PromiseState.KEPT, PromiseState.BROKEN),
    "kept_in": (PromiseState.KEPT,),
    "broken_in": (PromiseState.BROKEN,),
}
NEED_DETAILS = ("cause", "fault", "step", "since", "credit", "score", "absence", "override")


def visits_behind(material: Material, figure: str) -> list[str]:
    """The visit ids that `figure` counts, once for each time it counts them. Raises NotFound for no figure."""
    name, *details = figure.split(":")
    if name in NEED_DETAILS and not details:
        raise NotFound("There is no such figure.")
    if name in OF_CASES:
        return [one.visit_id for one in material.cases if OF_CASES[name](one, details)]
    if name == "again":
        return list(material.again)
    if name == "silent":
        return silent_ones(material)
    if name in OF_PROMISES:
        return [one.visit_id for one in material.promises if one.state in OF_PROMISES[name]]
    if name in OF_GROUPS and len(details) == 2 and details[0] in WAYS:
        states = OF_GROUPS[name]
        return [one.visit_id for one in members(material.promises, *details) if one.state in states]
    if name == "score":
        return [visit_id for visit_id, score in material.scores if [str(score)] == details]
    if name == "override":
        return [visit_id for visit_id, why in material.overrides if [why] == details]
    if name in ("asked", "answered"):
        return sorted(material.asked if name == "asked" else material.answered)
    raise NotFound("There is no such figure.")


def silent_ones(material: Material) -> list[str]:
    """Broken without a word: noticed only after minutes, or not yet. There must be none."""
    return [*(one.visit_id for one in material.cases if one.was_silent), *material.silent]


def whose(session: Session, visit_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """The spoken reference and the customer's name of each visit."""
    query = (
        select(Visit.id, Visit.reference, Customer.name)
        .join(Customer, col(Visit.customer_id) == col(Customer.id))
        .where(col(Visit.id).in_(set(visit_ids)))
    )
    return {id: (spoken(reference), name) for id, reference, name in session.exec(query)}
