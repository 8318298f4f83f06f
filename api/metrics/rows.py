"""What the rows say, read when somebody asks: the same from every process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import func
from sqlmodel import Session, col, select

from api.runtime.auditing import last_audit, list_findings
from api.runtime.job_notes import list_notes
from dispatch.access.codes import blocks_nobody_enters_for
from dispatch.access.turns import were_links_guessed
from dispatch.audit.check import pick
from dispatch.callbacks.tables import Callback
from dispatch.clock import real_now
from dispatch.plans.tables import Proposal
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Recovery
from dispatch.work import Work
from notifications.calls.states import CallState
from notifications.calls.tables import Call
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Message

LAST_DAY = timedelta(days=1)
TOLD_BUCKETS = (15, 30, 60, 120, 300, 600, 900, 1800, 3600)


def read_rows(work: Work) -> list[Metric]:
    session, now = work.session, work.now
    return [
        *_due(session, now),
        *_recoveries(session, now),
        *_texts(session),
        *_strangers(session, now),
        *_upkeep(session),
    ]


def _gauge(name: str, says: str, value: float, **labels: str) -> GaugeMetricFamily:
    found = GaugeMetricFamily(f"makegood_{name}", says, labels=list(labels))
    found.add_metric(list(labels.values()), value)
    return found


def _due(session: Session, now: datetime) -> Iterator[Metric]:
    oldest = GaugeMetricFamily(
        "makegood_oldest_due_seconds", "How long the oldest due row waits", labels=["kind"]
    )
    for kind, due_at, is_open in (
        ("text", Message.send_after_at, Message.state == MessageState.PENDING),
        ("look_up", Message.look_up_at, Message.state == MessageState.UNKNOWN),
        ("call", Call.due_at, Call.state == CallState.WAITING),
        ("callback", Callback.due_at, col(Callback.done_at).is_(None)),
        ("recovery_owner", Recovery.owner_due_at, Recovery.state != RecoveryState.CLOSED),
        ("recovery_answer", Recovery.answer_by_at, Recovery.state == RecoveryState.OFFERED),
    ):
        first = session.exec(
            select(due_at).where(is_open, col(due_at) <= now).order_by(col(due_at)).limit(1)
        ).first()
        oldest.add_metric([kind], (now - first).total_seconds() if first else 0)
    yield oldest
    overdue = (
        select(func.count())
        .select_from(Callback)
        .where(col(Callback.done_at).is_(None), Callback.due_at <= now)
    )
    yield _gauge("callbacks_overdue", "Calls to customers whose time has passed", session.exec(overdue).one())


def _recoveries(session: Session, now: datetime) -> Iterator[Metric]:
    unfinished = session.exec(select(Recovery).where(Recovery.state != RecoveryState.CLOSED)).all()
    overdue = [one for one in unfinished if one.owner_due_at and one.owner_due_at <= now]
    yield _gauge("failures_open", "Broken promises that are not made good yet", len(unfinished))
    yield _gauge("recoveries_overdue", "Of these, whose owner should have acted", len(overdue))
    recent = session.exec(select(Recovery).where(Recovery.noticed_at > now - LAST_DAY)).all()
    told = sorted((one.told_at - one.certain_at).total_seconds() for one in recent if one.told_at)
    buckets = [(str(most), float(sum(1 for one in told if one <= most))) for most in TOLD_BUCKETS]
    yield GaugeHistogramMetricFamily(
        "makegood_told_seconds",
        "From certainly broken to told, of what was noticed in the last day",
        buckets=[*buckets, ("+Inf", float(len(told)))],
        gsum_value=sum(told),
    )
    closed = [one for one in recent if one.state is RecoveryState.CLOSED]
    if closed:
        same_day = sum(1 for one in closed if one.outcome == "done_same_day")
        yield _gauge(
            "same_day_rate", "Made good the same day, of what was noticed and ended", same_day / len(closed)
        )
    repairs = [one.repair_milliseconds for one in recent if one.repair_milliseconds is not None]
    looked = session.exec(
        select(func.max(Proposal.looked_milliseconds)).where(Proposal.asked_at > now - LAST_DAY)
    ).one()
    slowest = GaugeMetricFamily(
        "makegood_solver_seconds", "The slowest search of the last day", labels=["kind"]
    )
    slowest.add_metric(["repair"], max(repairs, default=0) / 1000)
    slowest.add_metric(["plan"], (looked or 0) / 1000)
    yield slowest


def _texts(session: Session) -> Iterator[Metric]:
    counts = dict(session.exec(pick(Message.state, func.count()).group_by(Message.state)).all())
    texts = GaugeMetricFamily("makegood_texts", "Texts by their state", labels=["state"])
    for state in MessageState:
        texts.add_metric([state.value], counts.get(state, 0))
    yield texts


def _strangers(session: Session, now: datetime) -> Iterator[Metric]:
    says = "1 for an hour after more unknown links were tried within a minute than people mistype"
    yield _gauge("links_guessed", says, were_links_guessed(session, now))
    says = "Blocks of numbers that get no codes, because hardly one is entered"
    yield _gauge("code_blocks_refused", says, len(blocks_nobody_enters_for(session, now)))


def _upkeep(session: Session) -> Iterator[Metric]:
    failing = GaugeMetricFamily("makegood_job_failures_in_a_row", "Since its last good end", labels=["job"])
    ended = GaugeMetricFamily("makegood_job_last_ended_seconds", "Since its last good end", labels=["job"])
    for one in list_notes(session):
        failing.add_metric([one.name], one.failures_in_a_row)
        if one.ended_at:
            ended.add_metric([one.name], (real_now() - one.ended_at).total_seconds())
    yield failing
    yield ended
    yield _gauge("audit_findings", "Rows that break a rule of the house", len(list_findings(session)))
    audited = last_audit(session)
    if audited:
        yield _gauge("audit_seconds", "How long the last audit took", audited.milliseconds / 1000)
