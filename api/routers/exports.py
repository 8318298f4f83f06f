"""All rows of a kind as a file for spreadsheets, of this office's territory. Taken by POST, because it is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal

from fastapi.responses import StreamingResponse

from api.csv import lines
from api.deps import RuntimeDep, StaffDep, WorkDep
from api.principal import Principal
from api.runtime.runtime import Runtime
from api.strict import router
from dispatch.events import RowsExported
from dispatch.work import Work

routes = router("/api/v1/exports", "exports")

ExportedRows = Literal["customers", "technicians", "services", "visits"]
LINES_AT_ONCE = 200
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The file."}
}


@routes.post("/{rows}", response_class=StreamingResponse, responses={**FILE})
def take(rows: ExportedRows, work: WorkDep, who: StaffDep, runtime: RuntimeDep) -> StreamingResponse:
    """The same columns as `makegood export`; the ledger says who took it."""
    return export_response(rows, work, who, runtime)


def export_response(rows: ExportedRows, work: Work, who: Principal, runtime: Runtime) -> StreamingResponse:
    """Noted in this Work; the rows are read afterwards, while they leave."""
    territory_id = who.territory_id or ""
    work.record(RowsExported(territory_id=territory_id, rows=rows))
    name = f"{rows}-{work.now:%Y-%m-%d}.csv"
    return StreamingResponse(
        _chunks(runtime, rows, territory_id),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _chunks(runtime: Runtime, rows: str, territory_id: str) -> Iterator[bytes]:
    """With the mark that spreadsheets look for at the beginning."""
    yield b"\xef\xbb\xbf"
    with runtime.read() as work:
        written = lines(work, rows, territory_id)
        while chunk := "".join(islice(written, LINES_AT_ONCE)):
            yield chunk.encode()
