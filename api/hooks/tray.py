"""Reports come in showers: those that arrive while others are written are written together, in the next Work."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial

from anyio.lowlevel import RunVar

from api.deps import writing
from api.runtime.runtime import Runtime
from dispatch.work import Work
from notifications.outbox.sending import callback

MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Report:
    """What the provider says of one of our texts; `message_id` is our own name of it, where that came along."""

    message_id: str
    sid: str
    status: str
    code: str


@dataclass
class Tray:
    """Whoever puts a report into it is answered when it is committed."""

    runtime: Runtime
    _waiting: list[tuple[Report, asyncio.Future[bool]]] = field(default_factory=list)
    _writer: asyncio.Task[None] | None = None

    async def put(self, report: Report) -> bool:
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
            work = asyncio.create_task(writing(self.runtime, "texts reported", partial(_note, reports)))
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


def _note(reports: list[Report], work: Work) -> list[bool]:
    """In the order of the messages, so that two processes that write about the same ones never wait for each other."""
    order = sorted(range(len(reports)), key=lambda number: (reports[number].message_id, reports[number].sid))
    done = {number: _note_one(work, reports[number]) for number in order}
    return [done[number] for number in range(len(reports))]


def _note_one(work: Work, report: Report) -> bool:
    return callback(work, report.message_id, report.sid, report.status, report.code)
