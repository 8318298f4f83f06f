"""A technician's phone an hour without a network, its clock 47 minutes wrong, while the day changes at the office."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlmodel import col, select

from api.simulation.client import Json
from api.simulation.house import audit
from api.simulation.town import build_town
from dispatch.events import StepContested
from dispatch.field.declining import decline
from dispatch.ledger import LedgerEntry
from dispatch.technicians.tables import DeviceEvent, Technician
from dispatch.visits.tables import Photo
from dispatch.work import Actor
from tests.browser.chromium import FLAGS, find
from tests.browser.people import Person, Street

WRONG = dt.timedelta(minutes=47)
TOM, UMA = "+12125550111", "+12125550112"
CUSTOMERS = {
    "Ana Cole": ("08:00", 300, "+12125550141"),
    "Ben Ode": ("10:00", 210, "+12125550142"),
    "Cyd Orr": ("12:00", 120, "+12125550143"),
    "Dee Fox": ("14:00", 60, "+12125550144"),
}
WITH_NETWORK = {"leave": "I am leaving now", "arrive": "I am at the door", "finish": "The work is done"}


class Phone:
    """Tom's browser, whose clock shows 47 minutes more than it is; closing it keeps what is on its disk."""

    def __init__(self, browser: Browser, street: Street, disk: Path) -> None:
        self._browser, self._street, self._disk = browser, street, disk
        self.context: BrowserContext
        self.person: Person

    @contextmanager
    def opened(self, at: str, *, online: bool = True) -> Iterator[Page]:
        context = self._browser.browser_type.launch_persistent_context(
            self._disk,
            executable_path=find(),
            args=FLAGS.split(),
            viewport={"width": 390, "height": 844},
            permissions=["geolocation"],
            timezone_id="America/New_York",
        )
        context.set_default_timeout(20_000)
        context.set_offline(not online)
        context.clock.install(time=self.shows(at))
        self.context = context
        try:
            with Person(context, self._street.house.url) as self.person:
                yield self.person.page
        finally:
            context.close()

    def shows(self, at: str) -> dt.datetime:
        true = dt.datetime.fromisoformat(f"{self._street.day.isoformat()}T{at}:00-05:00")
        return true + WRONG

    def stands_at(self, house: int) -> None:
        door = build_town(1).houses()[house]
        self.context.set_geolocation({"latitude": door.lat, "longitude": door.lng, "accuracy": 8})


@pytest.fixture
def visits(street: Street) -> dict[str, str]:
    """Four customers, all with Tom; Uma comes into the crew afterwards, next door to Ben."""
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", TOM, 40)
    booked = {
        name: street.book(name, phone, window, house)["visit_id"]
        for name, (window, house, phone) in CUSTOMERS.items()
    }
    street.hire("Uma Lund", UMA, CUSTOMERS["Ben Ode"][1] + 1)
    street.until("08:20")
    return booked


def toms_link(street: Street) -> str:
    crew = street.office.get("/api/v1/technicians")["technicians"]
    return street.enrolment(next(one for one in crew if one["name"] == "Tom Hale"))


def the_office_changes_the_day(street: Street, visits: dict[str, str]) -> None:
    """Ben goes to Uma, Cyd cancels, Dee moves to the day after: none of it reaches the phone."""
    ben = visits["Ben Ode"]
    with street.house.runtime.work(Actor("dispatcher", "office"), "a call") as work:
        [tom] = work.session.exec(select(Technician).where(Technician.name == "Tom Hale"))
        decline(work, tom, ben, "rang the office: Ben and he do not get on")
    assert who_comes(street, ben) == "Uma"
    street.office.post(f"/api/v1/visits/{visits['Cyd Orr']}/cancel")
    _, house, _ = CUSTOMERS["Dee Fox"]
    door = build_town(1).houses()[house]
    tomorrow = (street.day + dt.timedelta(days=7)).isoformat()
    wanted = {
        "service": "heat",
        "place": {"lat": door.lat, "lng": door.lng},
        "start_at": f"{tomorrow}T14:00:00-04:00",
    }
    hold: Json = street.office.post("/api/v1/holds", wanted)
    street.office.post(f"/api/v1/visits/{visits['Dee Fox']}/reschedule", {"hold_id": hold["id"]})


def who_comes(street: Street, visit_id: str) -> str:
    return str(street.office.get(f"/api/v1/visits/{visit_id}")["technician"])


def settled(street: Street) -> list[DeviceEvent]:
    """What the house has of the phone's steps, in their true order."""
    with street.house.runtime.read() as work:
        query = (
            select(DeviceEvent).where(DeviceEvent.kind != "position").order_by(col(DeviceEvent.occurred_at))
        )
        rows = list(work.session.exec(query))
        work.session.expunge_all()
        return rows


def in_the_ledger(street: Street, kind: str) -> int:
    with street.house.runtime.read() as work:
        return len(work.session.exec(select(LedgerEntry).where(LedgerEntry.kind == kind)).all())


def states(street: Street, visits: dict[str, str]) -> dict[str, str]:
    return {name: street.office.get(f"/api/v1/visits/{id}")["state"] for name, id in visits.items()}


def said(page: Page) -> list[Json]:
    """What this tab has to hand in, as it would send it."""
    found: list[Json] = page.evaluate(
        """async () => {
            const { everything } = await import("/static/day/queue.js");
            const all = await everything(document.getElementById("desk").dataset.technician);
            return all.filter((one) => one.label && !one.outcome).map((one) => ({ ...one.event, turn: one.turn }));
        }"""
    )
    return found


def hand_in_again(page: Page, events: list[Json]) -> list[Json]:
    """The same heap once more, the last ones first, as a tab does that has heard no answer."""
    found: list[Json] = page.evaluate(
        """async (events) => {
            const body = JSON.stringify({ events, sent_at: new Date().toISOString() });
            const headers = { "Content-Type": "application/json" };
            const answer = await fetch("/api/v1/day/events", { method: "POST", headers, body });
            return (await answer.json()).results;
        }""",
        events[::-1],
    )
    return found


def walk_on(phone: Phone, page: Page) -> None:
    """Six steps more without a network: all of Ben's and of Cyd's, in fifteen minutes each."""
    for customer in ("Ben Ode", "Cyd Orr"):
        phone.stands_at(CUSTOMERS[customer][1])
        expect(page.get_by_role("heading", level=1)).to_contain_text(customer)
        page.get_by_role("button", name="I am leaving now").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"On the way to {customer}")
        page.clock.fast_forward("05:00")
        page.get_by_role("button", name="I am at the door").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"At {customer}’s")
        page.clock.fast_forward("10:00")
        if customer == "Cyd Orr":
            page.get_by_role("link", name="I cannot finish").click()
            page.get_by_label("Access: I cannot get in").check()
            page.get_by_role("button", name="Tell the office").click()
        else:
            page.get_by_role("button", name="The work is done").click()


def photos(street: Street) -> list[Photo]:
    with street.house.runtime.read() as work:
        rows = list(work.session.exec(select(Photo)))
        work.session.expunge_all()
        return rows


def snaps(page: Page) -> None:
    picture = {"name": "door.png", "mimeType": "image/png", "buffer": page.screenshot()}
    page.locator("#main input[type=file]").first.set_input_files(picture)  # type: ignore[arg-type]


def snaps_while_drawn_anew(page: Page) -> None:
    """The camera is open for a while; meanwhile the part of the page that opened it was replaced."""
    with page.expect_file_chooser() as opened:
        page.locator("[data-next] label", has_text="Take a photo").click()
    page.evaluate("document.querySelector('[data-next]').replaceChildren()")
    opened.value.set_files({"name": "door.png", "mimeType": "image/png", "buffer": page.screenshot()})


def has_room(page: Page, phone: Phone, bytes_free: int | None) -> None:
    """What the browser lets us keep on its disk; None is as much as ever."""
    told = {"origin": page.url.removesuffix("/day")} | (
        {} if bytes_free is None else {"quotaSize": bytes_free}
    )
    phone.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", told)


def pretend(page: Page, count: int) -> None:
    """So many more photos that wait; of 0 they are gone again."""
    page.evaluate(
        """async (count) => {
            const { keepPhoto } = await import("/static/day/queue.js");
            const who = document.getElementById("desk").dataset.technician;
            const at = new Date().toISOString();
            for (let number = 0; number < 40; number += 1) {
                const blob = number < count ? new Blob(["x"]) : undefined;
                await keepPhoto({ id: `pretended-${number}`, who, visit: "", at, label: "", outcome: "applied", blob });
            }
        }""",
        count,
    )


def test_a_photo_without_a_network(
    browser: Browser, street: Street, visits: dict[str, str], tmp_path: Path
) -> None:
    phone = Phone(browser, street, tmp_path / "phone")
    with phone.opened("08:20") as page:
        phone.stands_at(40)
        page.goto(toms_link(street))
        page.get_by_role("button").first.click()
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        with page.expect_response("**/api/v1/day/events"):
            page.get_by_role("button", name="I am leaving now").click()
        phone.person.reads("On the way to Ana Cole")
        expect(page.locator("#desk li", has_text="On the way")).to_contain_text("Kept")
        phone.context.set_offline(True)
        page.get_by_role("button", name="I am at the door").click()
        phone.person.reads("At Ana Cole’s").sees("1 step waits for the network.")
        snaps_while_drawn_anew(page)
        phone.person.sees("1 step and 1 photo wait for the network.").fits()

    # the browser was closed: the photo is still there, and there is only so much room for more
    with phone.opened("08:40", online=False) as page:
        page.goto(f"{street.house.url}/day")
        phone.person.sees("1 step and 1 photo wait for the network.")
        page.locator("#desk summary").click()
        phone.person.sees("Photo at Ana Cole’s.")
        has_room(page, phone, 1)
        snaps(page)
        phone.person.sees("The photo was not kept: this phone has no room left.").fits()
        page.get_by_role("button", name="I have read it").click()
        has_room(page, phone, None)
        pretend(page, 39)
        snaps(page)
        phone.person.sees("The photo was not kept: 40 photos wait on this phone already.")
        pretend(page, 0)
        page.get_by_role("button", name="I have read it").click()
        assert photos(street) == []

    # the office has it, and the answer is lost on the way: it is sent again and is the same photo
    with phone.opened("08:45", online=False) as page:
        page.goto(f"{street.house.url}/day")
        phone.person.sees("1 step and 1 photo wait for the network.")
        other = phone.context.new_page()
        other.goto(f"{street.house.url}/day")
        lost: list[int] = []

        def lose(route: Route) -> None:
            lost.append(route.fetch().status)
            route.abort()

        phone.context.route("**/photos?*", lose, times=1)
        phone.context.set_offline(False)
        expect(page.get_by_text("wait for the network")).to_be_hidden()
        page.locator("#desk summary").click()
        expect(page.locator("#desk li", has_text="Photo at Ana Cole’s")).to_contain_text("Kept")
        assert lost == [201]
        phone.person.fits()
    [photo] = photos(street)
    assert photo.visit_id == visits["Ana Cole"]
    assert list(audit(street.house.runtime)) == []


def test_an_hour_without_a_network(
    browser: Browser,
    street: Street,
    visits: dict[str, str],
    tmp_path: Path,
    person: Callable[..., Person],
) -> None:
    phone = Phone(browser, street, tmp_path / "phone")
    with phone.opened("08:20") as page:
        phone.stands_at(40)
        page.goto(toms_link(street))
        page.get_by_role("button").first.click()
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        street.until("08:25")
        page.clock.fast_forward("05:00")
        with page.expect_response("**/api/v1/day/events"):
            page.get_by_role("button", name="I am leaving now").click()
        phone.person.reads("On the way to Ana Cole")
        phone.context.set_offline(True)
        page.clock.fast_forward("05:00")
        page.get_by_role("button", name="I am at the door").click()
        phone.person.reads("At Ana Cole’s").sees("1 step waits for the network.")

    # the browser was closed, and opens again without a network: nothing that was said is gone
    with phone.opened("08:40", online=False) as page:
        page.goto(f"{street.house.url}/day")
        phone.person.reads("At Ana Cole’s").sees("1 step waits for the network.")
        page.get_by_role("button", name="The work is done").click()
        phone.person.reads("Ben Ode").sees("2 steps wait for the network.")
        the_office_changes_the_day(street, visits)
        walk_on(phone, page)
        phone.person.reads("Dee Fox").sees("8 steps wait for the network.")
        page.get_by_role("button", name="I am leaving now").click()
        phone.person.reads("On the way to Dee Fox").sees("9 steps wait for the network.")
        phone.person.fits()
    street.until("09:25")

    with phone.opened("09:25", online=False) as page:
        page.goto(f"{street.house.url}/day")
        other = phone.context.new_page()
        other.goto(f"{street.house.url}/day")
        phone.person.sees("9 steps wait for the network.")
        heaps = [said(page), said(other)]
        phone.context.set_offline(False)
        expect(page.get_by_text("Contested:")).to_have_count(7)
        expect(other.get_by_text("Contested:")).to_have_count(7)
        for tab, heap in [(page, heaps[0]), (other, heaps[1]), (page, heaps[1])]:
            answers = hand_in_again(tab, heap)
            assert Counter(one["result"] for one in answers) == {"duplicate": 9}
            assert Counter(one["outcome"] for one in answers) == {"applied": 2, "contested": 7}
        phone.person.sees("Somebody else has this visit now.").sees("was moved to").fits()
        page.get_by_role("button", name="I have read it").first.click()
        expect(page.get_by_text("Contested:")).to_have_count(6)

    rows = settled(street)
    assert len(rows) == 10  # with the one that had a network
    assert Counter((row.visit_id, row.kind, row.result) for row in rows) == {
        (visits["Ana Cole"], "leave", "applied"): 1,
        (visits["Ana Cole"], "arrive", "applied"): 1,
        (visits["Ana Cole"], "finish", "applied"): 1,
        **{(visits["Ben Ode"], step, "contested"): 1 for step in ("leave", "arrive", "finish")},
        **{(visits["Cyd Orr"], step, "contested"): 1 for step in ("leave", "arrive", "cannot_finish")},
        (visits["Dee Fox"], "leave", "contested"): 1,
    }
    assert in_the_ledger(street, StepContested.kind()) == 7
    assert states(street, visits) == {
        "Ana Cole": "done",
        "Ben Ode": "booked",
        "Cyd Orr": "cancelled",
        "Dee Fox": "booked",
    }
    assert who_comes(street, visits["Ben Ode"]) == "Uma"
    first, last = rows[0].occurred_at, rows[-1].occurred_at
    assert dt.timedelta(minutes=45) < last - first < dt.timedelta(minutes=75)
    assert all(abs(row.skew_seconds + WRONG.total_seconds()) < 90 for row in rows)
    assert list(audit(street.house.runtime)) == []

    office = person(1440)
    office.open(street.house.viewer_link).press("Open the board")
    office.open(f"/board/visits/{visits['Ben Ode']}").sees("A phone says something else").sees(
        "47 min fast"
    ).fits()
