"""The data map: what each column of each table holds about people, what for, and how long it is kept.

A column that is not here fails a test until somebody has said what it holds. Export, erasure and keeping times read
this map; docs/data.md is drawn from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

SKELETON = "for ever: it says what was promised and what became of it, without saying to whom"
RELATION = "as long as there is a relation; erased at the customer's request"
MONTHS_13 = "13 months, then blanked; at the customer's request at once"
DELETED_13 = "13 months, then deleted"
EXPIRED_13 = "13 months after it expired, then deleted"
POSITIONS_60 = "60 days, then deleted"
CONSENTS = "the relation and 5 years after the last contact; at the customer's request an opt-out alone"
EMPLOYED = "as long as they work here, and with the record of that work"
HOUSE = "as long as the house runs; about nobody"
DEMO = "only in the simulator"
CLASSES = ("name", "contact", "place", "words", "secret", "staff", "plain")
MEANING = {
    "name": "who somebody is",
    "contact": "how they are reached",
    "place": "where they live or were",
    "words": "what was written by them or about them",
    "secret": "salts, hashes and keys; given to nobody",
    "staff": "which of our people; left out of a customer's file",
    "plain": "ids, instants, codes, figures",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One table. Each column stands in one class; `kept` holds for everything that is not plain."""

    purpose: str
    kept: str
    name: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()

    def columns(self) -> list[str]:
        return [column for name in CLASSES for column in getattr(self, name)]

    def shown(self, *, staff: bool) -> tuple[str, ...]:
        """What goes into a person's file: everything but secrets, and for customers nothing about our people."""
        hidden = {*self.secret, *(() if staff else self.staff)}
        return tuple(column for column in self.columns() if column not in hidden)


def held(purpose: str, kept: str, **columns: str) -> Held:
    named: dict[str, Any] = {name: tuple(text.split()) for name, text in columns.items()}
    assert set(named) <= {one.name for one in fields(Held)}
    return Held(purpose=purpose, kept=kept, **named)


def _house(purpose: str, plain: str, **columns: str) -> Held:
    return held(purpose, HOUSE, plain=plain, **columns)


DATA_MAP: Mapping[str, Held] = {
    # --- customers -------------------------------------------------------------------------------------
    "customers": held(
        "Whom we promised something to.",
        RELATION,
        name="name name_key external_key",
        contact="phone",
        secret="salt",
        plain="id language created_at erased_at",
    ),
    "addresses": held(
        "Where we come to, and how long the drive takes; after an erasure coarsened to a kilometre.",
        RELATION,
        place="line line_key lat lng",
        secret="salt",
        plain="id customer_id territory_id",
    ),
    "visits": held(
        "The work, and how it went.",
        SKELETON,
        staff="technician_id",
        plain="id reference territory_id service_id customer_id address_id state state_at promise_version priority "
        "duration_seconds spread_seconds skills parts waived_skills excluded failures left_at arrived_at "
        "arrival_verified done_at at_risk_at undo_until_at booked_at row_version",
    ),
    "visit_notes": held(
        "What must be known at the door.",
        RELATION,
        words="text",
        secret="salt",
        staff="written_by",
        plain="id visit_id written_at",
    ),
    "photos": held(
        "What the door or the work looked like; drawn again by us, without place and phone.",
        "13 months, then deleted; at the customer's request at once",
        words="content",
        secret="salt",
        staff="technician_id",
        plain="id visit_id client_photo_id taken_at received_at width height",
    ),
    "ratings": held("How the customer says it went.", SKELETON, plain="visit_id score rated_at"),
    "issued_references": _house("Every reference that ever left the house.", "reference issued_at"),
    "promises": held(
        "What the customer was told.",
        SKELETON,
        plain="id visit_id version start_at end_at zone local_text state made_at agreed_by agreed_how settled_at",
    ),
    "failures": held(
        "Promises that broke, and the evidence.",
        SKELETON,
        staff="technician_id",
        plain="id visit_id promise_version kind fault evidence certain_at noticed_at noticed_by contested_at",
    ),
    "recoveries": held(
        "What was done about it, and the credit.",
        SKELETON,
        words="decided_reason",
        staff="owner_id decided_by proof",
        plain="id visit_id failure_id territory_id day state round owner_due_at answer_by_at certain_at noticed_at "
        "repaired_at repair_milliseconds told_at chosen_at choice arranged_at arranged_by closed_at outcome "
        "credit_cents credit_state row_version",
    ),
    "offers": held(
        "What the customer could choose from.",
        SKELETON,
        staff="technician_id",
        plain="id recovery_id visit_id round rank state day start_at end_at planned_start_at price hold_id expires_at "
        "settled_at promise_version",
    ),
    "wishes": held(
        "Who would be visited sooner, if something comes free.",
        SKELETON,
        plain="id visit_id territory_id asked_by asked_at on_offer ended_at ended_how row_version",
    ),
    "sooner_offers": held(
        "Earlier times that were offered to whoever waits for one.",
        SKELETON,
        staff="technician_id",
        plain="id wish_id visit_id promise_version state day start_at end_at hold_id offered_at expires_at settled_at",
    ),
    "sooner_looks": _house(
        "How a day stood when we last looked.", "territory_id day stood looked_at again_at"
    ),
    "callbacks": held(
        "That a person rings, and by when.",
        MONTHS_13,
        contact="phone",
        staff="dispatcher_id",
        plain="id territory_id visit_id recovery_id inbound_id about opened_at due_at escalations done_at outcome "
        "row_version",
    ),
    "call_briefs": held(
        "What a promised call is about, told and shown beforehand; photos drawn again by us, without place and phone.",
        MONTHS_13,
        words="text content",
        secret="salt",
        plain="callback_id visit_id told_at width height",
    ),
    "holds": held(
        "Capacity kept for somebody; after an erasure coarsened to a kilometre.",
        RELATION,
        place="lat lng",
        staff="technician_id",
        plain="id purpose territory_id service_id visit_id held_for day start_at end_at duration_seconds skills parts "
        "planned_start_at created_at expires_at consumed_at consumed_by_visit_id released_at",
    ),
    "idempotent_answers": held(
        "The answer to a request that may come again.",
        "with the visit; at the customer's request blanked",
        words="body",
        secret="fingerprint",
        plain="principal route key status visit_id answered_at",
    ),
    "invitations": held(
        "A personal link to book with.",
        MONTHS_13,
        contact="phone",
        staff="invited_by",
        plain="id territory_id invited_at",
    ),
    "links": held(
        "What opens a page, or fills a technician's calendar; only a hash of it is kept.",
        EXPIRED_13,
        secret="token_hash",
        plain="id scope subject_id version created_at expires_at used_at revoked_at",
    ),
    # --- words in and out --------------------------------------------------------------------------------
    "outbox": held(
        "What was texted to whom, when and why.",
        MONTHS_13,
        contact="phone",
        words="params",
        plain="id dedupe_key purpose audience visit_id customer_id technician_id language promise_version recovery_id "
        "question state urgent queued_at send_after_at deadline_at sent_at settled_at look_up_at provider_sid reason "
        "row_version",
    ),
    "send_attempts": held(
        "Each try to send a text, with a commitment to its words.",
        SKELETON,
        words="detail",
        secret="fence commitment",
        plain="id message_id number started_at finished_at outcome looked_at",
    ),
    "status_reports": held("What the provider reported.", SKELETON, plain="sid status code named at"),
    "calls": held(
        "Each try to say it on the phone.",
        MONTHS_13,
        contact="phone",
        words="detail",
        secret="fence",
        plain="id message_id number saying_id visit_id about state queued_at due_at deadline_at refusals started_at "
        "page_at pages ended_at provider_sid looked_at row_version",
    ),
    "inbound_texts": held(
        "What was texted to us.",
        MONTHS_13,
        contact="phone",
        words="body",
        secret="salt",
        staff="handled_by",
        plain="id provider_sid received_at intent effect is_answered tries visit_id answer_by_at handled_at",
    ),
    "consents": held(
        "Who may be texted, and the proof of it.",
        CONSENTS,
        contact="phone seen_from",
        words="words",
        staff="by",
        plain="id state source purpose language at",
    ),
    "lost_promises": held(
        "Texts at the provider that our record does not explain.",
        MONTHS_13,
        contact="phone",
        words="body",
        plain="sid direction at found_at reference visit_id callback_id message_id",
    ),
    # --- our own people ----------------------------------------------------------------------------------
    "technicians": held(
        "Who comes, what they can do, and whether they are located now.",
        EMPLOYED,
        name="name external_key",
        contact="phone",
        place="home_lat home_lng",
        secret="salt",
        words="pause_reason",
        plain="id territory_id language skills active silent_since_at paused_at paused_until_at positions_dropped "
        "busy_until_at changes_seen_at row_version",
    ),
    "shifts": held(
        "When they work.", EMPLOYED, plain="id technician_id weekday start_at end_at overtime_until_at breaks"
    ),
    "stock": held("What is in the van.", EMPLOYED, plain="id technician_id part quantity"),
    "portraits": held(
        "What a technician looks like, for the customer whom they visit.",
        EMPLOYED,
        words="content",
        plain="technician_id version set_at width height",
    ),
    "absences": held(
        "When they do not work, and of which kind.",
        EMPLOYED,
        staff="reported_by",
        plain="id technician_id kind start_at end_at reported_at",
    ),
    "overtime_grants": held(
        "Longer days that somebody allowed.",
        EMPLOYED,
        staff="granted_by",
        plain="id technician_id day seconds granted_at",
    ),
    "positions": held(
        "Where a technician on shift was: to notice promises that will break, and to prove visits. No score of anybody "
        "is made from it.",
        POSITIONS_60,
        place="lat lng",
        plain="id technician_id at received_at accuracy_metres is_suspicious",
    ),
    "device_events": held(
        "What a phone reported, so that nothing counts twice; steps that do not fit, with both times.",
        POSITIONS_60,
        secret="fingerprint",
        plain="technician_id client_event_id kind visit_id result code detail said_at skew_seconds occurred_at "
        "received_at",
    ),
    "troubles": held(
        "Several technicians out at once: who asked, who said yes, and who was to be told what.",
        MONTHS_13,
        words="reason",
        staff="asked_by decided_by",
        plain="id territory_id kind technician_ids end_at people told state asked_at decided_at row_version",
    ),
    "declines": held(
        "Why a technician could not take a visit.",
        EMPLOYED,
        words="reason",
        plain="id visit_id technician_id declined_at",
    ),
    "prompts": held(
        "Asked to leave, and what they answered.",
        EMPLOYED,
        plain="id technician_id visit_id promise_version asked_at leave_by_at answered_at answer",
    ),
    "dispatchers": held(
        "Who answers for a territory.",
        EMPLOYED,
        name="name",
        contact="phone email",
        secret="salt",
        plain="id territory_id ladder active role",
    ),
    "dispatcher_portraits": held(
        "What a person of the office looks like, for the customer whom they are to ring.",
        EMPLOYED,
        words="content",
        plain="dispatcher_id version set_at width height",
    ),
    "door_sessions": held(
        "Who is signed in; only a hash of it is kept.",
        EXPIRED_13,
        secret="token_hash",
        plain="id role subject_id created_at expires_at ended_at seen_at idle_seconds device",
    ),
    "credentials": held(
        "How somebody of the office proves who they are.",
        EMPLOYED,
        secret="password_hash last_step",
        plain="dispatcher_id password_at factor_version factor_at",
    ),
    "recovery_codes": held(
        "What stands in for a lost phone, once.",
        EMPLOYED,
        secret="code_hash",
        plain="dispatcher_id factor_version used_at",
    ),
    "tries": held(
        "How often somebody guessed or booked, under a hash of what they guessed at or came from.",
        "until the wait is over",
        secret="about",
        plain="since_at failures wait_until",
    ),
    "api_keys": held(
        "What other programs show at the door; only a hash of it is kept.",
        EXPIRED_13,
        secret="token_hash",
        staff="created_by",
        plain="id name scopes territory_id created_at expires_at last_used_at revoked_at",
    ),
    "phone_codes": held(
        "That six digits were sent to a phone, and entered or not; the digits themselves stand nowhere.",
        MONTHS_13,
        contact="phone prefix",
        secret="proof_hash",
        plain="id visit_id asked_at expires_at tries used_at proven_until_at",
    ),
    "looks": held(
        "Who looked at whose data, by the hour. What shows many at once (a list, a board, a map) stands with its "
        "territory. Written every few seconds: a process that is lost loses at most these.",
        DELETED_13,
        staff="subject_id",
        plain="id role thing object_id hour_at first_at last_at times",
    ),
    # --- the house ---------------------------------------------------------------------------------------
    "ledger": held(
        "Every fact: ids, instants, codes, commitments, never the text of people.",
        SKELETON,
        staff="actor",
        plain="seq at kind visit_id visit_seq cause data prev_hash hash",
    ),
    "ledger_head": _house("The end of that chain.", "id seq hash"),
    "territories": _house(
        "Where we work and by which rules.",
        "id name time_zone country office_phone centre_lat centre_lng radius_metres overrides created_at row_version",
    ),
    "services": _house(
        "What can be booked.",
        "id code name duration_seconds spread_seconds window_seconds skills parts active row_version",
    ),
    "plan_days": _house(
        "A day and its version.",
        "territory_id day version planned_at replan_at searched_until_at row_version",
    ),
    "plans": _house(
        "Routes: ids of visits and seconds.",
        "id territory_id day version base_version state cause published_at body",
        staff="published_by",
    ),
    "proposals": _house(
        "Routes that wait for somebody.",
        "id territory_id day base_version state asked_at warm_from_id made_at looked_milliseconds body lines sums "
        "settled_at published_version why row_version",
        staff="asked_by settled_by",
    ),
    "assignments": held(
        "Where a visit stands in the plan.",
        SKELETON,
        staff="technician_id owner_id detail",
        plain="visit_id territory_id day plan_version active on_site busy_from_at start_at end_at reason",
    ),
    "told_ranges": held(
        "Between when and when a customer was told that somebody arrives, to be held against the arrival.",
        SKELETON,
        staff="technician_id",
        plain="id visit_id promise_version told_by lead told_at from_at until_at",
    ),
    "wordings": _house("What the office says otherwise.", "id language name version text at", staff="by"),
    "witness": _house(
        "How far the provider's log was compared.", "id held_since_at backup_at ran_at tried_at trouble found"
    ),
    "lane": _house(
        "Whether sending is stopped.", "id stopped_at why free_at day day_segments", staff="stopped_by"
    ),
    "kept": _house("When keeping times were last looked at.", "id ran_at"),
    "job_notes": _house(
        "How each job went the last time.", "name ended_at failed_at failures_in_a_row trouble"
    ),
    "audit_runs": _house("What the last audits found: numbers and ids.", "kind ran_at milliseconds findings"),
    "webhooks": _house(
        "Which programs are told of which facts.",
        "row_version id territory_id url kinds state cursor secret_version old_secret_until_at failures_in_a_row "
        "created_at ended_at ended_because",
        staff="created_by",
    ),
    "webhook_deliveries": _house(
        "Each telling, and what was answered.",
        "id webhook_id seq kind state tries queued_at next_try_at give_up_at lease_until_at fence status answer "
        "ended_at",
    ),
    "clock": _house("The virtual clock.", "id real_at virtual_at rate"),
    "pocket_texts": held(
        "Texts on the simulator's phones.",
        DEMO,
        contact="phone",
        words="body",
        plain="id direction at status",
    ),
    "pocket_calls": held("Calls there.", DEMO, contact="phone", plain="id call_id at status"),
    "pocket_landlines": held("Phones there that take no texts.", DEMO, contact="phone"),
    "pocket_switch": _house("Whether the pretended provider is down.", "id down"),
}
