"""What may be refused, and how it is said: a stable code, a sentence, the values involved. No HTTP here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class DispatchError(Exception):
    """A rule was broken. `code` never changes; `message` is a sentence for people."""

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "That is not possible"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class NotFound(DispatchError):
    """Not there, or not yours: the two are never told apart."""

    code = "not-found"
    title = "There is nothing here"

    def __init__(self, message: str = "We found nothing under this address.", **details: Any) -> None:
        super().__init__(message, **details)


class Unauthenticated(DispatchError):
    code = "unauthenticated"
    title = "Please open this with your link"


class LinkExpired(DispatchError):
    """The link was genuine and has run out or was used."""

    code = "link-expired"
    title = "This link has expired"


class StateConflict(DispatchError):
    """The thing is not in a state in which this may happen; details carry `current_state`."""

    code = "state-conflict"
    title = "That does not fit what has happened"


class SlotTaken(DispatchError):
    """The window can no longer be served. `look` says what else there is, to whoever asks once the day is let go.

    Looking takes longer than refusing, and everybody who wants the same window waits for the same row.
    """

    code = "slot-taken"
    title = "This time is no longer free"

    def __init__(
        self, message: str, *, look: Callable[[Any], list[dict[str, str]]] | None = None, **details: Any
    ) -> None:
        super().__init__(message, **details)
        self.look = look

    def alternatives(self, work: Any) -> list[dict[str, str]]:
        """The next windows that can be served, as that Work sees them now."""
        return self.look(work) if self.look else []


class StalePlan(DispatchError):
    """Somebody published in between; details carry `current_version`."""

    code = "stale-plan"
    title = "The plan has changed"


class OutOfArea(DispatchError):
    code = "out-of-area"
    title = "We do not serve this address"


class KeyReused(DispatchError):
    """An idempotency key came back with another body."""

    code = "idempotency-key-reused"
    title = "This key was used for something else"


class KeyMissing(DispatchError):
    code = "idempotency-key-missing"
    title = "An Idempotency-Key is needed"


class RateLimited(DispatchError):
    """Too often; details carry `retry_after_seconds`."""

    code = "rate-limited"
    title = "Too many tries"


class Unavailable(DispatchError):
    """Nothing is wrong with the request; details may carry `retry_after_seconds`."""

    code = "temporarily-unavailable"
    title = "Not right now"


class OutcomeUnknown(Unavailable):
    """The connection was lost between the commit and its answer: everything was saved, or nothing."""

    code = "outcome-unknown"
    title = "We do not know whether this was saved"

    def __init__(self) -> None:
        super().__init__(
            "The database went away while this was being saved. Please look whether it is there, and send it "
            "again if it is not; with the same Idempotency-Key it is done once in any case."
        )


@dataclass(frozen=True, slots=True)
class FieldError:
    pointer: str
    code: str
    detail: str


class Invalid(DispatchError):
    """The input itself is wrong, field by field."""

    code = "validation"
    title = "Something in what you sent needs a correction"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(error.detail for error in errors))
        self.errors = tuple(errors)

    @classmethod
    def field(cls, name: str, code: str, detail: str) -> Invalid:
        return cls([FieldError("/" + name.replace(".", "/"), code, detail)])
