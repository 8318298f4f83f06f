"""The phones of the simulator, with MAKEGOOD_DEV=1 only: read one, answer as its owner."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.deps import RuntimeDep
from api.runtime.runtime import Runtime
from api.schemas.dev import PocketIn, PocketOut, PocketTextOut
from api.strict import router
from dispatch.errors import NotFound
from dispatch.work import SYSTEM
from notifications.channels.pocket import Pocket
from notifications.inbox.receive import receive

routes = router("/dev/pocket", "dev")


@routes.get("")
def read_phone(runtime: RuntimeDep, phone: Annotated[str, Query(pattern=r"^\+[1-9]\d{5,14}$")]) -> PocketOut:
    return PocketOut(messages=[PocketTextOut.of(text) for text in pocket_of(runtime).read(phone)])


@routes.post("")
def write_as_owner(body: PocketIn, runtime: RuntimeDep) -> PocketOut:
    """The text lies on the phone first, then it reaches us, as with a provider; answers with the phone."""
    pocket = pocket_of(runtime)
    inbound = pocket.answer(body.phone, body.body)
    with runtime.work(SYSTEM, "text received") as work:
        receive(work, provider_sid=inbound.provider_sid, phone=inbound.phone, body=inbound.body)
    return read_phone(runtime, body.phone)


def pocket_of(runtime: Runtime) -> Pocket:
    """Raises NotFound where texts go to a provider instead."""
    if runtime.pocket is None:
        raise NotFound("Texts go to a provider here, not to the simulator.")
    return runtime.pocket
