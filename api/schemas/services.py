"""Services as they are offered and listed."""

from __future__ import annotations

from pydantic import Field

from api.schemas.base import Code, In, Level, Name, Out, Quantity
from dispatch.services.tables import Service


class ServiceIn(In):
    code: Code
    name: Name
    duration_seconds: int = Field(ge=60, le=12 * 3600)
    spread_seconds: int = Field(ge=0, le=4 * 3600)
    window_seconds: int = Field(default=7200, ge=900, le=12 * 3600)
    skills: dict[Code, Level] = Field(default={}, max_length=50)
    parts: dict[Code, Quantity] = Field(default={}, max_length=50)


class ServiceOut(Out):
    id: str
    code: str
    name: str
    duration_seconds: int
    spread_seconds: int
    window_seconds: int
    skills: dict[str, int]
    parts: dict[str, int]

    @classmethod
    def of(cls, service: Service) -> ServiceOut:
        return cls(**service.model_dump(exclude={"active", "row_version"}))


class ServicesOut(Out):
    services: list[ServiceOut]
