"""A customer who reads no English: every page, refusal and date of theirs in the language that they read."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.testclient import TestClient

from dispatch.failures.reports import report_nobody_came
from dispatch.visits.queries import search
from dispatch.visits.tables import Visit
from tests.http.pages.reading import Reader
from tests.worlds import World

HAUS = {"address": "12 Old Mill Lane", "lat": "40.009", "lng": "-77.0"}
ANA = {"name": "Ana Cole", "phone": "(202) 555-0143", "consent": True}


def test_a_day_with_a_broken_promise_in_german(
    client: TestClient, world: World, booking_link: str, track: Callable[[Visit], str]
) -> None:
    client.headers["accept-language"] = "de-DE,de;q=0.9,en;q=0.5"
    ana = Reader(client).open(booking_link)
    assert next(ana.page.every("html")).attributes["lang"] == "de"
    assert ana.h1 == "Was brauchen Sie, und wo?"
    ana.press("Zeiten zeigen", service="repair", **{**HAUS, "lat": "45"})
    assert (ana.status, "So weit kommen wir nicht." in ana.text) == (409, True)
    ana.press("Zeiten zeigen", service="repair", **HAUS)
    assert "Montag, 2. März" in ana.text
    ana.press("Diese Zeit für mich freihalten", start_at=ana.choices("start_at")[0])
    assert ana.h1 == "Montag, 2. März, 08:00–10:00"
    ana.press("Diesen Termin buchen", **{**ANA, "phone": "12345"})
    assert "Das ist keine Telefonnummer, an die man SMS schicken kann." in ana.text
    ana.press("Diesen Termin buchen", phone="202 555 0143")
    assert "sollte zwischen" in ana.h1
    assert "Wir haben zugesagt, am Mo., 2. März, 08:00–10:00 zu kommen." in ana.text

    # The texts' language is the pages' too, whatever browser opens them; this browser may read another.
    client.headers["accept-language"] = "en-US"
    assert "sollte zwischen" in ana.open(ana.path).h1
    assert "should be with you" in ana.press("English").h1
    assert "devrait être chez vous" in ana.press("Français").h1
    client.cookies.clear()

    ana.open(ana.path).follow("Ich brauche diesen Termin nicht…")
    assert ana.h1 == "Mo., 2. März, 08:00–10:00 absagen?"
    ana.follow("Termin behalten")
    with world.look() as work:
        (visit,) = search(work.session, "Cole")
    world.clock.at = world.at("10:01")
    with world.as_customer(visit) as work:
        report_nobody_came(work, visit.id, how="web")
    ana.open(ana.path)
    assert ana.h1 == "Unser Techniker ist nicht gekommen."
    assert "Das tut uns leid." in ana.text
    assert "Für Sie freigehalten bis" in ana.text
    ana.press(next(button for button in ana.buttons if button.startswith("1 ")))
    assert "Dies ist das neue." in ana.text
    assert (
        ana.open("/v/nothing-here").h1 == "There is nothing here"
    )  # nobody is known: the browser's language


def test_the_language_form_leads_back_to_our_own_pages_only(client: TestClient, booking_link: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for here in ("https://elsewhere.example/v/", "//elsewhere.example", "/board", "/v/\\elsewhere.example"):
        sent = client.post("/language", data={"language": "de", "here": here}, headers=form)
        assert sent.status_code == 422, here
    assert client.post("/language", data={"language": "xx", "here": booking_link}).status_code == 422
    assert Reader(client).open(booking_link).press("Italiano").h1 == "Di che cosa ha bisogno, e dove?"
