"""Which passwords are good enough, and how they are kept."""

from __future__ import annotations

import pytest

from dispatch.access.passwords import hash_password, is_obvious, matches, require_fit
from dispatch.errors import Invalid

EMAIL, COMPANY = "dana.reed@alder.example", "Alder Repairs"


def refused(password: str) -> str:
    with pytest.raises(Invalid) as caught:
        require_fit(password, email=EMAIL, company=COMPANY)
    (error,) = caught.value.errors
    assert error.pointer == "/password"
    return error.code


@pytest.mark.parametrize(
    ("length", "code"), [(0, "password_too_short"), (11, "password_too_short"), (129, "password_too_long")]
)
def test_too_short_and_too_long(length: int, code: str) -> None:
    assert refused(("pine cone ladder " * 8)[:length]) == code


@pytest.mark.parametrize(
    "password",
    [
        "brown ladder",  # twelve signs, letters and a space
        ("pine cone ladder " * 8)[:128],
        "鉛筆と梯子と松ぼっくりと月の夜",
        "🪜🌲🐻🦆🍂🌙🧭🛶🪵🔥🍄🐝",
        "  spaces at both ends  ",
    ],
)
def test_any_signs_do(password: str) -> None:
    assert require_fit(password, email=EMAIL, company=COMPANY) == password


def test_two_ways_to_write_one_sign_are_one_password() -> None:
    composed, decomposed = "caf\u00e9 au lait noir", "cafe\u0301 au lait noir"
    assert require_fit(decomposed, email=EMAIL, company=COMPANY) == composed
    assert matches(hash_password(composed), decomposed)


def test_length_is_counted_in_signs_as_they_are_hashed() -> None:
    assert refused("e\u0301" * 6) == "password_too_short"


@pytest.mark.parametrize("password", ["aaaaaaaaaaaa", "ababababababab", "123123123123123"])
def test_a_few_signs_over_and_over_are_refused(password: str) -> None:
    assert refused(password) == "password_obvious"


@pytest.mark.parametrize(
    "password",
    [
        "alder repairs",
        "AlderRepairs2026!",
        "dana.reed@alder.example",
        "Dana.Reed-1234",
        "password12345",
        "makegood-makegood",
        "qwertyuiop!!12",
    ],
)
def test_what_others_try_first_is_refused(password: str) -> None:
    assert refused(password) == "password_obvious"


def test_a_name_among_other_words_is_no_reason() -> None:
    assert not is_obvious("alder trees by the river", email=EMAIL, company=COMPANY)


def test_a_short_company_name_does_not_eat_a_password() -> None:
    assert not is_obvious("a lantern in the attic", email="a@b.example", company="A")


def test_a_hash_is_argon2id_salted_and_of_full_strength() -> None:
    first, second = hash_password("brown ladder"), hash_password("brown ladder")
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second
    assert matches(first, "brown ladder")
    assert not matches(first, "brown ladders")


def test_for_nobody_the_same_work_is_done_in_vain() -> None:
    assert not matches(None, "nobody's password")
    assert not matches("", "nobody's password")
    assert not matches("no hash at all", "brown ladder")
