"""Codes of the app and recovery codes: each counts once."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from dispatch.access.factors import STEP_SECONDS, app_uri, plain_code, recovery_code, step_of
from dispatch.access.links import LinkKey
from dispatch.chance import Chance

KEY = LinkKey(b"a secret for tests, of forty bytes and more")
# RFC 6238, appendix B: the secret of the examples, and the last six digits of what they give.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
}


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize("seconds", RFC_CODES)
def test_the_examples_of_the_standard(seconds: int) -> None:
    assert step_of(RFC_SECRET, RFC_CODES[seconds], at(seconds), last_step=0) == seconds // STEP_SECONDS


@pytest.mark.parametrize(
    ("late", "fits"), [(-31, False), (-30, True), (0, True), (30, True), (59, True), (60, False)]
)
def test_a_clock_may_be_one_step_off(late: int, fits: bool) -> None:
    """The code of 1111111110, which begins a step."""
    found = step_of(RFC_SECRET, RFC_CODES[1111111111], at(1111111110 + late), last_step=0)
    assert (found is not None) == fits


def test_a_step_that_was_used_counts_no_more_nor_does_an_earlier_one() -> None:
    step = 1111111110 // STEP_SECONDS
    code, before = RFC_CODES[1111111111], RFC_CODES[1111111109]
    assert step_of(RFC_SECRET, code, at(1111111111), last_step=step - 1) == step
    assert step_of(RFC_SECRET, code, at(1111111111), last_step=step) is None
    assert step_of(RFC_SECRET, before, at(1111111111), last_step=step) is None


@pytest.mark.parametrize("code", ["", "28708", "2870822", "abcdef", "２８７０８３"])
def test_what_is_no_code(code: str) -> None:
    assert step_of(RFC_SECRET, code, at(59), last_step=0) is None


@pytest.mark.parametrize("typed", ["287082", " 287 082 ", "287-082", "２８７０８２"])
def test_spaces_and_wide_digits_are_forgiven(typed: str) -> None:
    assert plain_code(typed) == "287082"


def test_a_secret_is_ones_own_and_of_full_length() -> None:
    secrets = {KEY.app_secret(who, version) for who in ("dana", "eve") for version in (1, 2)}
    assert len(secrets) == 4
    assert {len(secret) for secret in secrets} == {32}
    assert KEY.app_secret("dana", 1) != LinkKey(b"another secret of thirty-two bytes").app_secret("dana", 1)


def test_the_square_names_company_and_person() -> None:
    uri = app_uri(RFC_SECRET, name="dana@alder.example", company="Alder Repairs")
    assert uri == (
        f"otpauth://totp/Alder%20Repairs:dana%40alder.example?secret={RFC_SECRET}&issuer=Alder%20Repairs"
    )


def test_recovery_codes_read_well_and_are_long_enough() -> None:
    codes = [recovery_code(Chance(Random(seed))) for seed in range(200)]
    assert len(set(codes)) == 200
    assert all(len(plain_code(code)) == 16 for code in codes)
    assert not set("01lios5uz8") & set("".join(codes))
