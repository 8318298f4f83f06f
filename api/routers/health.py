"""Is this process well: for probes and balancers, nothing about people."""

from __future__ import annotations

from fastapi import Response
from sqlalchemy import text

from api.deps import ReadDep, RuntimeDep
from api.refusals import NotReady
from api.runtime.readiness import unready
from api.schemas.health import HealthOut, ReadyOut
from api.strict import router

routes = router("", "health")


@routes.get("/healthz", responses={503: {"model": HealthOut}})
def healthz(work: ReadDep, runtime: RuntimeDep, response: Response) -> HealthOut:
    """200 when the database answers and the jobs of this process do not fail; else 503."""
    work.session.execute(text("SELECT 1"))
    health = HealthOut.of(runtime, now=work.now)
    response.status_code = 200 if health.status == "ok" else 503
    return health


@routes.get("/readyz")
def readyz(runtime: RuntimeDep) -> ReadyOut:
    """200 when database, schema, clock and jobs are as they must be; else 503 and what is not."""
    missing = unready(runtime)
    if missing:
        raise NotReady(missing)
    return ReadyOut(status="ready")
