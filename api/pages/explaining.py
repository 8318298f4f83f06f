"""A refusal in the reader's language. What is dynamic in the English words is told there without its details."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.tongue import Tongue, term
from dispatch.errors import DispatchError, Invalid

# By the stable code of a refusal, or of the field that was wrong.
WORDS: Mapping[str, str] = {
    "phone_invalid": term("This is not a phone number that can be texted."),
    "country_not_served": term("We cannot text phones of this country. Please ring us."),
    "phone_kind": term("We cannot text this kind of number."),
    "own_number": term("This is the number that our texts come from. Please give yours."),
    "text_missing": term("Please fill in every field that is needed."),
    "text_unreadable": term("What you typed holds signs that cannot be shown."),
    "text_too_long": term("What you typed is too long."),
    "not_agreed": term("Please tick the box beside the words, or leave it as it is."),
    "position_invalid": term("Please put the pin on the house."),
    "time_nonexistent": term("On that day the clocks skip this hour."),
    "window_past": term("This time is already over."),
    "not-found": term("We found nothing under this address."),
    "unauthenticated": term("Please open this with the link that we sent you."),
    "forbidden": term("Your link opens other doors, not this one."),
    "link-expired": term("This link has run out, or was used already."),
    "erased": term("What stood here was erased, as its owner asked."),
    "state-conflict": term("This cannot be done any more. The page of the visit shows how things stand."),
    "slot-taken": term("This time has just been taken. Please choose another one."),
    "out-of-area": term("We do not come as far as this address."),
    "rate-limited": term("We cannot do that so often. Please wait a while, or ring us."),
    "temporarily-unavailable": term("We cannot do that right now. Please try again in a minute."),
    "outcome-unknown": term(
        "We do not know whether this was saved. Please look, and do it again if it was not."
    ),
    "validation": term("Please look at what you filled in once more."),
}
TITLES: Mapping[str, str] = {
    "not-found": term("There is nothing here"),
    "link-expired": term("This link has expired"),
    "slot-taken": term("This time is no longer free"),
    "out-of-area": term("We do not serve this address"),
    "rate-limited": term("Too many tries"),
    "temporarily-unavailable": term("Not right now"),
    "state-conflict": term("That does not fit what has happened"),
    "validation": term("Something in what you sent needs a correction"),
}
OTHERWISE = term("That is not possible")


def explained(error: DispatchError, say: Tongue) -> tuple[str, str]:
    """Title and sentence: in English the very words of whoever refused, else what its codes mean."""
    if say.is_source:
        return error.title, error.message
    fields = [part.code for part in error.errors] if isinstance(error, Invalid) else []
    found = [WORDS[code] for code in fields if code in WORDS] or [WORDS.get(error.code, OTHERWISE)]
    title = TITLES.get(error.code, OTHERWISE)
    return say(title), " ".join(say(words) for words in dict.fromkeys(found))
