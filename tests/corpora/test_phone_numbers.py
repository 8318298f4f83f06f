"""What people type as their phone: kept as one number, or refused in words; never kept as it was typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.clock import SetClock
from dispatch.customers.queries import list_by_phone
from dispatch.errors import Invalid
from dispatch.visits.states import VisitState
from dispatch.words import is_landline, phone_number
from dispatch.work import Workshop
from tests.worlds import a_quiet_town

ANA, LANDLINE, OURS = "+12025550143", "+442079460958", "+12025550199"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("+12025550143", id="E.164"),
        pytest.param("2025550143", id="national"),
        pytest.param("202 555 0143", id="spaces"),
        pytest.param("202.555.0143", id="dots"),
        pytest.param("(202) 555-0143", id="parentheses"),
        pytest.param("0012025550143", id="00 for the plus"),
        pytest.param("011 1 202 555 0143", id="011 for the plus"),
        pytest.param("＋１２０２５５５０１４３", id="full-width digits"),
        pytest.param("٢٠٢٥٥٥٠١٤٣", id="Arabic-Indic digits"),
        pytest.param(" +1 202 555 0143 ", id="spaces around"),
    ],
)
def test_one_number_however_it_is_typed(typed: str) -> None:
    assert phone_number(typed, "US") == ANA


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("", "phone_invalid", id="nothing"),
        pytest.param("+", "phone_invalid", id="a plus"),
        pytest.param("++12025550143", "phone_invalid", id="two plus signs"),
        pytest.param("+1+2025550143", "phone_invalid", id="a plus inside"),
        pytest.param("call me", "phone_invalid", id="letters"),
        pytest.param("+1 202 555 0143;ext=5", "phone_invalid", id="extension"),
        pytest.param("202-555-0143 x5", "phone_invalid", id="extension with an x"),
        pytest.param("+1 555 0100", "phone_invalid", id="too short"),
        pytest.param("12345", "phone_invalid", id="short code"),
        pytest.param("+120255501431234567", "phone_invalid", id="too long"),
        pytest.param("202555\n0143", "phone_invalid", id="two lines"),
        pytest.param("+1202555\x000143", "phone_invalid", id="NUL"),
        pytest.param("+1 900 555 0143", "phone_kind", id="premium in the US"),
        pytest.param("+44 909 879 0000", "phone_kind", id="premium in Britain"),
        pytest.param("+44 845 464 7000", "phone_kind", id="shared cost"),
        pytest.param("+1 800 234 5678", "phone_kind", id="toll-free"),
        pytest.param("1-800-FLOWERS", "phone_kind", id="toll-free in letters"),
        pytest.param("+44 76 1234 5678", "phone_invalid", id="pager"),
        pytest.param("+881 612 345 678", "country_not_served", id="satellite"),
        pytest.param("+882 16 1234 5678", "country_not_served", id="another satellite"),
        pytest.param("+252 90 7792024", "country_not_served", id="a country where nobody is served"),
    ],
)
def test_what_cannot_be_texted_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        phone_number(typed, "US")
    assert [error.code for error in refused.value.errors] == [code]
    assert refused.value.errors[0].detail.endswith(".")


def test_a_landline_is_a_number_by_which_somebody_can_be_rung() -> None:
    assert phone_number("020 7946 0958", "GB") == LANDLINE
    assert is_landline(LANDLINE)
    assert not is_landline("+447911123456")
    assert not is_landline(ANA)  # in America a number does not tell


def test_the_number_that_our_texts_come_from_is_nobodys_phone(workshop: Workshop, clock: SetClock) -> None:
    world = a_quiet_town(replace(workshop, own_numbers=frozenset({OURS})), clock, "Tom")
    with pytest.raises(Invalid) as refused:
        world.book("Ana Cole", "10:00", phone="(202) 555-0199")
    assert [error.code for error in refused.value.errors] == ["own_number"]
    assert world.book("Ana Cole", "10:00").state is VisitState.BOOKED


def test_a_territory_serves_its_own_country_whichever_it_is() -> None:
    assert phone_number("090 7792024", "SO") == "+252907792024"


def test_two_customers_may_have_one_phone_and_nothing_of_one_is_shown_to_the_other(
    workshop: Workshop, clock: SetClock
) -> None:
    world = a_quiet_town(workshop, clock, "Tom")
    first, second = world.book("Ana Cole", "10:00", phone=ANA), world.book("Ben Ode", "14:00", phone=ANA)
    with world.look() as work:
        assert {one.name for one in list_by_phone(work.session, ANA)} == {"Ana Cole", "Ben Ode"}
    assert first.customer_id != second.customer_id
