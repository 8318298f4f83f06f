"""Keeping house: every invariant on the live database, backups and the witness, and files in and out."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from api.csv import KINDS, export_file, import_file
from api.runtime.backup import CannotBackUp, Manifest, back_up, restore
from api.runtime.erasures import redo_erasures, remember_erasures
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from api.runtime.starting import prepare
from api.runtime.wiring import build
from dispatch.audit import run_audit
from dispatch.events import ClockBelieved
from dispatch.work import Actor
from notifications.audit import ALL
from notifications.outbox.lane import start_sending, stop_sending
from notifications.witness.actions import hear_witness, hold_sending
from notifications.witness.testimony import tell_testimony
from notifications.witness.texts import Outcome

IMPORTER = Actor("office", "import")
OPERATOR = Actor("office", "operator")


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    audit = commands.add_parser(
        "audit", help="every invariant, on the live database; exit 1 with what breaks one"
    )
    audit.set_defaults(run=_audit)
    backup = commands.add_parser("backup", help="the whole database in one file, while the house runs")
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.set_defaults(run=_backup)
    back = commands.add_parser(
        "restore", help="a backup in the place of the database; texts wait for the witness"
    )
    back.add_argument("file", type=Path, metavar="FILE")
    back.add_argument("--replace", action="store_true", help="also where there is work; it is kept beside")
    back.set_defaults(run=_restore)
    witness = commands.add_parser(
        "witness", help="compare our record with the provider's log, both ways, now"
    )
    witness.add_argument(
        "--since",
        type=_instant,
        metavar="INSTANT",
        help="the database is as it stood then, brought back by other means than `restore`: hold all texts until "
        "the log since then was read",
    )
    witness.set_defaults(run=_witness)
    bring = commands.add_parser(
        "import", help="CSV in: all of it or nothing; --dry-run says what would happen"
    )
    bring.add_argument("kind", choices=sorted(KINDS))
    bring.add_argument("file", type=Path, metavar="FILE.csv")
    bring.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
    bring.set_defaults(run=_import)
    sending = commands.add_parser("sending", help="stop every text within seconds, or start them again")
    sending.add_argument("do", choices=("stop", "start"))
    sending.add_argument("--why", default="stopped by hand", help="whoever starts it again reads this")
    sending.set_defaults(run=_switch)
    clock = commands.add_parser(
        "clock", help="say that it is right although there are facts from later than now"
    )
    clock.add_argument("do", choices=("believe",))
    clock.set_defaults(run=_believe)
    give = commands.add_parser("export", help="CSV out, in the columns that import reads")
    give.add_argument("kind", choices=sorted(KINDS))
    give.add_argument("file", type=Path, metavar="FILE.csv")
    give.set_defaults(run=_export)


def _audit(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    with runtime.read() as work:
        found = run_audit(work, ALL)
    runtime.workshop.engine.dispose()
    for finding in found:
        _say(f"{finding.invariant}  {finding.subject}  {finding.sentence}")
    _say(f"{len(ALL)} invariants checked, {len(found)} broken.")
    return 1 if found else 0


def _switch(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    with runtime.work(OPERATOR, f"sending {arguments.do}") as work:
        if arguments.do == "stop":
            stop_sending(work, arguments.why)
        else:
            start_sending(work)
    _say("No text goes out." if arguments.do == "stop" else "Texts go out again.")
    return 0


def _believe(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    with runtime.work(OPERATOR, "clock believed") as work:
        work.record(ClockBelieved())
        at = work.now
    _say(f"It is {at.isoformat(timespec='seconds')}. The jobs go on.")
    return 0


def _backup(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    try:
        manifest = back_up(runtime.workshop, arguments.file)
    except CannotBackUp as error:
        return _refuse(str(error))
    _say(f"{arguments.file} holds {_counted(manifest)}, as they stood at {manifest.at}.")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    try:
        manifest = restore(runtime.workshop, arguments.file, replace=arguments.replace)
    except CannotBackUp as error:
        return _refuse(str(error))
    _say(f"Restored {_counted(manifest)}, as they stood at {manifest.at}.")
    code = _hear(runtime)
    waiting = redo_erasures(runtime)  # after the witness: what it brings up about them is erased, too
    for line in waiting:
        _say(line)
    _say(
        f"{remember_erasures(runtime)} erasures stand in {runtime.settings.erasures}, {len(waiting)} must wait."
    )
    return code


def _witness(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    prepare(runtime)
    if arguments.since:
        with runtime.work(OPERATOR, "brought back") as work:
            hold_sending(work, arguments.since)
    return _hear(runtime)


def _instant(said: str) -> datetime:
    at = datetime.fromisoformat(said)
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError("say the offset too, as in 2026-03-02T10:04:59+00:00")
    return at


def _hear(runtime: Runtime) -> int:
    heard = hear_witness(runtime.workshop, runtime.channel, runtime.writer)
    with runtime.read() as work:
        for line in tell_testimony(work, heard):
            _say(line)
    return 1 if heard is None or heard.missing or heard.counts[Outcome.LOST] else 0


def _counted(manifest: Manifest) -> str:
    return ", ".join(f"{count} rows of {name}" for name, count in manifest.counts.items())


def _refuse(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 2


def _import(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    prepare(runtime)
    report = import_file(
        runtime.workshop,
        arguments.kind,
        arguments.file,
        IMPORTER,
        dry_run=arguments.dry_run,
        progress=_progress if sys.stderr.isatty() else _quiet,
    )
    for line in report.lines():
        _say(line)
    return 0 if report.ok else 1


def _export(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    prepare(runtime)
    count = export_file(runtime.workshop, arguments.kind, arguments.file)
    _say(f"{count} {arguments.kind} written to {arguments.file}.")
    return 0


def _progress(done: int, total: int) -> None:
    sys.stderr.write(f"\r{done} of {total}" + ("\n" if done == total else ""))


def _quiet(done: int, total: int) -> None:
    """Nobody watches."""


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
