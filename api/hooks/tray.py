"""Reports come in showers: those that arrive while others are written are written together, in the next Work."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial

from anyio.lowlevel import RunVar

from api.deps import writing
from api.runtime.runtime import Runtime
from notifications.outbox.reports import Reported, hear_all

MOST_AT_ONCE = 100


@dataclass
class Tray:
    """Whoever puts a report into it is answered when it is committed."""

    runtime: Runtime
    _waiting: list[tuple[Reported, asyncio.Future[bool]]] = field(default_factory=list)
    _writer: asyncio.Task[None] | None = None

    async def put(self, report: Reported) -> bool:
        """Whether the report meant one of our texts. Raises what kept its batch from being written."""
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((report, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await written

    async def _write(self) -> None:
        while self._waiting:
            batch = self._waiting[:MOST_AT_ONCE]
            del self._waiting[:MOST_AT_ONCE]
            reports = [report for report, _ in batch]
            work = asyncio.create_task(
                writing(self.runtime, "texts reported", partial(hear_all, reports=reports))
            )
            await asyncio.wait([work])
            error = work.exception()
            for number, (_, written) in enumerate(batch):
                if written.done():  # whoever asked has gone
                    continue
                if error:
                    written.set_exception(error)
                else:
                    written.set_result(work.result()[number])


_tray: RunVar[Tray] = RunVar("tray")


def the_tray(runtime: Runtime) -> Tray:
    """The one of this event loop."""
    try:
        return _tray.get()
    except LookupError:
        tray = Tray(runtime)
        _tray.set(tray)
        return tray
