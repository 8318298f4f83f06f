"""News repaints the board, and nothing that a dispatcher holds, reads or types moves away under their hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.people import Person, Street

ANA, BEN, CLEO = "+12125550143", "+12125550144", "+12125550145"
WHAT_IS_HELD = """() => {
    const one = (where) => document.querySelector(where);
    return {
        hours: [...document.querySelectorAll(".vis-text.vis-minor")].map((at) => at.textContent).join(" "),
        scrolled: one("#timeline .vis-foreground").parentElement.style.top + window.scrollY,
        chosen: one("#timeline .vis-item.vis-selected")?.textContent,
        map: one("#map .leaflet-map-pane").style.transform + one("#map .leaflet-proxy").style.transform,
        popup: one("#map .leaflet-popup")?.textContent,
        list: one(".crew .stops a").checkVisibility(),
        focus: document.activeElement.id,
        typed: one("#find").value,
    };
}"""
REPAINTED = """() => { window.repainted = 0; window.shifted = 0;
    document.addEventListener("freshened", () => { window.repainted += 1; });
    new PerformanceObserver((list) => list.getEntries().forEach((one) => { window.shifted += one.value; }))
        .observe({ type: "layout-shift" });
    window.held = [...document.querySelectorAll("#map .leaflet-marker-icon, #timeline .vis-label")]; }"""


def held(board: Person) -> dict[str, Any]:
    found: dict[str, Any] = board.page.evaluate(WHAT_IS_HELD)
    return found


def until_repainted(board: Person) -> None:
    board.page.wait_for_function("() => window.repainted > 0")


def test_news_moves_nothing_that_is_held(street: Street, person: Callable[..., Person]) -> None:
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    street.book("Ana Cole", ANA, "10:00", 300)
    street.book("Ben Ito", BEN, "14:00", 500)
    board = person(1440)
    board.open(street.house.viewer_link).press("Open the board").sees("No promise is broken")

    timeline, page = board.page.locator("#timeline"), board.page
    board.follow("The day as a list").sees("Without the list")
    assert page.url.endswith("/board?whole=1"), "to be had without a script, too"
    board.fits()
    page.locator("#map .leaflet-control-zoom-in").click()
    timeline.locator(".vis-item.visit").filter(has_text="Ana").click()
    page.locator("#map .leaflet-popup-content a").wait_for()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.locator("#find").fill("Ana C")
    page.wait_for_timeout(1000)  # whatever is animated comes to rest
    before = held(board)
    assert before["chosen"]
    assert before["popup"]
    page.evaluate(REPAINTED)

    street.book("Cleo Ray", CLEO, "16:00", 700)
    until_repainted(board)
    timeline.locator(".vis-item.visit").filter(has_text="Cleo").wait_for(state="attached")
    assert held(board) == before
    assert page.evaluate("() => window.held.every((one) => one.isConnected)")
    assert page.evaluate("() => window.shifted") < 0.01


def test_what_is_settled_does_not_put_another_one_under_the_finger(
    street: Street, person: Callable[..., Person]
) -> None:
    """Two are broken. At one blow the upper one is closed and the lower one is two minutes older: the link that has
    the focus goes on being that of the lower one."""
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    street.book("Ben Ito", BEN, "08:00", 500)
    street.book("Ana Cole", ANA, "10:00", 300)
    board = person(1440)
    board.open(street.house.viewer_link).press("Open the board")
    street.until("10:01")
    board.sees("2 broken promises to make good")
    upper, _ = street.office.get("/api/v1/recoveries")["recoveries"]
    board.page.get_by_role("link", name="Decide").nth(1).focus()
    focused = board.page.evaluate("() => document.activeElement.href")
    board.cut("**/board")
    street.office.post(f"/api/v1/recoveries/{upper['id']}/close", {"reason": "Moved away."})
    street.until("10:03")
    board.mend()
    board.page.evaluate("() => document.getElementById('main').dispatchEvent(new CustomEvent('fresh'))")
    board.sees("1 broken promise to make good")
    assert upper["visit_id"] not in focused
    assert board.page.evaluate("() => document.activeElement.href") == focused


def test_the_first_technician_brings_the_pictures(street: Street, person: Callable[..., Person]) -> None:
    board = person(1440)
    board.open(street.house.viewer_link).press("Open the board").sees("No technicians yet")
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    board.page.evaluate("() => document.getElementById('main').dispatchEvent(new CustomEvent('fresh'))")
    board.page.locator("#timeline .vis-label").get_by_text("Tom Hale").wait_for()
    board.page.locator("#map .leaflet-marker-icon").wait_for()
