"""Where one more visit fits into a day file, for `makegood slots` and for those who ask over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from api.schemas.optimizer import NearlyOut, PlaceOut, PlacesOut, WindowOut
from optimizer import Day, Place, Visit, Window, best_place_per_window, is_warm, places

Watch = Callable[[], float]


def find_places(
    day: Day,
    visit: Visit,
    windows: Collection[Window] | None,
    *,
    count: int,
    eject: bool,
    nearly_seconds: float,
    watch: Watch,
) -> PlacesOut:
    """The cheapest places, and for each window the cheapest way to promise it or the least that is missing.

    `windows` replace the visit's own. What is missing is looked for, window by window, for so long. Until the
    kernels are compiled no stop is moved aside and nothing is said to be missing: plain insertion answers.
    """
    ways = {one.id: one.route for one in day.technicians}
    asked = sorted(set(windows or visit.windows))
    until = watch() + nearly_seconds
    if is_warm():
        promised, nearly = _by_kernels(day, ways, visit, asked, eject=eject, goes_on=lambda: watch() < until)
    else:
        offered = best_place_per_window(day, ways, visit, asked)
        promised, nearly = [WindowOut.of(window, place) for window, place in offered.items()], []
    return PlacesOut(
        places=[PlaceOut.of(one) for one in places(day, ways, visit, windows)[:count]],
        windows=sorted(promised, key=lambda one: (one.place.price, one.window))[:count],
        nearly=nearly[:count],
    )


def _by_kernels(
    day: Day,
    ways: Mapping[str, tuple[str, ...]],
    visit: Visit,
    asked: Collection[Window],
    *,
    eject: bool,
    goes_on: Callable[[], bool],
) -> tuple[list[WindowOut], list[NearlyOut]]:
    from optimizer.slots import Slots  # the compiler, only here

    slots = Slots(day, ways)
    promised = [
        WindowOut.of(
            one.window,
            Place(one.technician, one.position, one.start, one.price, slots.touched(visit, one)),
            one.moving,
        )
        for one in slots.offers(visit, asked, eject=eject)
    ]
    missing = set(asked) - {tuple(one.window) for one in promised}
    nearly = [
        NearlyOut.of(one) for window in sorted(missing) if goes_on() for one in slots.nearly(visit, [window])
    ]
    return promised, nearly
