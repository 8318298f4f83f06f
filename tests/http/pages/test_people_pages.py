"""The people of the office: invited, given a role, switched off; and everybody's sessions."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from dispatch.access.tables import Scope
from dispatch.clock import SetClock
from dispatch.territories.queries import list_ladder
from dispatch.territories.tables import Dispatcher, StaffRole
from tests.builders import a_dispatcher, a_territory
from tests.http.conftest import BASE, Client
from tests.http.office_people import PASSWORD, Person, a_browser
from tests.http.pages.reading import Reader
from tests.worlds import OFFICE, World


@pytest.fixture
def dana(world: World) -> Dispatcher:
    return world.dispatchers[0]


@pytest.fixture
def vera(world: World) -> Dispatcher:
    return world.dispatchers[1]


def role_of(world: World, person: Dispatcher) -> tuple[StaffRole, bool]:
    with world.look() as work:
        found = work.session.get_one(Dispatcher, person.id)
        return found.role, found.active


def test_somebody_is_invited_and_signs_in(
    world: World, office: Reader, client: TestClient, clock: SetClock
) -> None:
    office.open("/office/people").press("Make the link", person_name="Eve Moss", ladder="0", email="eve")
    assert office.status == 422
    office.press("Make the link", ladder="3", email="Eve@Alder.example", role="supervisor")
    assert office.h1 == "The link for Eve Moss"
    link = office.link("/setup/")
    eve = Person(a_browser(client.app), lambda: clock.at, "eve@alder.example")
    assert "eve@alder.example" in str(
        [box.attributes for box in eve.browser.open(link.removeprefix(BASE)).page.every("input")]
    )
    assert eve.use_link(link).follow("I have kept them").path == "/board"
    with world.look() as work:
        joined = list_ladder(work.session, world.territory.id)[-1]
    assert (joined.name, joined.role, joined.email) == ("Eve Moss", StaffRole.SUPERVISOR, "eve@alder.example")
    office.open("/office/people")
    assert "With a second key" in office.text
    assert "/setup/" not in office.text


def test_a_name_that_works_here_already(office: Reader) -> None:
    office.open("/office/people").press("Make the link", person_name="dana  reed", ladder="2")
    assert (office.status, "works here already" in office.text) == (422, True)


def test_another_role_counts_from_the_next_request(
    world: World, office: Reader, vera: Dispatcher, sign_in: Client
) -> None:
    browser = Reader(sign_in(Scope.SETUP, vera.id))
    assert browser.open("/office/people").status == 200
    office.open(f"/office/people/{vera.id}").press("Save", role="manager")
    assert role_of(world, vera) == (StaffRole.MANAGER, True)
    assert browser.open("/office/people").status == 403
    assert browser.open("/office/me").status == 200


def test_only_an_admin_decides_about_people(
    world: World, office: Reader, vera: Dispatcher, dana: Dispatcher, sign_in: Client
) -> None:
    browser = sign_in(Scope.SETUP, vera.id)
    for role in (StaffRole.DISPATCHER, StaffRole.SUPERVISOR, StaffRole.MANAGER):
        office.open(f"/office/people/{vera.id}").press("Save", role=role.value)
        for path in ("", f"/{dana.id}", f"/{dana.id}/off", f"/{dana.id}/on", f"/{dana.id}/link"):
            assert browser.post(f"/office/people{path}", data={"role": "admin"}).status_code == 403, path
    assert role_of(world, dana) == (StaffRole.ADMIN, True)


def test_the_last_admin_stays(world: World, office: Reader, dana: Dispatcher, vera: Dispatcher) -> None:
    office.open(f"/office/people/{vera.id}").press("Save", role="dispatcher")
    office.open(f"/office/people/{dana.id}").press("Save", role="dispatcher")
    assert (office.status, "the last admin" in office.text) == (409, True)
    office.open(f"/office/people/{dana.id}").press("Switch Dana Reed off")
    assert (office.status, "the last admin" in office.text) == (409, True)
    assert role_of(world, dana) == (StaffRole.ADMIN, True)
    office.open(f"/office/people/{vera.id}").press("Save", role="admin")
    office.open(f"/office/people/{dana.id}").press("Save", role="dispatcher")
    assert role_of(world, dana) == (StaffRole.DISPATCHER, True)


def test_an_admin_elsewhere_or_switched_off_is_no_other_admin(
    world: World, office: Reader, dana: Dispatcher, vera: Dispatcher
) -> None:
    with world.workshop.work(OFFICE, "another house") as work:
        a_dispatcher(work, a_territory(work, name="South"), name="Sue South")
    office.open(f"/office/people/{vera.id}").press("Switch Vera Top off")
    office.open(f"/office/people/{dana.id}").press("Save", role="manager")
    assert office.status == 409


def test_two_admins_cannot_demote_each_other_together(
    world: World, dana: Dispatcher, vera: Dispatcher, sign_in: Client
) -> None:
    browsers = [sign_in(Scope.SETUP, one.id) for one in (dana, vera)]

    def demote(number: int) -> int:
        other = (vera, dana)[number]
        return browsers[number].post(f"/office/people/{other.id}", data={"role": "manager"}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert 303 in list(pool.map(demote, range(2)))
    with world.look() as work:
        admins = select(Dispatcher.id).where(Dispatcher.role == StaffRole.ADMIN, col(Dispatcher.active))
        assert len(work.session.exec(admins).all()) == 1


def test_whoever_is_switched_off_is_out_at_once_and_comes_back_as_before(
    world: World, office: Reader, vera: Dispatcher, client: TestClient, clock: SetClock
) -> None:
    office.open(f"/office/people/{vera.id}").press("New link for Vera Top")
    person = Person(a_browser(client.app), lambda: clock.at, "vera@alder.example")
    person.use_link(office.link("/setup/"))
    office.open(f"/office/people/{vera.id}").press("New link for Vera Top")
    spare = office.link("/setup/").removeprefix(BASE)
    office.open(f"/office/people/{vera.id}").press("Switch Vera Top off")
    assert person.browser.client.get("/board").status_code == 401
    assert a_browser(client.app).open(spare).status == 404
    assert person.give_password(a_browser(client.app)).status == 401
    assert "Switched off" in office.text
    assert [one.name for one in world_ladder(world)] == ["Dana Reed"]
    office.press("Switch Vera Top on again")
    clock.advance(seconds=60)
    assert person.sign_in(a_browser(client.app)).path == "/board"


def world_ladder(world: World) -> list[Dispatcher]:
    with world.look() as work:
        return list(list_ladder(work.session, world.territory.id))


def test_an_admin_sees_and_ends_everybodys_sessions(
    world: World, office: Reader, vera: Dispatcher, sign_in: Client, on_the_phone: Callable[[str], Reader]
) -> None:
    browser, phone = sign_in(Scope.SETUP, vera.id), on_the_phone(next(iter(world.technicians)))
    office.open("/office/people")
    assert phone.open("/day").status == 200
    ends = ends_of(office)
    assert len(ends) == 2
    assert "(technician)" in office.text
    assert "Sign out here" in office.text
    for end in ends:
        assert office.client.post(end).status_code == 303
    assert browser.get("/board").status_code == 401
    assert phone.open("/day").status == 401
    assert ends_of(office.open("/office/people")) == []


def ends_of(page: Reader) -> list[str]:
    """Where the buttons lead that end somebody else's session."""
    actions = [form.attributes.get("action", "") for form in page.page.every("form")]
    return [action for action in actions if "/sessions/" in action]


def test_another_territorys_people_and_sessions_are_not_there(
    world: World, office: Reader, sign_in: Client
) -> None:
    with world.workshop.work(OFFICE, "another house") as work:
        sue = a_dispatcher(work, a_territory(work, name="South"), name="Sue South")
    south, desk = Reader(sign_in(Scope.SETUP, sue.id)), sign_in(Scope.SETUP, sue.id)
    [end] = ends_of(south.open("/office/people"))
    assert office.client.post(end).status_code == 404
    assert office.client.post(end.replace("/people/", "/me/")).status_code == 404
    assert "Sue South" not in office.open("/office/people").text
    assert desk.get("/board").status_code == 200


# --- one's own ------------------------------------------------------------------------------------------


@pytest.fixture
def person(client: TestClient, clock: SetClock, office: Reader, dana: Dispatcher) -> Person:
    """Dana, with a password and a second key."""
    office.open(f"/office/people/{dana.id}").press(f"New link for {dana.name}")
    link = office.link("/setup/")
    person = Person(a_browser(client.app), lambda: clock.at, "dana@alder.example")
    person.use_link(link)
    clock.advance(seconds=30)
    return person


def test_somebody_ends_their_other_sessions(person: Person, client: TestClient) -> None:
    here, there = person.browser, person.sign_in(a_browser(client.app))
    here.open("/office/me").press("Sign out everywhere else")
    assert here.status == 200
    assert there.client.get("/board").status_code == 401


def test_a_password_is_changed_by_whoever_knows_it(
    person: Person, client: TestClient, clock: SetClock
) -> None:
    here, there = person.browser, person.sign_in(a_browser(client.app))
    clock.advance(seconds=30)
    here.open("/office/me").press("Change the password", password="a wrong guess here", new_password="x" * 12)
    assert (here.status, "not the password that you have now" in here.text) == (422, True)
    here.press("Change the password", password=PASSWORD, new_password="short")
    assert (here.status, "12 signs or more" in here.text) == (422, True)
    here.press("Change the password", password=PASSWORD, new_password="three pears on a plate")
    assert (here.status, here.path.partition("?")[0]) == (200, "/office/me")
    assert there.client.get("/board").status_code == 401
    assert person.give_password(a_browser(client.app)).status == 401
    person.password = "three pears on a plate"
    assert person.sign_in(a_browser(client.app)).path == "/board"


def test_guessing_at_the_password_of_an_open_browser_waits(person: Person) -> None:
    person.browser.open("/office/me")
    for number in range(5):
        person.browser.press("Set it up anew", password=f"wrong guess number {number}")
        assert person.browser.status == 422
    assert person.browser.press("Set it up anew", password=PASSWORD).status == 429


def test_a_new_phone_takes_the_place_of_the_old_one(
    person: Person, client: TestClient, clock: SetClock
) -> None:
    old_app, old_codes = person.app, person.codes
    assert old_app
    person.browser.open("/office/me").press("Set it up anew", password=PASSWORD)
    assert person.browser.client.get("/board").status_code == 401
    assert person.scan().confirm().h1 == "Keep these ten codes"
    assert not set(old_codes) & set(person.codes)
    clock.advance(seconds=30)
    browser = person.give_password(a_browser(client.app))
    assert browser.press("Open the board", code=old_app.at(clock.at)).status == 401
    assert browser.press("Open the board", code=person.code).path == "/board"
