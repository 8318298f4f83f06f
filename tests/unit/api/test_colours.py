"""Colours for all eyes: text reads on its ground also for those who see fewer colours, and no state is a colour alone.

Simulated as by Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency" (2009), at full severity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest

from api.pages import brand, charts, report_where, reports_punctuality, reports_regulator
from api.pages.charts import Look
from api.pages.picture import SHAPES

TOKENS = Path(brand.__file__).parent / "static" / "tokens.css"
EYES: Mapping[str, list[list[float]]] = {
    "all colours": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
TONES = ("good", "bad", "warn", "calm", "gone")
READ = [
    *((tone, f"{tone}-ground") for tone in TONES),  # badges, bars
    *(("raised", tone) for tone in TONES),  # the sign in a pin
    *(("text", f"{tone}-ground") for tone in TONES),
    *((name, ground) for name in ("text", "soft", "act") for ground in ("ground", "raised", "sunken")),
    ("on-act", "act"),
]


def colours(scheme: str) -> dict[str, str]:
    light, _, dark = TOKENS.read_text().partition("@media")
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light))
    return found if scheme == "light" else found | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", dark))


def seen(colour: str, eyes: str) -> str:
    """The colour as those eyes see it."""
    share = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    less = np.clip(np.array(EYES[eyes]) @ light, 0, 1)
    told = np.where(less <= 0.0031308, less * 12.92, 1.055 * less ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * one):02x}" for one in told)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("eyes", EYES)
def test_what_is_written_reads_on_its_ground(scheme: str, eyes: str) -> None:
    known = colours(scheme)
    weak = {
        f"{one} on {ground}": round(found, 2)
        for one, ground in READ
        if (found := brand.contrast(seen(known[one], eyes), seen(known[ground], eyes))) < brand.READABLE
    }
    assert weak == {}


@pytest.mark.parametrize(
    "looks",
    [
        charts.FAULTS.values(),
        charts.SPREAD,
        (charts.GOOD, charts.OPEN, charts.LEFT),
        (report_where.KEPT, report_where.BROKEN),
        reports_punctuality.OUTCOMES.values(),
        reports_regulator.LOOKS.values(),
    ],
)
def test_whatever_has_a_colour_has_a_shape_of_its_own(looks: Iterable[Look]) -> None:
    found = list(looks)
    assert len({one.shape for one in found}) == len({one.word for one in found}) == len(found) > 1


def test_every_state_of_a_visit_has_a_shape_of_its_own() -> None:
    shapes = [*SHAPES.values(), "▲"]  # at risk
    assert len(set(shapes)) == len(shapes)
