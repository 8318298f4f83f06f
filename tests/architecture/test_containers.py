"""The container files say what the code does, hold no secret, and let web processes and workers be any number."""

from __future__ import annotations

import re
from typing import Any

import yaml

from api.redaction import TOKEN_PATHS
from api.runtime.arq_worker import SIGN_OF_LIFE
from api.runtime.settings import Settings
from tests.architecture.source import PACKAGES, ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text()
OPERATIONS = (ROOT / "docs/operations.md").read_text()
POSTGRES_OWN = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE"}
PROXY_OWN = {"MAKEGOOD_DOMAIN", "MAKEGOOD_TLS"}
CLIENT_OF = {"bookworm": 15, "trixie": 17}
"""The Postgres client that comes with each Debian."""


def settings() -> set[str]:
    plain = {str(field.validation_alias) for field in Settings.model_fields.values()}
    return plain | {f"{name}_FILE" for name in Settings.secret_names()}


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE)["services"]
    return found


def ours() -> dict[str, Any]:
    return {name: service for name, service in services().items() if service["image"] == "makegood"}


# --- compose -------------------------------------------------------------------------------------------------


def test_what_the_compose_file_sets_are_settings() -> None:
    for name, service in services().items():
        known = {"postgres": POSTGRES_OWN, "caddy": PROXY_OWN}.get(name, settings())
        assert set(service.get("environment", {})) <= known, name


def test_no_secret_stands_in_the_compose_file() -> None:
    whole = yaml.safe_load(COMPOSE)
    for name, service in services().items():
        given = service.get("environment", {})
        assert set(given) & set(Settings.secret_names()) <= {"DATABASE_URL", "REDIS_URL"}, name
        assert not [value for value in given.values() if re.search(r"://[^/]*:[^/@]+@", str(value))], name
        files = {value for key, value in given.items() if key.endswith("_FILE")}
        assert files <= {f"/run/secrets/{secret}" for secret in service.get("secrets", ())}, name
        assert set(service.get("secrets", ())) <= set(whole["secrets"]), name
    assert all(one["file"] == f"./secrets/{name}" for name, one in whole["secrets"].items())
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_every_lasting_service_has_a_health_check_and_comes_back() -> None:
    for name, service in services().items():
        if name == "migrate":
            assert service["restart"] == "no"
            continue
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["restart"] == "unless-stopped", name


def test_who_works_waits_for_the_schema_and_not_for_redis() -> None:
    assert services()["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("api", "worker"):
        needed = services()[name]["depends_on"]
        assert needed["migrate"] == {"condition": "service_completed_successfully"}
        assert needed["redis"] == {"condition": "service_started"}


def test_web_processes_and_workers_may_be_any_number() -> None:
    for name, service in services().items():
        assert "container_name" not in service, name
        assert ("ports" in service) is (name == "caddy"), name


def test_databases_are_out_of_reach_of_the_proxy_and_the_world() -> None:
    networks = yaml.safe_load(COMPOSE)["networks"]
    assert networks["back"]["internal"]
    assert [services()[name]["networks"] for name in ("postgres", "redis", "caddy")] == [
        ["back"],
        ["back"],
        ["front"],
    ]
    [front] = networks["front"]["ipam"]["config"]
    assert all(one["environment"]["MAKEGOOD_TRUSTED_PROXY"] == front["subnet"] for one in ours().values())


def test_a_worker_is_looked_at_where_it_shows_its_life() -> None:
    assert SIGN_OF_LIFE.name == "makegood-worker"
    assert "'/tmp/makegood-worker'" in services()["worker"]["healthcheck"]["test"][-1]


def test_what_the_operator_must_give_is_documented() -> None:
    asked = set(re.findall(r"\$\{(\w+)", COMPOSE)) | set(yaml.safe_load(COMPOSE)["secrets"])
    page = OPERATIONS.partition("## Containers")[2].partition("\n## ")[0]
    assert [name for name in asked if name not in page] == []


def test_our_services_run_commands_that_exist(commands: set[str]) -> None:
    run = [one["command"] for one in ours().values()]
    assert {command for [command] in run} <= commands


# --- the proxy -------------------------------------------------------------------------------------------------


def test_the_proxy_logs_no_token_and_knows_what_the_compose_file_gives_it() -> None:
    caddyfile = (ROOT / "Caddyfile").read_text()
    [hidden] = re.findall(r"request>uri regexp \"\(\?i\)\^/\(([a-z|]+)\)", caddyfile)
    assert set(hidden.split("|")) == set(TOKEN_PATHS)
    asked = set(re.findall(r"\{\$(\w+)", caddyfile))
    assert PROXY_OWN <= asked <= PROXY_OWN | {"MAKEGOOD_API", "MAKEGOOD_API_PORT"}
    assert (
        "api" if "{$MAKEGOOD_API:api}" in caddyfile and "api" in services() else "",
        services()["api"]["environment"]["MAKEGOOD_PORT"],
    ) == ("api", "8000")


# --- the image -------------------------------------------------------------------------------------------------


def test_the_image_has_the_four_packages_a_user_without_rights_and_a_health_check() -> None:
    build, final = (ROOT / "Dockerfile").read_text().split("\nFROM python", 2)[1:]
    assert set(re.findall(r"^COPY (\w+) /app/", build, re.MULTILINE)) == set(PACKAGES)
    assert "--require-hashes" in build
    assert "USER makegood" in final
    assert "/healthz" in final
    assert not re.search(r"\b(?:pip|uv|gcc|npm|node)\b", final)
    assert re.findall(r"apt-get install --yes --no-install-recommends (.+) \\", final) == [
        "postgresql-client-17"
    ]
    assert "python -m api.pages.vendor" in build
    set_here = set(re.findall(r"\b(MAKEGOOD_\w+)=", final))
    assert set_here
    assert set_here <= settings()


def test_the_images_client_of_postgres_is_not_older_than_the_server() -> None:
    [debian] = set(
        re.findall(r"^FROM python:\S+-slim-(\w+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    )
    [server] = re.findall(r"^postgres:(\d+)", services()["postgres"]["image"])
    assert CLIENT_OF[debian] >= int(server)


def test_the_builder_is_given_only_what_the_image_needs() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    wanted = {f"!{package}" for package in PACKAGES} | {
        "!requirements/bootstrap.txt",
        "!requirements/image.txt",
        "!requirements/front.txt",
        "!package.json",
        "!package-lock.json",
        "!.npmrc",
    }
    assert {line for line in lines if line[0] == "!"} == wanted
