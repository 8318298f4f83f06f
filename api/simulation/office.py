"""The simulated dispatcher: rings whom somebody promised to ring, decides what only a person may, reads the inbox."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from api.simulation.client import Caller, Json, Refused
from api.simulation.people import Moment, minutes

LOOKS_EVERY = timedelta(minutes=5)


class Office:
    """Somebody at the board, a few minutes behind what happens."""

    def __init__(self, board: Caller, rng: Random) -> None:
        self._board, self._rng = board, rng
        self._looks_at: datetime | None = None
        self._rings_at: dict[str, datetime] = {}

    def act(self, moment: Moment) -> None:
        if any(event["kind"] in ("callback_promised", "not_today_proved") for event in moment.events):
            self._looks_at = self._looks_at or moment.now
        if self._looks_at is None or moment.now < self._looks_at:
            return
        calls = self._board.get("/api/v1/callbacks")["callbacks"]
        for call in calls:
            rings_at = self._rings_at.setdefault(call["id"], moment.now + minutes(self._rng, 4, 9))
            if moment.now >= rings_at:
                self._ring(call)
        self._read_inbox()
        self._looks_at = moment.now + LOOKS_EVERY if calls else None

    def due_at(self) -> datetime | None:
        return self._looks_at

    def _ring(self, call: Json) -> None:
        """Talk, settle what is open, and note the call."""
        recovery = self._recovery_of(call["visit_id"]) if call["visit_id"] else None
        if recovery:
            self._settle(recovery)
        self._try(f"/api/v1/callbacks/{call['id']}/done", {"outcome": "spoke"})

    def _recovery_of(self, visit_id: str) -> Json | None:
        found: list[Json] = self._board.get("/api/v1/recoveries")["recoveries"]
        return next((one for one in found if one["visit_id"] == visit_id), None)

    def _settle(self, recovery: Json) -> None:
        """Today by a small sacrifice of ours, else on another day; the caller says yes on the phone."""
        path = f"/api/v1/recoveries/{recovery['id']}"
        if recovery["credit_state"] == "waiting":
            self._try(f"{path}/credit", {"approved": True})
        if recovery["state"] == "arranged":
            return
        if recovery["state"] == "deciding":
            proof = recovery["proof"] or {}
            if "option" not in proof or not self._try(f"{path}/go-ahead", {}):
                self._bend(path, proof.get("relaxations", []))
        if self._state(path) in ("deciding", "talking", "open") and not self._choose(path, "1"):
            self._choose(path, "another_day")
        if self._state(path) == "offered":
            self._choose(path, "1")

    def _bend(self, path: str, ways: list[Json]) -> None:
        for number, way in enumerate(ways):
            bent = {"relaxation": number, "reason": "The customer has waited long enough."}
            if way["kind"] == "overtime" and self._try(f"{path}/bend", bent):
                return
        self._try(f"{path}/not-today", {"reason": "Nobody can come today; another day was agreed."})

    def _choose(self, path: str, choice: str) -> bool:
        return self._try(f"{path}/choice", {"choice": choice})

    def _state(self, path: str) -> str:
        return str(self._board.get(path)["state"])

    def _read_inbox(self) -> None:
        for text in self._board.get("/api/v1/inbox")["texts"]:
            self._try(f"/api/v1/inbox/{text['id']}/handled", {})

    def _try(self, path: str, body: Json) -> bool:
        """False for what is refused because the day has moved on, or because it cannot be."""
        try:
            self._board.post(path, body)
        except Refused as refused:
            if refused.status not in (404, 409, 422):
                raise
            return False
        return True
