"""Every state in which a customer can find their pages, in the order of one Monday: a name and a path for each."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlencode, urlsplit

from PIL import Image, ImageDraw
from sqlmodel import select

from api.simulation.client import Caller, Json
from api.simulation.town import build_town
from dispatch.portraits import set_portrait
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Dispatcher
from dispatch.visits.photos import Picture
from dispatch.work import SYSTEM
from tests.browser.people import Street

CREW = {"Tom Hale": ("+12125550111", 40), "Uma Lund": ("+12125550112", 900)}
ANA, BEN, CLEO, DEE, EVE, FAY = (f"+1212555014{digit}" for digit in range(1, 7))
State = tuple[str, str]


def a_face(number: int) -> Picture:
    """Round, with a shirt of its own colour."""
    side, shirts = 480, ("#2f6db3", "#3a8f5c", "#b3582f", "#7a4fa3")
    drawn = Image.new("RGB", (side, side), "#dfe6ea")
    draw = ImageDraw.Draw(drawn)
    draw.ellipse((60, 330, 420, 700), fill=shirts[number % len(shirts)])
    draw.ellipse((150, 90, 330, 330), fill="#e0b08c")
    draw.chord((146, 76, 334, 300), 180, 360, fill="#4a3424")
    kept = io.BytesIO()
    drawn.save(kept, "JPEG", quality=80)
    return Picture(kept.getvalue(), side, side)


class Monday:
    """The day of six customers. `states` lives it and stops at everything that one of them can see."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self._visits: dict[str, Json] = {}
        self._crew: dict[str, Caller] = {}

    def states(self) -> Iterator[State]:
        with ExitStack() as until_the_end:
            self._set_up(until_the_end)
            yield from self._booking()
            yield from self._before_anybody_comes()
            yield from self._at_the_door()
            yield from self._broken()
            yield from self._nobody_left()

    def _set_up(self, until_the_end: ExitStack) -> None:
        street = self._street
        street.offer("heat", "Heating check")
        street.offer("leak", "Something leaks")
        for name, (phone, house) in CREW.items():
            hired = street.hire(name, phone, house)
            caller = until_the_end.enter_context(Caller(street.house.url, name))
            caller.walk_in(street.enrolment(hired))
            self._crew[hired["id"]] = caller
        self._show_faces()
        windows = {ANA: "10:00", BEN: "08:00", CLEO: "08:00", DEE: "14:00", EVE: "16:00", FAY: "14:00"}
        names = ("Ana Cole", "Ben Ode", "Cleo Park", "Dee Ruiz", "Eve Stone", "Fay Unger")
        for index, (name, (phone, window)) in enumerate(zip(names, windows.items(), strict=True)):
            self._visits[phone] = street.book(name, phone, window, 300 + 40 * index)
        street.until("06:45")

    def _show_faces(self) -> None:
        """Of everybody who comes or rings, a drawn one."""
        with self._street.house.runtime.work(SYSTEM, "faces") as work:
            people = (*work.session.exec(select(Technician)), *work.session.exec(select(Dispatcher)))
            for number, person in enumerate(people):
                set_portrait(work, person, a_face(number))

    def _booking(self) -> Iterator[State]:
        yield "book-phone", "/book"
        yield "book-phone-sent", "/book?sent=true"
        link = urlsplit(self._street.office.post("/api/v1/invitations")["url"]).path
        yield "book-what", link
        door = build_town(1).houses()[700]
        wish = {"service": "leak", "address": door.line, "lat": door.lat, "lng": door.lng}
        yield "book-when", f"{link}/times?{urlencode(wish)}"
        yield "book-too-far", f"{link}/times?{urlencode(wish | {'lat': 45})}"
        token = link.rpartition("/")[2]
        asked = {"service": "leak", "lat": door.lat, "lng": door.lng, "days": 2}
        slot = self._street.office.get("/api/v1/slots", bearer=token, **asked)["slots"][0]
        held = {"service": "leak", "place": {"lat": door.lat, "lng": door.lng}, "start_at": slot["start_at"]}
        hold = self._street.office.post("/api/v1/holds", held, bearer=token)
        yield "book-who", f"{link}/details?{urlencode({'hold': hold['id'], 'address': door.line})}"
        self._street.until("07:00")
        yield "book-ran-out", f"{link}/details?{urlencode({'hold': hold['id'], 'address': door.line})}"
        yield "no-such-link", "/v/aaaaaaaaaaaaaaaaaaaaaa"

    def _before_anybody_comes(self) -> Iterator[State]:
        yield "booked", self._page(ANA)
        yield "change", f"{self._page(DEE)}/change"
        yield "is-it-you", f"{self._page(DEE)}/code"
        yield "cancel", f"{self._page(EVE)}/cancel"
        self._cancel(EVE)
        yield "cancelled", self._page(EVE)
        yield "cancelled-just-now", f"{self._page(EVE)}/cancel"
        self._street.office.post(f"/api/v1/visits/{self._visits[EVE]['visit_id']}/undo-cancel")
        self._move(EVE)
        yield "moved", self._page(EVE)
        yield "on-paper", f"{self._page(EVE)}/record"
        self._street.until("07:30")
        self._cancel(EVE)
        self._street.until("07:45")
        yield "cancelled-for-good", self._page(EVE)

    def _at_the_door(self) -> Iterator[State]:
        self._street.until("07:50")
        for phone in (BEN, CLEO):
            self._step(phone, "leave")
            if phone == BEN:
                yield "on-the-way", self._page(BEN)
            self._street.until("08:05" if phone == BEN else "08:35")
            self._step(phone, "arrive")
            if phone == BEN:
                yield "at-work", self._page(BEN)
                self._street.until("08:30")
                self._step(BEN, "finish")
                yield "done", self._page(BEN)
                self._street.office.post(
                    f"/api/v1/visits/{self._visits[BEN]['visit_id']}/rating", {"score": 5}
                )
                yield "rated", self._page(BEN)
        self._street.until("08:55")
        self._step(CLEO, "nobody_home", contacted=True, place=self._place(CLEO))
        yield "nobody-home", self._page(CLEO)
        self._street.office.post(f"/api/v1/visits/{self._visits[CLEO]['visit_id']}/contest")
        yield "was-at-home", self._page(CLEO)
        self._cancel(CLEO)  # or she would wait for the same two as Ana

    def _broken(self) -> Iterator[State]:
        self._street.until("10:30")
        yield "window-runs", self._page(ANA)
        self._street.office.post(f"/api/v1/visits/{self._visits[ANA]['visit_id']}/nobody-came")
        yield "nobody-came", self._page(ANA)
        self._street.until("11:59")
        yield "broken", self._page(ANA)
        self._street.office.post("/dev/pocket", {"phone": DEE, "body": "please call me"})
        self._street.until("12:22")
        yield "a-person-rings", self._page(DEE)
        yield "about-the-call", f"{self._page(DEE)}/about-call"
        self._street.until("12:50")
        yield "call-overdue", self._page(DEE)

    def _nobody_left(self) -> Iterator[State]:
        for caller in self._crew.values():
            caller.post("/api/v1/day/absence", {"kind": "sick"})
        self._street.until("12:52")
        yield "nobody-today", self._page(FAY)

    def _page(self, phone: str) -> str:
        return urlsplit(self._visits[phone]["tracking_url"]).path

    def _cancel(self, phone: str) -> None:
        self._street.office.post(f"/api/v1/visits/{self._visits[phone]['visit_id']}/cancel")

    def _move(self, phone: str) -> None:
        visit = self._visits[phone]
        door = build_town(1).houses()[460]
        place = {"lat": door.lat, "lng": door.lng}
        start_at = f"{self._street.day.isoformat()}T14:00:00-05:00"
        hold = self._street.office.post(
            "/api/v1/holds", {"service": "heat", "place": place, "start_at": start_at}
        )
        self._street.office.post(f"/api/v1/visits/{visit['visit_id']}/reschedule", {"hold_id": hold["id"]})

    def _place(self, phone: str) -> Json:
        return dict(self._street.office.get(f"/api/v1/visits/{self._visits[phone]['visit_id']}")["place"])

    def _step(self, phone: str, step: str, **more: object) -> None:
        """By whoever the visit stands with now."""
        visit_id = self._visits[phone]["visit_id"]
        seen = self._street.office.get("/api/v1/map/today")["visits"]
        technician = next(one["technician_id"] for one in seen if one["id"] == visit_id)
        self._crew[technician].post(f"/api/v1/visits/{visit_id}/status", {"step": step} | more)
