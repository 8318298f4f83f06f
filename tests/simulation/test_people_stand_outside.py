"""Whoever plays a person uses the public API like anybody else: no way in from behind the counter."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import api.simulation

FOLDER = Path(api.simulation.__file__).parent
OUTSIDE = (
    "client",
    "people",
    "streets",
    "town",
    "technicians",
    "customers",
    "office",
    "stage",
    "living_day",
    "breaks",
    "narrator",
    "figures",
)
MAY_USE = {*sys.stdlib_module_names, "httpx2", *(f"api.simulation.{name}" for name in OUTSIDE)}


@pytest.mark.parametrize("name", OUTSIDE)
def test_they_know_an_http_client_and_each_other(name: str) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse((FOLDER / f"{name}.py").read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            imported.add(module if module.startswith("api.") else module.split(".")[0])
    assert imported <= MAY_USE


def test_only_these_files_know_the_house_from_inside() -> None:
    inside = {path.stem for path in FOLDER.glob("*.py")} - {*OUTSIDE, "__init__"}
    assert inside == {"demo", "house", "script", "town_osm"}
