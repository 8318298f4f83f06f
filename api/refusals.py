"""What only the edge refuses: how a request is written, sent or signed, before any rule of the house is asked."""

from __future__ import annotations

from dispatch.errors import DispatchError


class Malformed(DispatchError):
    """The request cannot be read in exactly one way."""

    code = "malformed-request"
    title = "We could not read that"


class MalformedJson(Malformed):
    code = "malformed-json"
    title = "That is not JSON"


class Forbidden(DispatchError):
    """We know who asks, and this door is not theirs."""

    code = "forbidden"
    title = "This is not for you"

    def __init__(self, message: str = "Your link or session opens other doors, not this one.") -> None:
        super().__init__(message)


class CrossSite(Forbidden):
    """Another site tried to act with our visitor's cookie."""

    code = "cross-site"
    title = "This came from another site"

    def __init__(self) -> None:
        super().__init__("Please do this from our own page.")


class NotReady(DispatchError):
    """This process should get no requests yet, or no more; details say what is not ready."""

    code = "not-ready"
    title = "Not ready"

    def __init__(self, unready: list[str]) -> None:
        super().__init__("; ".join(unready), unready=unready)


class MethodNotAllowed(DispatchError):
    code = "method-not-allowed"
    title = "That cannot be done here"


class TooLarge(DispatchError):
    code = "too-large"
    title = "That is too much at once"


class UnsupportedMediaType(DispatchError):
    code = "unsupported-media-type"
    title = "We cannot read this kind of content"


class VersionConflict(DispatchError):
    """`If-Match` names a version that is no longer current; details carry `current_version`."""

    code = "version-conflict"
    title = "Somebody changed this in between"


class PreconditionRequired(DispatchError):
    code = "precondition-required"
    title = "Please say which version you saw"


class OurFault(DispatchError):
    """Something broke on our side. Says nothing but where to find it in our log."""

    code = "internal-error"
    title = "Something broke on our side"
