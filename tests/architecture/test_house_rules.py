"""Rules of the house that no linter knows: who may commit, look at a clock, read the environment, catch all."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, calls, every_file

COMMITTERS = {"dispatch/work.py"}
CLOCKS = {"dispatch/clock.py"}
ENVIRONMENT = {"api/runtime/settings.py"}
CATCH_ALL = {"api/runtime/jobs.py", "api/frame.py", "dispatch/due.py"}
VENDORS = {
    "twilio": {"notifications/channels/twilio.py", "notifications/channels/twilio_voice.py"},
    "arq": {"api/runtime/arq_worker.py"},
    "redis": {"api/runtime/arq_worker.py", "api/runtime/doctor.py"},
    "authlib": {"api/auth/oidc.py"},
    "joserfc": {"api/auth/oidc.py"},
    "opentelemetry": {"api/runtime/open_telemetry.py"},
    "ortools": {"optimizer/routing.py", "optimizer/recombine.py"},
}
NAMES_WE_DO_NOT_USE = ("utils", "helpers", "helper", "service", "manager", "common", "misc")


def test_imports_go_down_only() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_only_a_work_commits() -> None:
    """Letting a savepoint go is no commit: what it held is still undone with the rest."""
    found = {
        path
        for path, tree in every_file()
        for name in calls(tree)
        if name.endswith(".commit") and not name.startswith("savepoint.")
    }
    assert found <= COMMITTERS


def test_only_the_clock_looks_at_the_clock() -> None:
    forbidden = (
        "datetime.now",
        "datetime.utcnow",
        "date.today",
        "time.time",
        "time.localtime",
        "time.gmtime",
    )
    found = {path for path, tree in every_file() if any(name.endswith(forbidden) for name in calls(tree))}
    assert found <= CLOCKS


def test_only_the_settings_read_the_environment() -> None:
    found = {
        path
        for path, tree in every_file()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    assert found <= ENVIRONMENT


def test_only_the_two_runners_catch_everything() -> None:
    found = set()
    for path, tree in every_file():
        for node in ast.walk(tree):
            caught = isinstance(node, ast.ExceptHandler) and (
                node.type is None or _names_everything(node.type)
            )
            if caught:
                found.add(path)
    assert found <= CATCH_ALL


def _names_everything(node: ast.expr) -> bool:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(isinstance(part, ast.Name) and part.id in ("Exception", "BaseException") for part in parts)


@pytest.mark.parametrize("vendor", VENDORS)
def test_vendors_are_known_in_their_own_file_only(vendor: str) -> None:
    found = set()
    for path, tree in every_file():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == vendor for name in names):
                found.add(path)
    assert found <= VENDORS[vendor]


def test_the_product_does_not_know_its_tests() -> None:
    """A fake provider can never be what a house runs on."""
    for path, tree in every_file():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "tests" for name in names), path


def test_only_the_edge_knows_http_and_settings() -> None:
    for path, tree in every_file("optimizer", "dispatch", "notifications"):
        for node in ast.walk(tree):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            assert not module.startswith(("fastapi", "starlette", "pydantic_settings", "uvicorn")), path


def test_files_are_named_after_ideas() -> None:
    assert [path for path, _ in every_file() if Path(path).stem in NAMES_WE_DO_NOT_USE] == []


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [
        path
        for path, tree in every_file()
        if tree.body and ast.get_docstring(tree) is None and "/versions/" not in path
    ]
    assert silent == []


def test_a_test_is_never_put_to_sleep() -> None:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        slept = [name for name in calls(ast.parse(path.read_text())) if name in ("time.sleep", "sleep")]
        assert slept == [], path
