"""Alder Crossing: a town that does not exist, with streets, doors and people, for demos and simulated days.

Plain values grown from a seed: the same seed gives the same town, doors and people. Nothing of ours is
imported, so that whoever plays a customer cannot reach behind the counter.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

Place = tuple[float, float]
"""Latitude and longitude in degrees."""

NAME = "Alder Crossing"
ZONE = "America/New_York"
MIDDLE: Place = (41.15, -77.95)
"""In a state forest of northern Pennsylvania: a map shows trees here, and nobody's house."""

COLUMNS, ROWS = 21, 15
BLOCK_METRES = 320.0
RIVER_METRES = 200.0
_LAST_SOUTHERN_ROW = 6
_WARP_METRES = 90.0
_HOUSES_PER_SIDE = 12
_KERB_METRES = 18.0  # from the middle of the street to the door
_CENTRE_METRES = 800.0
_RIVER_GOES_ON_METRES = 700.0  # past the last street, so that it does not end in the map
SIGNS_MPH = {"residential": (15, 25), "tertiary": (20, 35), "secondary": (25, 35)}
"""The limit on the signs by class of road: in the centre, and outside it."""
_METRES_PER_DEGREE = 111_195.0


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_UP_AND_DOWN = _words(
    """
    Tansy Foxglint Marrowby Lanternjack Quillfeather Bramblewick Thistledown Cobbleford Saltmarrow
    Pennyroyal Kettleby Wrenhollow Dapplegrey Ambersedge Larkspindle Hobnail Mossgate Underbough
    Candlewright Figwort Oatley
    """
)
_ACROSS = _words(
    """
    Heronsway Millrace Osierbank Tinderbox Plumwhistle Barleymow Weirside Ferryman Lockkeeper
    Sandpiper Cloverleigh Ropewalk Snowberry Farthing Turnstile
    """
)
_BRIDGES = ("Lantern Bridge", "Tollkeeper Bridge")

_FIRST_NAMES = _words(
    """
    Juniper Alaric Bettina Cosmo Delphine Evander Fenna Gideon Hollis Ines Jasper Kalinda Leopold
    Marisol Nils Odalys Percival Quilla Rufus Saskia Thaddeus Ursula Valentin Winifred Xiomara
    Yorick Zoë Anselm Birgitta Cédric Dorothea Emeka Fatoumata Gunnar Hyacinth Ignacio Jovana Kwame
    Linnea Mateo
    """
)
_SURNAMES = _words(
    """
    Testerman Sampleton Mockerby Placeholt Fixturesen Demowski Exemplar Dummond Tryoutsky Notareal
    Fictivo Pretendez Imaginsson Madeupolis Sandboxer Stubbington Fakenham-Smythe Trialova Draftwell
    Protopopper Examplewitz Fabricatti Inventado Nobodi Templeton-Test Specimenko Modelmaker
    Rehearsall Simulacre Standinson Makebelieve Shamrocke Phantasmo Mannequist Understudy Varnishly
    O'Sample Propshaw Scriptwell Extrasson
    """
)

PHONE_AREAS = ("212", "223", "272", "412", "484", "570", "610", "717", "814", "878")
"""Area codes of New York and Pennsylvania. In each, 555-0100 to 555-0199 is kept for fiction: the numbers
are well formed and pass validation, and no telephone rings."""
_PHONES_PER_AREA = 100


@dataclass(frozen=True, slots=True)
class Street:
    """A drawn street. `kind` is a road class (residential, tertiary, secondary); lines meet at shared points.

    `first_block` is the hundred its house numbers begin with.
    """

    name: str
    kind: str
    line: tuple[Place, ...]
    first_block: int = 1


@dataclass(frozen=True, slots=True)
class Address:
    """A front door: the line on the envelope, and where it is in degrees."""

    line: str
    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented; `phone` is E.164 from the range kept for fiction."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Town:
    """A town on both banks of a river: `streets` hold the two `bridges` too, and nothing else crosses it."""

    name: str
    zone: str
    middle: Place
    streets: tuple[Street, ...]
    bridges: tuple[Street, ...]
    river: tuple[Place, ...]
    river_metres: float

    def addresses(self, seed: int, count: int) -> list[Address]:
        """`count` different front doors on residential streets. Raises ValueError when there are fewer."""
        return random.Random(seed).sample(self.houses(), count)

    def houses(self) -> list[Address]:
        """Every front door on a residential street, in the order of the streets."""
        return [house for street in self.streets if street.kind == "residential" for house in _doors(street)]

    def limit_mph(self, kind: str, at: Place) -> int:
        """What the signs say on a road of this class: less in the centre, where people walk."""
        in_centre, outside = SIGNS_MPH[kind]
        return in_centre if _metres_apart(at, self.middle) <= _CENTRE_METRES else outside

    def banks(self) -> tuple[Place, ...]:
        """The river as an area: round it once, back to where the line began."""
        half = self.river_metres / 2 / _METRES_PER_DEGREE
        east = _RIVER_GOES_ON_METRES / _METRES_PER_DEGREE / math.cos(math.radians(self.middle[0]))
        first, last = self.river[0], self.river[-1]
        stream = ((first[0], first[1] - east), *self.river, (last[0], last[1] + east))
        north = [(round(lat + half, 6), round(lng, 6)) for lat, lng in stream]
        south = [(round(lat - half, 6), round(lng, 6)) for lat, lng in reversed(stream)]
        return (*north, *south, north[0])

    def is_north(self, lat: float, lng: float) -> bool:
        """Whether a place lies on the northern bank."""
        for (lat1, lng1), (lat2, lng2) in zip(self.river, self.river[1:], strict=False):
            if lng1 <= lng <= lng2:
                return lat > lat1 + (lat2 - lat1) * (lng - lng1) / (lng2 - lng1)
        return lat > self.middle[0]


def build_town(seed: int = 1) -> Town:
    """The town of this seed: a grid of streets bent a little, cut by a river that two bridges cross."""
    rng = random.Random(seed)
    corner = _bent_grid(rng)
    crossings = (rng.randint(3, 7), rng.randint(13, 17))
    bridges = tuple(
        Street(
            name, "secondary", (corner[column, _LAST_SOUTHERN_ROW], corner[column, _LAST_SOUTHERN_ROW + 1])
        )
        for name, column in zip(_BRIDGES, crossings, strict=True)
    )
    river = tuple(
        _between(corner[c, _LAST_SOUTHERN_ROW], corner[c, _LAST_SOUTHERN_ROW + 1]) for c in range(COLUMNS)
    )
    streets = (*_across(corner), *_up_and_down(corner, crossings), *bridges)
    return Town(NAME, ZONE, MIDDLE, streets, bridges, river, RIVER_METRES)


def people(seed: int, count: int) -> list[Person]:
    """`count` invented people, no two with the same name or phone. Raises ValueError above 1000.

    Two calls may share people: split one list into customers and crew instead of asking twice.
    """
    rng = random.Random(seed)
    names = rng.sample([f"{first} {last}" for first in _FIRST_NAMES for last in _SURNAMES], count)
    return [Person(name, phone) for name, phone in zip(names, rng.sample(phones(), count), strict=True)]


def phones() -> list[str]:
    """Every number this module may hand out, in E.164."""
    return [f"+1{area}55501{line:02d}" for area in PHONE_AREAS for line in range(_PHONES_PER_AREA)]


def _bent_grid(rng: random.Random) -> dict[tuple[int, int], Place]:
    """Where column c meets row r, rows counted from the south."""
    bends = [rng.uniform(0, 2 * math.pi) for _ in range(2)]
    width, height = (COLUMNS - 1) * BLOCK_METRES, (ROWS - 1) * BLOCK_METRES + RIVER_METRES
    corner = {}
    for column in range(COLUMNS):
        for row in range(ROWS):
            across_river = RIVER_METRES if row > _LAST_SOUTHERN_ROW else 0.0
            east = column * BLOCK_METRES - width / 2 + _WARP_METRES * math.sin(row / 2.5 + bends[0])
            north = (
                row * BLOCK_METRES
                + across_river
                - height / 2
                + _WARP_METRES * math.sin(column / 3 + bends[1])
            )
            corner[column, row] = _place(east, north)
    return corner


def _across(corner: dict[tuple[int, int], Place]) -> Iterator[Street]:
    for row, name in enumerate(_ACROSS):
        yield Street(f"{name} Avenue", _kind(row), tuple(corner[column, row] for column in range(COLUMNS)))


def _up_and_down(corner: dict[tuple[int, int], Place], crossings: tuple[int, int]) -> Iterator[Street]:
    """Each has a southern and a northern half; house numbers run on across the river."""
    south, north = range(_LAST_SOUTHERN_ROW + 1), range(_LAST_SOUTHERN_ROW + 1, ROWS)
    for column, name in enumerate(_UP_AND_DOWN):
        kind = "tertiary" if column in crossings else _kind(column)
        for side, rows in (("South", south), ("North", north)):
            line = tuple(corner[column, row] for row in rows)
            yield Street(f"{side} {name} Street", kind, line, first_block=rows.start + 1)


def _kind(position: int) -> str:
    """Every fifth street is a through road."""
    return "tertiary" if position % 5 == 2 else "residential"


def _doors(street: Street) -> Iterator[Address]:
    """Even numbers on one side, odd ones on the other, a hundred to a block."""
    for block, (start, end) in enumerate(zip(street.line, street.line[1:], strict=False), street.first_block):
        for i in range(_HOUSES_PER_SIDE):
            for side in (0, 1):
                lat, lng = _beside(start, end, share=(i + 0.5) / _HOUSES_PER_SIDE, left=bool(side))
                yield Address(f"{100 * block + 4 * i + 2 + side} {street.name}", round(lat, 6), round(lng, 6))


def _beside(start: Place, end: Place, *, share: float, left: bool) -> Place:
    """A point `share` of the way along, a kerb's width to the left or right."""
    shrink = math.cos(math.radians(MIDDLE[0]))
    north, east = end[0] - start[0], (end[1] - start[1]) * shrink
    off = (1 if left else -1) * _KERB_METRES / _METRES_PER_DEGREE / math.hypot(north, east)
    return (
        start[0] + north * share + east * off,
        start[1] + (east * share - north * off) / shrink,
    )


def _metres_apart(a: Place, b: Place) -> float:
    shrink = math.cos(math.radians(MIDDLE[0]))
    return math.hypot(a[0] - b[0], (a[1] - b[1]) * shrink) * _METRES_PER_DEGREE


def _between(a: Place, b: Place) -> Place:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _place(east_metres: float, north_metres: float) -> Place:
    lat, lng = MIDDLE
    shrink = math.cos(math.radians(lat))
    return (
        round(lat + north_metres / _METRES_PER_DEGREE, 6),
        round(lng + east_metres / _METRES_PER_DEGREE / shrink, 6),
    )
