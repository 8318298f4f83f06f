"""A company's colour on its customers' pages: whatever it is, buttons and links can be read in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from api.pages.brand import DARK_GROUND, LIGHT_GROUND, READABLE, contrast, on, readable, sheet
from api.runtime.settings import Settings


@pytest.mark.parametrize(
    "colour", ["#ffff00", "#000000", "#ffffff", "#777777", "#e30613", "#0b5563", "#00ff00"]
)
def test_every_colour_can_be_read_in_the_sun_and_at_night(colour: str) -> None:
    for ground in (LIGHT_GROUND, DARK_GROUND):
        shown = readable(colour, ground)
        assert contrast(shown, ground) >= READABLE
        assert contrast(on(shown), shown) >= READABLE
    assert sheet(colour).count("--act:") == 2


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert readable("#0b5563", LIGHT_GROUND) == "#0b5563"


def test_what_is_no_colour_or_no_picture_is_refused_at_the_start(tmp_path: Path) -> None:
    sign = tmp_path / "sign.svg"
    sign.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert Settings(MAKEGOOD_COLOUR="#e30613", MAKEGOOD_LOGO=sign).logo == sign  # type: ignore[call-arg]
    for wrong in ({"MAKEGOOD_COLOUR": "red"}, {"MAKEGOOD_LOGO": tmp_path / "none.svg"}):
        with pytest.raises(ValidationError):
            Settings(**wrong)  # type: ignore[arg-type]
