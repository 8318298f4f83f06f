"""What a call is about, told beforehand: whoever rings has read it and seen the photo."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, select

from dispatch.callbacks.tables import Brief, Callback
from dispatch.errors import Invalid, StateConflict
from dispatch.events import CallbackBriefed
from dispatch.ledger import commit_to
from dispatch.visits.photos import Picture
from dispatch.words import clean
from dispatch.work import Work


def brief(work: Work, callback: Callback, *, text: str, picture: Picture | None) -> Brief:
    """Keep it, once for each call. Raises Invalid where there is nothing to keep, StateConflict the second time."""
    if callback.done_at is not None or callback.visit_id is None:
        raise StateConflict("This call has been made already.", current_state="done")
    if work.session.get(Brief, callback.id):
        raise StateConflict("You have told us already; whoever rings has it.", current_state="told")
    if not text.strip() and picture is None:
        raise Invalid.field("note", "missing", "Please write a line about it, or choose a photo.")
    kept = Brief(
        callback_id=callback.id,
        visit_id=callback.visit_id,
        told_at=work.now,
        text=clean(text, "note", limit=500, lines=True) if text.strip() else "",
        width=picture.width if picture else 0,
        height=picture.height if picture else 0,
        content=picture.content if picture else None,
        salt=work.chance.salt(),
    )
    work.session.add(kept)
    work.session.flush()
    commitment = commit_to(kept.salt, kept.text, picture.content.hex() if picture else "")
    work.record(CallbackBriefed(visit_id=kept.visit_id, callback_id=callback.id, commitment=commitment))
    return kept


def briefs_of(session: Session, callback_ids: Collection[str]) -> dict[str, Brief]:
    """By call."""
    query = select(Brief).where(col(Brief.callback_id).in_(callback_ids))
    return {one.callback_id: one for one in session.exec(query)}
