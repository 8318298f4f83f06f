"""The kinds of work on offer."""

from __future__ import annotations

from fastapi.responses import JSONResponse

from api.deps import KnownDep, ReadDep, StaffDep, WorkDep
from api.idempotency import OnceDep
from api.schemas.services import ServiceIn, ServiceOut, ServicesOut
from api.strict import router
from dispatch.services.actions import offer_service
from dispatch.services.queries import get_service, list_services

routes = router("/api/v1/services", "services")


@routes.get("")
def list_all(work: ReadDep, who: KnownDep) -> ServicesOut:
    return ServicesOut(services=[ServiceOut.of(service) for service in list_services(work.session)])


@routes.get("/{service_id}")
def show(service_id: str, work: ReadDep, who: KnownDep) -> ServiceOut:
    return ServiceOut.of(get_service(work.session, service_id))


@routes.post("", status_code=201, response_model=ServiceOut)
def offer(body: ServiceIn, work: WorkDep, who: StaffDep, once: OnceDep) -> JSONResponse:
    return once.answer(work, lambda: ServiceOut.of(offer_service(work, **body.model_dump())))
