"""'Not today', proved: which rule stops each technician, and the cheapest things that would change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

import optimizer
from dispatch.plans.problem import Guest, Problem
from dispatch.visits.queries import list_visits


def proof_of(session: Session, problem: Problem, plan: optimizer.Plan, guest: Guest) -> dict[str, Any]:
    """`blocks`: per technician the rule and its numbers; `relaxations`: single changes that would serve
    the visit today, cheapest first. Sentences name people, not ids. JSON, kept with the recovery.
    """
    if not problem.day.has_visit(guest.id):
        sentence = "The last hour at which a recovery may begin today is over."
        blocks = [{"rule": "too_late", "technician_id": None, "sentence": sentence}]
        return {"day": problem.date.isoformat(), "blocks": blocks, "relaxations": []}
    found = optimizer.explain(problem.day, plan, guest.id)
    say = _names(session, problem, guest)
    return {
        "day": problem.date.isoformat(),
        "blocks": [
            {"rule": block.code, "technician_id": block.technician, "sentence": say(block.sentence)}
            for block in found.blocks
        ],
        "relaxations": [
            {
                "kind": one.kind,
                "technician_id": one.technician,
                "amount": one.amount,
                "subject": one.subject,
                "price": round(one.price, 2),
                "sentence": say(one.sentence),
            }
            for one in found.relaxations
        ],
    }


def _names(session: Session, problem: Problem, guest: Guest) -> Callable[[str], str]:
    """Puts names and references where the optimizer's sentences have ids."""
    words = {id: member.name for id, member in problem.crew.items()}
    words |= {visit.id: f"visit {visit.reference}" for visit in list_visits(session, problem.visits)}
    words |= dict.fromkeys(problem.holds, "a held place")
    words |= dict.fromkeys(problem.guests, "another waiting visit") | {guest.id: "this visit"}

    def say(sentence: str) -> str:
        for id, name in words.items():
            sentence = sentence.replace(id, name)
        return sentence

    return say
