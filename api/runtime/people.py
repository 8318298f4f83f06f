"""The commands about one person: everything that we hold about them as a file, and erasing them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from api.runtime.erasures import remember_erasures
from api.runtime.settings import Settings
from api.runtime.starting import prepare
from api.runtime.wiring import build
from dispatch.work import Actor
from notifications.people.erase import erase, require_meant
from notifications.people.export import export_person
from notifications.people.whose import find_subject, subject_of

OPERATOR = Actor("office", "operator")
WHO = "a phone with its country code, the reference of a visit, or an id"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    person = commands.add_parser(
        "person", help="all that we hold about one person: as a file for them, or erased"
    )
    do = person.add_subparsers(title="what to do", required=True, metavar="WHAT")
    give = do.add_parser("export", help="one JSON file; that it was made goes into the ledger")
    give.add_argument("who", metavar="WHO", help=WHO)
    give.add_argument("-o", "--output", type=Path, metavar="FILE.json", help="instead of the terminal")
    give.set_defaults(run=_export)
    wipe = do.add_parser("erase", help="at a customer's request: whom the record is about goes, for good")
    wipe.add_argument("who", metavar="WHO", help=WHO)
    wipe.add_argument(
        "--really", required=True, metavar="REFERENCE", help="the reference of one of their visits, once more"
    )
    wipe.set_defaults(run=_erase)


def _erase(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    prepare(runtime)
    with runtime.work(OPERATOR, "person erase") as work:
        subject = subject_of(work.session, find_subject(work.session, arguments.who))
        require_meant(work, subject, arguments.really)
        erase(work, subject)
    remembered = remember_erasures(runtime)
    sys.stdout.write(
        f"Erased. {remembered} erasures stand in {runtime.settings.erasures}: keep it beside backups.\n"
    )
    return 0


def _export(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    prepare(runtime)
    with runtime.work(OPERATOR, "person export") as work:
        subject = subject_of(work.session, find_subject(work.session, arguments.who))
        found = export_person(work, runtime.writer, subject)
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    if arguments.output is None:
        sys.stdout.write(text)
    else:
        arguments.output.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{arguments.output} holds all that there is about this {subject.kind}.\n")
    return 0
