"""The technician's day on phones of three widths: every state fits and reads, and what it costs of their data."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from api.simulation.town import build_town
from tests.browser.people import TOO_WIDE, Person, Street

TOM, ANA, BEN = "+12125550111", "+12125550143", "+12125550144"
PICTURES = os.environ.get("MAKEGOOD_TEST_PICTURES")
WIDTHS = (360, 390, 768)
A_DAY_OF_FIXES = """async () => {
    const { event, isNews } = await import("/static/day/locate.js");
    let at = Date.UTC(2026, 2, 2, 13), last, heaps = 0, sentAt = 0, bytes = 0, kept = 0;
    for (let second = 0; second < 8 * 3600; second += 1) {
        const driving = Math.floor(second / 900) % 4 === 0;
        const fix = { lat: 41 + (driving ? second * 1.2e-4 : 0), lng: -77, accuracy: 12, at: at + second * 1000 };
        if (last && !driving) fix.lat = last.lat;
        if (!isNews(last, fix)) continue;
        last = fix; kept += 1;
        bytes += JSON.stringify({ client_event_id: crypto.randomUUID(), ...event(fix) }).length;
        if (second - sentAt >= 30) { heaps += 1; sentAt = second; }
    }
    return { kept, heaps, bytes };
}"""


@pytest.fixture
def toms(street: Street, person: Callable[..., Person]) -> Person:
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", TOM, 40)
    street.book("Ana Cole", ANA, "08:00", 300)
    street.book("Ben Ode", BEN, "10:00", 210)
    street.until("08:05")
    phone = person(390)
    phone.context.grant_permissions(["geolocation"])
    door = build_town(1).houses()[300]
    phone.context.set_geolocation({"latitude": door.lat, "longitude": door.lng, "accuracy": 12})
    return phone


def looked_at(phone: Person, name: str) -> None:
    """Every width fits; with a folder named, a picture of each."""
    for width in WIDTHS:
        phone.page.set_viewport_size({"width": width, "height": 800})
        assert not phone.page.evaluate(TOO_WIDE), (name, width)
        if PICTURES:
            phone.page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=width != 390)
    phone.page.set_viewport_size({"width": 390, "height": 800})
    phone.fits(every=True)


def test_a_day_and_what_it_costs(street: Street, toms: Person, capsys: pytest.CaptureFixture[str]) -> None:
    page = toms.page
    wire = toms.context.new_cdp_session(page)
    wire.send("Network.enable")
    loaded: list[float] = []
    wire.on("Network.loadingFinished", lambda told: loaded.append(told["encodedDataLength"]))
    [tom] = street.office.get("/api/v1/technicians")["technicians"]
    toms.open(street.enrolment(tom))
    page.get_by_role("button").first.click()
    toms.reads("Ana Cole")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    first = sum(loaded)
    day = page.evaluate(A_DAY_OF_FIXES)
    with capsys.disabled():
        print(  # noqa: T201
            f"\nfirst load, from the link on: {first / 1000:.0f} kB in {len(loaded)} answers; a day's places: "
            f"{day['kept']} of 28800, {day['heaps']} heaps, {day['bytes'] / 1000:.0f} kB"
        )
    assert first < 150_000
    assert day["kept"] < 1500
    looked_at(toms, "day-to-leave")

    page.get_by_role("link", name="I am late").click()
    toms.sees("What is wrong?")
    looked_at(toms, "day-trouble")
    page.get_by_role("button", name="15 min").click()
    toms.sees("Noted: free at")
    page.get_by_role("button", name="I am leaving now").click()
    toms.reads("On the way to Ana Cole")
    looked_at(toms, "day-on-the-way")
    page.get_by_role("button", name="I am at the door").click()
    toms.reads("At Ana Cole’s")
    looked_at(toms, "day-at-the-door")
    page.get_by_role("link", name="I cannot finish").click()
    toms.sees("What is missing?")
    looked_at(toms, "day-cannot-finish")
    page.locator("#ask-cannot_finish").get_by_role("button", name="Back").click()

    page.get_by_role("link", name="Nobody is home").click()
    toms.sees("m from the address; within")
    page.get_by_role("button", name="Nobody is home").click()
    toms.sees("Still missing: 10 more minutes at the door, an attempt to reach them.")
    photo = {"name": "door.png", "mimeType": "image/png", "buffer": page.screenshot()}
    with page.expect_response("**/photos?*") as kept:
        page.locator("#ask-nobody_home input[type=file]").set_input_files(photo)  # type: ignore[arg-type]
    assert kept.value.status == 201
    looked_at(toms, "day-nobody-home")
    street.until("08:30")
    page.reload()
    page.get_by_role("link", name="Nobody is home").click()
    page.get_by_label("I rang the bell and tried their phone").check()
    page.get_by_role("button", name="Nobody is home").click()
    toms.reads("Ben Ode")
    looked_at(toms, "day-next")
