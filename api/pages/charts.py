"""Pictures of figures as plain values: where each bar begins and how wide it is, in hundredths of the picture.

`templates/charts.html` draws them. Nothing here has a colour: a tone is a class of the style sheet, and each
tone has a shape and a word too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDE_ENOUGH = 14.0  # hundredths of the narrowest picture into which a shape and a number go


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of part is shown: by a colour, by a shape, and by a word in the legend."""

    tone: str
    shape: str
    word: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar from `x` on; `text` stands in it where it is wide enough."""

    look: Look
    x: float
    width: float
    text: str

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a picture: what it is, how much in words, and its parts from left to right."""

    label: str
    value: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """`told` says in a sentence what can be seen, for whoever cannot see it."""

    id: str
    title: str
    told: str
    bars: tuple[Bar, ...]
    legend: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One step of a strip: its name, how long it took in words, and whether it is over."""

    name: str
    took: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Strip:
    id: str
    title: str
    told: str
    stretches: tuple[Stretch, ...]


GOOD, OPEN = Look("good", "✓", "the same day"), Look("calm", "○", "being made good")
LEFT = Look("bad", "!", "not the same day")
FAULTS: Mapping[str, Look] = {
    "company": Look("bad", "●", "ours"),
    "customer": Look("calm", "▲", "the customer’s"),
    "third_party": Look("warn", "■", "somebody else’s"),
    "unknown": Look("gone", "◆", "not known"),
}
SPREAD = (
    Look("good", "●", "half were faster"),
    Look("warn", "▲", "nine in ten were faster"),
    Look("bad", "■", "the slowest"),
)
SCORE = Look("calm", "★", "answers")


def picture(
    id: str,
    title: str,
    told: str,
    lines: Iterable[tuple[str, str, Sequence[tuple[Look, float, str]]]],
) -> Picture:
    """Bars on one common scale: the longest fills the picture. Each line is a label, its amount in words, and
    the amounts of its parts."""
    known = list(lines)
    longest = max((sum(amount for _, amount, _ in parts) for _, _, parts in known), default=0.0)
    bars = tuple(Bar(label, value, _parts(parts, longest)) for label, value, parts in known)
    seen = {part.look for bar in bars for part in bar.parts}
    looks = dict.fromkeys(look for _, _, parts in known for look, _, _ in parts)
    return Picture(id, title, told, bars, tuple(look for look in looks if look in seen))


def _parts(amounts: Sequence[tuple[Look, float, str]], longest: float) -> tuple[Part, ...]:
    found, x = [], 0.0
    for look, amount, text in amounts:
        width = 100 * amount / longest if longest else 0.0
        if width:
            shown = text if width >= WIDE_ENOUGH else ""
            found.append(Part(look, round(x, 2), round(width, 2), shown))
        x += width
    return tuple(found)


def days(counts: Sequence[tuple[str, int, int, int]]) -> Picture:
    """Day by day how many promises were noticed to be broken, how many of them that day made good, and how many
    are not at their end yet."""
    good, broken = sum(good for _, _, good, _ in counts), sum(broken for _, broken, _, _ in counts)
    return picture(
        "days",
        "Made good the same day, day by day",
        f"{good} of {broken} broken promises were made good on the day on which they were noticed.",
        [
            (
                label,
                f"{good} of {broken}" if broken else "none broke",
                [
                    (GOOD, good, f"✓ {good}"),
                    (OPEN, still_open, f"○ {still_open}"),
                    (LEFT, broken - good - still_open, f"! {broken - good - still_open}"),
                ],
            )
            for label, broken, good, still_open in counts
        ],
    )


def causes(by_cause: Mapping[str, Mapping[str, int]], spell: Mapping[str, str]) -> Picture:
    """What broke, and whose fault it was."""
    lines = []
    for kind, counts in by_cause.items():
        parts = [(look, counts.get(fault, 0)) for fault, look in FAULTS.items()]
        total = sum(counts.values())
        lines.append((spell[kind], str(total), [(look, n, f"{look.shape} {n}") for look, n in parts]))
    told = "; ".join(f"{label}: {value}" for label, value, _ in lines)
    return picture("causes", "What broke, and whose fault it was", f"{told}.", lines)


def speeds(steps: Sequence[tuple[str, Sequence[float], Sequence[str]]]) -> Picture:
    """For each step the median, nine in ten, and the slowest, in seconds and in words."""
    lines = []
    for name, seconds, words in steps:
        pieces = [b - a for a, b in zip((0.0, *seconds), seconds, strict=False)]
        lines.append(
            (name, words[0], [(look, size, look.shape) for look, size in zip(SPREAD, pieces, strict=False)])
        )
    told = "; ".join(
        f"{name}: half within {words[0]}, nine in ten within {words[1]}, the slowest {words[2]}"
        for name, _, words in steps
    )
    return picture("speeds", "How long each step took", f"{told}.", lines)


def scores(ratings: Mapping[int, int]) -> Picture:
    """How many gave each score, the best one first."""
    lines = [
        (f"{score} of 5", str(ratings.get(score, 0)), [(SCORE, ratings.get(score, 0), "★")])
        for score in range(5, 0, -1)
    ]
    told = "; ".join(f"{label}: {value}" for label, value, _ in lines)
    return picture("scores", "How customers say it went", f"{told}.", lines)


def strip(id: str, title: str, steps: Sequence[tuple[str, str | None]]) -> Strip:
    """One recovery: how long each step took, and where it stands now. None is a step that is not over."""
    stretches = tuple(Stretch(name, took or "–", took is not None) for name, took in steps)
    told = ", ".join(f"{one.name} {'after ' + one.took if one.reached else 'not yet'}" for one in stretches)
    return Strip(id, title, f"{told}.", stretches)
