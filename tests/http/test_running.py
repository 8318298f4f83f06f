"""Starting, stopping and looking after a process: the jobs, the command line, the doctor."""

from __future__ import annotations

import html
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, event, func, make_url, text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from api.migrations.schema import newest_revision
from api.runtime.cli import main
from api.runtime.doctor import examine, line_to, look_at_hooks, look_at_witness
from api.runtime.embedded import Embedded, rest_seconds
from api.runtime.job_notes import list_notes
from api.runtime.jobs import JOBS, Job, run_job
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from api.runtime.starting import first_links, migrate_once, set_up
from api.runtime.wiring import build
from dispatch.access.sessions import find_session
from dispatch.access.tables import DoorSession
from dispatch.callbacks.actions import finish_callback
from dispatch.callbacks.tables import Callback
from dispatch.clock import SetClock, real_now
from dispatch.errors import Invalid
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.work import SYSTEM
from notifications.channels.memory import Memory
from notifications.channels.port import Direction, Outbound, Passed
from notifications.witness.actions import hold_sending
from notifications.witness.queries import get_state
from tests.fakes.beside import Beside, beside
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN

SWEEP, WITNESS = JOBS[0], JOBS[2]
NORTH = {"zone": "America/New_York", "centre": (40.26, -76.88)}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder that the command line will use, and nothing else set."""
    monkeypatch.setenv("MAKEGOOD_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_a_failing_job_is_counted_and_tried_again(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("somebody's phone number")

    event.listen(runtime.workshop.engine, "begin", fail)
    assert [run_job(runtime, SWEEP) for _ in range(3)] == [0, 0, 0]
    event.remove(runtime.workshop.engine, "begin", fail)
    assert runtime.job_runs["sweep"].failures_in_a_row == 3
    assert "sweep failed (3 in a row): RuntimeError" in caplog.text
    assert "phone" not in caplog.text


def test_a_connection_that_breaks_while_a_run_is_noted_ends_no_job(runtime: Runtime) -> None:
    """Nobody knows then whether the note was kept: the next run notes again. A thread that ended would not run."""
    ran: list[int] = []

    def run(_: Runtime) -> int:
        ran.append(1)
        return len(ran)

    def cut(connection: Connection) -> None:
        if "read_only" not in connection.get_execution_options():
            raise OperationalError("", {}, Exception(), connection_invalidated=True)

    event.listen(runtime.workshop.engine, "commit", cut)
    assert run_job(runtime, Job("quick", run, 1)) == 1
    event.remove(runtime.workshop.engine, "commit", cut)
    assert run_job(runtime, Job("quick", run, 1)) == 2
    with runtime.read() as work:
        assert [one.name for one in list_notes(work.session)] == ["quick"]


def test_health_fails_while_a_job_fails(client: TestClient, runtime: Runtime) -> None:
    run_job(runtime, SWEEP)
    assert client.get("/healthz").json()["jobs"]["sweep"]["failures_in_a_row"] == 0
    runtime.job_runs["sweep"].failures_in_a_row = 3
    failing = client.get("/healthz")
    assert (failing.status_code, failing.json()["status"]) == (503, "failing jobs")


def test_a_commit_wakes_the_jobs(runtime: Runtime) -> None:
    """The job would run by itself in an hour; the bell of a commit makes it run now."""
    woken, ran = threading.Event(), []

    def note(_: Runtime) -> int:
        ran.append(1)
        if len(ran) > 1:
            woken.set()
        return 0

    workshop = replace(runtime.workshop, nudge=runtime.bell.ring)
    with Embedded(replace(runtime, workshop=workshop), (Job("sweep", note, 3600),)) as embedded:
        assert embedded.is_alive
        for n in range(100):
            set_up(replace(runtime, workshop=workshop), "North", f"Dana {n}", **NORTH)
            if woken.wait(0.1):
                break
        assert woken.is_set()
    assert not embedded.is_alive


@pytest.mark.parametrize(("took", "rests"), [(0.0, 0.0), (0.1, 0.3), (1.0, 3.0), (600.0, 5.0)])
def test_a_bell_that_never_stops_ringing_leaves_three_quarters_of_the_time_to_others(
    took: float, rests: float
) -> None:
    """And a job never rests for longer than it sleeps when nobody rings."""
    assert rest_seconds(Job("plan", lambda _: 0, 5), took) == pytest.approx(rests)


def test_the_web_process_runs_the_jobs_while_it_lives(client: TestClient, runtime: Runtime) -> None:
    with client:
        client.get("/healthz")
    assert runtime.job_runs.keys() == {
        "sweep",
        "plan",
        "witness",
        "inbox",
        "audit",
        "keeping",
        "webhooks",
        "looks",
        "ranges",
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_once_a_day_sqlite_is_told_how_large_its_tables_are(runtime: Runtime, staff: TestClient) -> None:
    """Else it takes all visits of a territory for fewer than those of a day."""
    (keeping,) = (job for job in JOBS if job.name == "keeping")
    run_job(runtime, keeping)
    with runtime.read() as work:
        known = work.session.execute(text("SELECT tbl FROM sqlite_stat1")).scalars().all()
    assert {"ledger", "territories", "dispatchers"} <= set(known)


def test_the_witness_is_heard_by_night_and_a_night_that_could_not_say_is_shown(
    runtime: Runtime, staff: TestClient, clock: SetClock
) -> None:
    memory = runtime.channel
    assert isinstance(memory, Memory)
    assert run_job(runtime, WITNESS) == 0
    clock.advance(days=1)
    memory.passed = [Passed(Direction.OUT, "SM1", "+12025550177", "booked. (KYF7MJH)", clock.at)]
    memory.down = True
    assert run_job(runtime, WITNESS) == 0
    assert "could not be read (the pretended provider is down)" in said_of_witness(runtime)
    memory.down = False
    assert run_job(runtime, WITNESS) == 0  # not every half minute
    clock.advance(minutes=10)
    assert run_job(runtime, WITNESS) == 1
    assert "1 texts at the provider wait" in said_of_witness(runtime)
    assert run_job(runtime, WITNESS) == 0
    with runtime.work(SYSTEM, "rang") as work:
        finish_callback(work, work.session.exec(select(Callback)).one(), "spoke")
    assert "log and record agree" in said_of_witness(runtime)


def test_a_restored_house_says_why_no_text_goes_out(
    runtime: Runtime, staff: TestClient, clock: SetClock
) -> None:
    with runtime.work(SYSTEM, "restore") as work:
        hold_sending(work, clock.at)
    assert "has not been compared with the provider" in said_of_witness(runtime)
    assert "No text goes out: this is a backup" in html.unescape(staff.get("/board").text)
    assert run_job(runtime, WITNESS) == 0
    assert "No text goes out" not in staff.get("/board").text


def said_of_witness(runtime: Runtime) -> str:
    return next(look_at_witness(runtime)).says


def test_the_first_start_says_how_to_enter_and_the_second_keeps_quiet(runtime: Runtime) -> None:
    assert first_links(runtime) == []
    with pytest.raises(Invalid, match="no such territory"):
        set_up(runtime, "North", "Dana Reed", zone=None, centre=None)
    link = set_up(runtime, "North", "Dana Reed", **NORTH)
    assert link.startswith(f"{runtime.settings.base_url}/setup/")
    assert set_up(runtime, "North", "Dana Reed", zone=None, centre=None) == link
    assert first_links(runtime) == []
    with runtime.read() as w:
        assert w.session.exec(select(func.count()).select_from(Territory)).one() == 1
        assert w.session.exec(select(Dispatcher.name)).all() == ["Dana Reed"]
        assert find_session(w.session, "x", w.now) is None
        assert w.session.exec(select(DoorSession)).all() == []


def test_processes_that_start_together_migrate_once(tmp_path: Path, runtime: Runtime) -> None:
    engine = runtime.workshop.engine
    threads = [threading.Thread(target=migrate_once, args=(engine,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    migrate_once(engine)


def test_the_command_line_sets_up_an_office(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 1
    assert "Run `makegood migrate`" in capsys.readouterr().out
    assert main(["migrate"]) == 0
    place = ["--zone", "America/New_York", "--lat", "40.26", "--lng=-76.88"]
    assert main(["setup", "--territory", "North", "--dispatcher", "Dana Reed", *place]) == 0
    assert "http://127.0.0.1:8000/setup/" in capsys.readouterr().out
    assert main(["setup", "--territory", "South", "--dispatcher", "Dana Reed"]) == 2
    assert "give --zone, --lat and --lng" in capsys.readouterr().err
    assert (house / "link.secret").stat().st_mode & 0o077 == 0


def test_the_command_line_backs_up_restores_and_hears_the_witness(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "night.backup")
    assert main(["backup", file]) == 2
    assert "There is no database at" in capsys.readouterr().err
    place = ["--zone", "America/New_York", "--lat", "40.26", "--lng=-76.88"]
    assert main(["setup", "--territory", "North", "--dispatcher", "Dana Reed", *place]) == 0
    assert main(["backup", file]) == 0
    assert "0 rows of visits" in capsys.readouterr().out
    assert main(["restore", file]) == 2
    assert "--replace" in capsys.readouterr().err
    monkeypatch.setenv("MAKEGOOD_DATA", str(tmp_path / "another machine"))
    assert main(["restore", file]) == 1  # restored, and nobody can say what went out since
    assert "No text goes out until it was." in capsys.readouterr().out
    with beside(SetClock(real_now())) as provider:
        provider.fake.file({"To": "+12025550177", "Body": "booked. (KYF7MJH)"}, "outbound-api")
        monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT)
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
        monkeypatch.setenv("TWILIO_FROM", NUMBER)
        monkeypatch.setenv("TWILIO_BASE_URL", provider.line.url)
        assert main(["witness"]) == 1
        told = capsys.readouterr().out
        assert "1 texts in the provider's log since" in told
        assert "phone ending in 177; visit KYF7MJH is not here." in told
        assert "+12025550177" not in told
        assert main(["witness"]) == 0
    assert main(["audit"]) == 1
    assert "I-4  SM" in capsys.readouterr().out


def test_a_house_brought_back_by_other_means_keeps_quiet_until_the_log_was_read(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--zone", "America/New_York", "--lat", "40.26", "--lng=-76.88"]
    assert main(["setup", "--territory", "North", "--dispatcher", "Dana Reed", *place]) == 0
    assert main(["witness", "--since", "2026-03-02T10:04:59+00:00"]) == 1
    assert "No text goes out until it was." in capsys.readouterr().out
    with build(Settings()).read() as work:
        assert get_state(work.session).backup_at == datetime(2026, 3, 2, 10, 4, 59, tzinfo=UTC)
    with pytest.raises(SystemExit):
        main(["witness", "--since", "2026-03-02T10:04:59"])
    assert "say the offset too" in capsys.readouterr().err


def test_roles_are_of_postgres_and_the_owner_of_the_same_database(
    house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate", "--roles"]) == 2
    assert "set DATABASE_URL" in capsys.readouterr().out
    monkeypatch.setenv("MAKEGOOD_MIGRATOR_URL", "postgresql://owner@127.0.0.1/x")
    assert main(["migrate"]) == 2
    assert "set DATABASE_URL too" in capsys.readouterr().err


def test_a_newer_schema_is_worked_with_until_the_next_start(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    """A process of the version before that starts again while the new one is already there."""
    engine = runtime.workshop.engine
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        migrate_once(engine)
    finally:
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :it"), {"it": newest_revision()}
            )
    assert "newer than this Makegood" in caplog.text


@pytest.mark.parametrize(
    ("url", "is_said"),
    [
        ("postgresql://app@db.example.org/makegood", True),
        ("postgresql://app@db.example.org/makegood?sslmode=require", True),
        ("postgresql://app@db.example.org/makegood?sslmode=verify-full&sslrootcert=ca.pem", False),
        ("postgresql://app@127.0.0.1/makegood", False),
        ("sqlite:///data/makegood.db", False),
    ],
)
def test_the_doctor_says_where_nobody_checks_the_server(url: str, is_said: bool) -> None:
    assert ("sslmode=verify-full" in line_to(make_url(url))) is is_said


def test_the_doctor_names_what_is_missing(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["migrate"]) == 0
    found = {finding.about: finding for finding in examine(Settings())}
    assert [about for about, finding in found.items() if not finding.is_well] == ["texts", "people"]
    assert "straight lines" in found["travel"].says
    monkeypatch.setenv("MAKEGOOD_DEV", "1")
    monkeypatch.setenv("OSRM_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/x")
    broken = {finding.about: finding.says for finding in examine(Settings()) if not finding.is_well}
    assert broken.keys() == {"database", "jobs", "travel", "clock"}
    assert "secret" not in str(broken)


def by_the_fake(provider: Beside, **other: str) -> Settings:
    """As an installation with Twilio would be set, but for the address of Twilio."""
    given = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": NUMBER,
        "TWILIO_BASE_URL": provider.line.url,
    }
    return Settings.model_validate(given | other)


def test_texts_go_to_twilio_when_all_of_it_is_set(house: Path, clock: SetClock) -> None:
    with beside(clock) as provider:
        for dev in ("0", "1"):
            runtime = build(
                by_the_fake(provider, MAKEGOOD_DEV=dev, MAKEGOOD_PUBLIC_URL="https://visits.example/")
            )
            assert (runtime.channel.name, runtime.pocket) == ("twilio", None)
            runtime.channel.send(Outbound("+12025550143", "hello", "message-1", 300))
        assert (
            provider.fake.messages[-1].asked["StatusCallback"]
            == "https://visits.example/hooks/twilio/status?o=message-1"
        )
        lacking = build(by_the_fake(provider, TWILIO_AUTH_TOKEN=""))
        assert (lacking.channel.delivers, lacking.provider) == (False, None)


def test_the_doctor_asks_twilio_and_says_what_is_wrong(house: Path, clock: SetClock) -> None:
    def texts(settings: Settings) -> dict[str, tuple[bool, str]]:
        found = {one.about: (one.is_well, one.says) for one in examine(settings)}
        assert TOKEN not in str(found)
        return found

    with beside(clock) as provider:
        well = texts(by_the_fake(provider))
        assert all(well[about][0] for about in ("texts", "sender", "hooks"))
        assert "/hooks/twilio/inbound by POST" in well["hooks"][1]
        wrong = texts(by_the_fake(provider, TWILIO_AUTH_TOKEN="old"))["texts"]
        assert wrong[1].startswith(
            "Twilio does not let us in (20003, answered 401). Check TWILIO_ACCOUNT_SID and"
        )
        assert "set TWILIO_AUTH_TOKEN too" in texts(by_the_fake(provider, TWILIO_AUTH_TOKEN=""))["texts"][1]
        assert "is no sender" in texts(by_the_fake(provider, TWILIO_FROM="202 555"))["sender"][1]
        provider.fake.account_status = "suspended"
        assert "is suspended" in texts(by_the_fake(provider))["texts"][1]
        provider.set_down(True)
        assert "cannot be asked (no connection" in texts(by_the_fake(provider))["texts"][1]


def test_the_doctor_says_whether_the_number_for_calls_can_ring(house: Path, clock: SetClock) -> None:
    def calls(settings: Settings) -> tuple[bool, str]:
        [found] = [one for one in examine(settings) if one.about == "calls"]
        return found.is_well, found.says

    with beside(clock) as provider:
        assert calls(by_the_fake(provider)) == (
            True,
            "nobody is rung by a machine, people ring; set TWILIO_VOICE_FROM to a number that can ring",
        )
        rings = by_the_fake(provider, TWILIO_VOICE_FROM=NUMBER)
        assert calls(rings) == (True, f"come from {NUMBER}, which can ring")
        provider.fake.numbers[NUMBER] = False
        is_well, says = calls(rings)
        assert not is_well
        assert "that number takes texts only" in says
        strange = by_the_fake(provider, TWILIO_VOICE_FROM="+12025550199")
        is_well, says = calls(strange)
        assert not is_well
        assert "this account has no such number" in says
        provider.fake.caller_ids.append("+12025550199")
        assert calls(strange)[0]
        provider.set_down(True)
        is_well, says = calls(rings)
        assert not is_well
        assert "does not say whether" in says


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("https://visits.example.org", None),
        ("https://visits.example.org:8443/makegood", None),
        ("https://8.8.8.8", None),
        ("http://visits.example.org", "not https"),
        ("https://127.0.0.1:8000", "this house"),
        ("https://10.1.2.3", "this house"),
        ("https://[::1]", "this house"),
        ("https://localhost", "no name"),
        ("https://my_office.example.org", "no name"),
        ("https://user@visits.example.org", "more than a host"),
        ("https://visits.example.org/?a=1", "more than a host"),
    ],
)
def test_the_doctor_sees_whether_twilio_could_call_us(url: str, wrong: str | None) -> None:
    finding = look_at_hooks(Settings.model_validate({"MAKEGOOD_PUBLIC_URL": url}))
    assert finding.is_well is (wrong is None)
    assert wrong is None or wrong in finding.says


def test_the_token_is_not_given_to_just_anybody() -> None:
    given = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}
    for base_url in (
        "http://twilio.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
    ):
        with pytest.raises(ValueError, match="https, or this machine"):
            Settings.model_validate(given | {"TWILIO_BASE_URL": base_url})
    with pytest.raises(ValueError, match="must not meet real Twilio credentials"):
        Settings.model_validate(given | {"MAKEGOOD_DEV": "1"})
    assert TOKEN not in repr(Settings.model_validate(given))


def test_a_sender_that_may_not_text_stops_the_start() -> None:
    given = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}
    for sender in ({"TWILIO_FROM": NUMBER}, {"TWILIO_MESSAGING_SERVICE_SID": "MG1"}):
        with pytest.raises(ValueError, match="MAKEGOOD_SENDER_REGISTERED=1"):
            Settings.model_validate(given | sender)
        assert (
            Settings.model_validate(given | sender | {"MAKEGOOD_SENDER_REGISTERED": "1"}).twilio_lacks == []
        )
    with pytest.raises(ValueError, match="a name cannot be answered with STOP"):
        Settings.model_validate(given | {"TWILIO_FROM": "Alder"})


def test_settings_that_do_not_fit_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAKEGOOD_CLOCK", "2026-03-02T07:00+01:00")
    assert main(["serve"]) == 2
    assert "MAKEGOOD_DEV=1" in capsys.readouterr().err
    monkeypatch.delenv("MAKEGOOD_CLOCK")
    monkeypatch.setenv("MAKEGOOD_LINK_SECRET", "too short")
    assert main(["doctor"]) == 2
    assert "too short" not in capsys.readouterr().err


def test_a_worker_needs_a_bell(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker"]) == 2
    assert "REDIS_URL" in capsys.readouterr().out


def test_the_wiring_chooses_by_three_facts(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = build(Settings())
    assert (plain.workshop.engine.dialect.name, plain.channel.delivers) == ("sqlite", False)
    monkeypatch.setenv("MAKEGOOD_DEV", "1")
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1/x")
    dev = build(Settings())
    assert (dev.workshop.engine.dialect.name, dev.channel.name) == ("postgresql", "pocket")
    assert dev.pocket is dev.channel
