"""The pages say what the code does: drawn pages are fresh, commands and links exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.runtime.cli import main
from notifications.messages import CATALOGUE
from notifications.render import fill
from tests.architecture import draw_data, draw_messages, draw_states
from tests.architecture.source import PACKAGES, ROOT

GUIDES = ("README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/import.md")
PAGES = sorted(path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
WRITTEN = {
    ".py",
    ".md",
    ".txt",
    ".po",
    ".html",
    ".css",
    ".js",
    ".toml",
    ".yml",
    ".yaml",
    ".json",
    ".mako",
    "",
}
NOT_OURS = {"data", "node_modules", "build", "dist"}
REGISTRIES = (
    "pypi." + "org",
    "python" + "hosted.org",
    "npmjs." + "org",
    "npmjs." + "com",
    "gcr." + "io",
    "docker." + "io",
)
A_MACHINES_PATH = re.compile(r"(?<![\w./:<$}-])/(?:root|work|home|Users)/\w")

CODE = re.compile(r"^```.*?^```|^ {4}\S.*?$|`[^`\n]+`", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


# --- pages that are drawn ------------------------------------------------------------------------------


def test_the_page_of_states_is_what_the_tables_say() -> None:
    assert draw_states.PAGE.read_text() == draw_states.page(), "python -m tests.architecture.draw_states"


def test_the_page_of_texts_is_what_catalogue_and_templates_say() -> None:
    assert draw_messages.PAGE.read_text() == draw_messages.page(), (
        "python -m tests.architecture.draw_messages"
    )


def test_the_page_of_data_is_what_the_map_says() -> None:
    assert draw_data.PAGE.read_text() == draw_data.page(), "python -m tests.architecture.draw_data"


def test_every_template_is_on_the_page_of_texts() -> None:
    known = {kind.template for kind in CATALOGUE.values()} | set(draw_messages.PARTS)
    assert {path.name for path in draw_messages.TEMPLATES.rglob("*.txt")} <= known
    assert set(draw_messages.WHEN) == set(CATALOGUE)


# --- what a reader can try -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GUIDES)
def test_commands_in_the_guides_exist(name: str, commands: set[str]) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = "\n".join(CODE.findall((ROOT / name).read_text()))
    assert set(re.findall(r"\bmakegood ([a-z]+)", code)) <= commands
    assert set(re.findall(r"(?:^|[`\s])make ([a-z-]+)", code)) <= targets


def test_the_readme_lists_every_command(commands: set[str]) -> None:
    listed = (ROOT / "README.md").read_text().partition("## Commands")[2].partition("\n## ")[0]
    assert set(re.findall(r"`makegood ([a-z]+)`", listed)) == commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    written = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    known = set(re.findall(r"^def (test_\w+)", written, re.MULTILINE)) | {
        path.stem for path in (ROOT / "tests").rglob("test_*.py")
    }
    assert set(re.findall(r"`(test_\w+)`", page.read_text())) <= known


def test_the_options_of_the_command_for_the_figures_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo", "--help"])
    options = set(re.findall(r"--[a-z]+", capsys.readouterr().out))
    [command] = re.findall(r"^    makegood demo .+$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert set(re.findall(r"--[a-z]+", command)) <= options


def test_the_broken_promise_in_the_readme_reads_as_on_the_phones() -> None:
    """The README's texts are what the templates give for Ana's morning."""
    told = " ".join((ROOT / "README.md").read_text().split())
    link, window = "https://texts.example/v/puHr…", "12:30-14:30 today"
    ana: dict[str, Any] = {
        "company": "Alder Repairs",
        "reference": "YF7MJ35",
        "link": link,
        "owner": "Dana Reed",
    }
    offers = [
        {"technician": "Uma", "window": window, "hours": "12:30-14:30"},
        {"technician": "Uma", "window": "14:30-16:30 today", "hours": "14:30-16:30"},
    ]
    happened = {"kind": "technician_absent", "technician": "Tom"}
    morning = {"technician": "Tom", "full_window": "Mon 2 Mar, 10:00-12:00", "window": "10:00-12:00 today"}
    later = {"technician": "Uma", "window": window, "expected": "12:30-12:40 today"}
    for purpose, values in (
        ("booking_confirmed", morning),
        ("technician_prompt", {**morning, "leave_by": "11:55"}),
        ("recovery_offer", {"offers": offers, "happened": happened}),
        ("recovery_arranged", {**later, "told": True, "credit": "$25.00"}),
        ("en_route", later),
        ("rate", {}),
    ):
        assert fill("en", f"{purpose}.txt", {**ana, **values}) in told, purpose


# --- links and names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_resolve(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        where, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        linked = (page.parent / where).resolve() if where else page
        assert linked.exists(), target
        if anchor and linked.suffix == ".md":
            assert anchor in set(anchors(linked)), target


def anchors(page: Path) -> Iterator[str]:
    for heading in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_pages_name_are_there(page: Path) -> None:
    named = re.findall(r"`((?:api|dispatch|notifications|optimizer|tests)/[\w/.]+\w)`", page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_functions_that_the_architecture_page_names_are_there() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    source = "\n".join(path.read_text() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    names = re.findall(r"`(?:\w+\.)?([a-z_]{4,}[a-z])`", text)
    known = set(re.findall(r"\w+", source))
    assert [name for name in names if name not in known] == []


def test_no_file_names_a_registry_or_somebodys_machine() -> None:
    for path in our_files():
        text = path.read_text(errors="ignore")
        assert [host for host in REGISTRIES if host in text] == [], path
        assert A_MACHINES_PATH.findall(text) == [], path


def our_files() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        is_hidden = any(part.startswith(".") or part == "__pycache__" for part in parts[:-1])
        if path.is_file() and not is_hidden and parts[0] not in NOT_OURS and path.suffix in WRITTEN:
            yield path
