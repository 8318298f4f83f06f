"""What every page of our own people shows: who is signed in, and what is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from api.pages.render import render_page
from api.principal import Principal
from api.runtime.auditing import list_findings
from api.runtime.clocks import ClockImplausible
from api.runtime.job_notes import list_alarms
from api.runtime.runtime import Runtime
from dispatch.access.codes import blocks_nobody_enters_for
from dispatch.access.turns import were_links_guessed
from dispatch.territories.queries import find_dispatcher, get_territory
from dispatch.work import Work
from notifications.outbox.lane import get_lane
from notifications.outbox.queries import count_waiting, find_refusal, share_filtered
from notifications.witness.testimony import why_held

MOST_FILTERED = 0.02


@dataclass(frozen=True, slots=True)
class Banner:
    """Something that the page's reader must know before anything else, and how to mend it."""

    says: str
    mend: str


def banners(work: Work, runtime: Runtime) -> list[Banner]:
    """All that the office must know."""
    found = [*text_banners(work, runtime), *job_banners(work), *stranger_banners(work)]
    if work.travel.is_estimate:
        found.append(
            Banner(
                "Travel times are estimates, straight lines without roads.",
                "Set MAKEGOOD_ROADS to a road extract, or OSRM_URL.",
            )
        )
    return found


def job_banners(work: Work) -> list[Banner]:
    """That something in the background does not go, or that the record does not add up."""
    alarms = list_alarms(work.session)
    by_clock = [one for one in alarms if one.trouble.startswith(ClockImplausible.__name__)]
    found = [
        Banner(
            f"A background job fails again and again: {one.name}.",
            f"Ask whoever runs this house to look into the log ({one.trouble}).",
        )
        for one in alarms
        if one not in by_clock
    ]
    if by_clock:
        found.append(
            Banner(
                "Nothing is noticed, planned or sent: the clock of this house is wrong.",
                "Watch the promises yourself. Whoever runs this house sets it right; docs/operations.md, Health, says "
                f"how ({by_clock[0].trouble}).",
            )
        )
    broken = list_findings(work.session)
    if broken:
        rows = "One row breaks a rule" if len(broken) == 1 else f"{len(broken)} rows break a rule"
        found.append(
            Banner(
                f"{rows} of this house: {', '.join(sorted({one.invariant for one in broken}))}.",
                "Set-up lists them; `makegood audit` and docs/audit.md say what to do for each.",
            )
        )
    return found


def stranger_banners(work: Work) -> list[Banner]:
    """That somebody tries our doors, or earns by our texts."""
    found = []
    if were_links_guessed(work.session, work.now):
        found.append(
            Banner(
                "Somebody tries links that do not exist, very many of them.",
                "No customer is harmed: a link cannot be guessed. Ask whoever runs this house to look where they "
                "come from.",
            )
        )
    blocks = blocks_nobody_enters_for(work.session, work.now)
    if blocks:
        found.append(
            Banner(
                f"Codes are asked for and not entered: numbers that begin {', '.join(sorted(blocks))} get no more "
                "today.",
                "Each text costs money. Ring whoever of them is a customer of yours and says that no code comes.",
            )
        )
    return found


def text_banners(work: Work, runtime: Runtime) -> list[Banner]:
    """That nobody gets our texts."""
    found = []
    if not runtime.channel.delivers:
        waiting = count_waiting(work.session)
        found.append(
            Banner(
                f"Texts are kept, none are sent: {waiting} waiting.",
                "Ring your customers yourself. To send texts, set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and "
                "TWILIO_FROM and start again; `makegood doctor` says what is missing.",
            )
        )
    lane = get_lane(work.session)
    if lane.stopped_at:
        found.append(
            Banner(
                f"No text goes out: sending is stopped ({lane.why}).", "Start it again under Set-up, Sending."
            )
        )
    if share_filtered(work.session, work.now) > MOST_FILTERED:
        found.append(
            Banner(
                "Carriers hold our texts back.",
                "Is the sender registered (10DLC or toll-free)? Ring whoever must know today; the provider's console "
                "has the texts with 30007 and 30034.",
            )
        )
    held = why_held(work)
    if held:
        found.append(
            Banner(
                f"No text goes out: {held}.",
                "Texts wait until the witness was heard; it is tried again every minute. Ring whoever cannot wait.",
            )
        )
    refused = find_refusal(work.session) if runtime.channel.delivers else None
    if refused:
        found.append(
            Banner(
                f"No text goes out: the provider refuses our settings ({refused.detail}).",
                "They wait, and go out once it is mended. Run `makegood doctor`, or look at the provider's console.",
            )
        )
    if runtime.pocket and runtime.pocket.is_down():
        found.append(Banner("The pretended provider of texts is down.", "Bring it back on the demo's panel."))
    return found


def staff_page(
    request: Request, work: Work, who: Principal, name: str, *, status: int = 200, **values: Any
) -> Response:
    """A page of the office."""
    runtime: Runtime = request.app.state.runtime
    territory = get_territory(work.session, who.territory_id or "")
    person = find_dispatcher(work.session, who.subject_id)
    return render_page(
        request,
        name,
        status=status,
        banners=banners(work, runtime),
        territory=territory,
        zone=territory.time_zone,
        signed_in=person.name if person else "",
        now=work.now,
        **values,
    )
