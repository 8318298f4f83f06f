"""Territories as they are told and changed."""

from __future__ import annotations

from typing import Any

from api.schemas.base import In, Out
from dispatch.territories.tables import Territory


class TerritoryOut(Out):
    id: str
    name: str
    time_zone: str
    country: str
    office_phone: str
    centre_lat: float
    centre_lng: float
    radius_metres: int
    policies: dict[str, Any]
    row_version: int

    @classmethod
    def of(cls, territory: Territory) -> TerritoryOut:
        """`policies` are only those that differ from the defaults."""
        return cls(**territory.model_dump(exclude={"overrides", "created_at"}), policies=territory.overrides)


class PoliciesIn(In):
    """All policies that differ from the defaults; what is left out goes back to its default."""

    policies: dict[str, Any]


class TerritoriesOut(Out):
    territories: list[TerritoryOut]
