"""The durable workflows on DBOS: taking a message in, and running an approved plan, one step per group of systems.

Inputs and outputs are ids, kinds and counts only (design rule 9). Steps repeat at least once after a crash; the verbs
are written for that. What waits for people is a state of the case, never a workflow.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy import event

from services import afterwards, deletion, rechecking, verifying
from services.ports import Desk

log = logging.getLogger(__name__)

# Workflows that are under way keep the code they began with; raise it when the order of steps changes.
APPLICATION_VERSION = "2"
RUNS, INTAKE = "runs", "intake"
REST_AFTER_ERROR = timedelta(minutes=1)


@dataclass(slots=True)
class _Bound:
    """What the workflows work on. DBOS registers functions once per process, so they look here when they run."""

    desk: Desk | None = None
    take_in: Callable[[str], str] | None = None


_bound = _Bound()


def _desk() -> Desk:
    if _bound.desk is None:
        raise RuntimeError("the engine was launched without a desk")
    return _bound.desk


@DBOS.step(name="begin")
def _begin(case_id: str, revision: int) -> bool:
    return deletion.begin(_desk(), case_id, revision)


@DBOS.step(name="check_drift")
def _check_drift(case_id: str, revision: int) -> bool:
    return deletion.check_drift(_desk(), case_id, revision)


@DBOS.step(name="groups_to_run")
def _groups_to_run(case_id: str, revision: int) -> list[list[str]]:
    return deletion.groups_to_run(_desk(), case_id, revision)


@DBOS.step(name="run_group")
def _run_group(case_id: str, revision: int, names: list[str]) -> list[str]:
    return deletion.run_group(_desk(), case_id, revision, names)


@DBOS.step(name="begin_verification")
def _begin_verification(case_id: str, revision: int) -> list[str]:
    return verifying.begin_verification(_desk(), case_id, revision)


@DBOS.step(name="verify_systems")
def _verify_systems(case_id: str, revision: int, names: list[str]) -> list[str]:
    return verifying.verify_systems(_desk(), case_id, revision, names)


@DBOS.step(name="verify_kept")
def _verify_kept(case_id: str, revision: int) -> None:
    verifying.verify_kept(_desk(), case_id, revision)


@DBOS.step(name="conclude")
def _conclude(case_id: str, revision: int) -> str:
    return verifying.conclude(_desk(), case_id, revision)


@DBOS.step(name="fail")
def _fail(case_id: str, revision: int, error: str) -> None:
    deletion.fail(_desk(), case_id, revision, error)


@DBOS.workflow(name="execute", max_recovery_attempts=1000)
def execute(case_id: str, revision: int) -> str:
    """Run one revision of a case to its end; a bug in a step ends in `needs_attention`, never in silence."""
    try:
        return _execute(case_id, revision)
    except Exception as error:  # noqa: BLE001  # the run's last line of defence: recorded, reported, never passed over
        log.error("run of case %s revision %s ended with %s", case_id, revision, type(error).__name__)  # noqa: TRY400  # the text may hold personal data
        _fail(case_id, revision, type(error).__name__)
        return "failed"


def _execute(case_id: str, revision: int) -> str:
    if not _begin(case_id, revision) or not _check_drift(case_id, revision):
        return "not started"
    for names in _groups_to_run(case_id, revision):
        # One step for a group: its systems run in threads of the step, each records its own outcome, and after a
        # crash the repeated step leaves alone what is settled.
        if {"stale", "halted"} & set(_run_group(case_id, revision, names)):
            return "stopped"
    _verify_systems(case_id, revision, _begin_verification(case_id, revision))
    _verify_kept(case_id, revision)
    return _conclude(case_id, revision)


@DBOS.step(name="afterwards")
def _afterwards(case_id: str, version: int) -> str:
    return afterwards.finish(_desk(), case_id, version)


@DBOS.workflow(name="afterwards", max_recovery_attempts=1000)
def follow_closing(case_id: str, version: int) -> str:
    """Erase the channels of reply of a case whose customer has been told."""
    return _afterwards(case_id, version)


@DBOS.step(name="recheck")
def _recheck(case_id: str, number: int) -> str:
    return rechecking.recheck(_desk(), case_id, number)


@DBOS.step(name="put_off")
def _put_off(case_id: str, number: int) -> None:
    rechecking.put_off(_desk(), case_id, number)


@DBOS.workflow(name="recheck", max_recovery_attempts=1000)
def recheck(case_id: str, number: int) -> str:
    """Read a completed case's systems again; after a bug it is done an hour later."""
    try:
        return _recheck(case_id, number)
    except Exception as error:  # noqa: BLE001  # a bug in one system must not end the rechecks: recorded, done again later
        log.error("recheck %s of case %s ended with %s", number, case_id, type(error).__name__)  # noqa: TRY400  # the text may hold personal data
        _put_off(case_id, number)
        return "failed"


@DBOS.step(name="take_in")
def _take_in(event_id: str) -> str:
    if _bound.take_in is None:
        raise RuntimeError("the engine was launched without an inbox")
    return _bound.take_in(event_id)


@DBOS.workflow(name="intake", max_recovery_attempts=1000)
def intake(event_id: str) -> str:
    """Classify one message of the inbox and open, join or forget; returns the case's id or ""."""
    return _take_in(event_id)


class DurableEngine:
    """Implements `ports.Engine` on DBOS. One per process; `launch` before use, `close` at the end."""

    def __init__(self, url: str) -> None:
        self._store = _engine_store(url)
        config: DBOSConfig = {
            "name": "deletion-desk",
            "system_database_url": url,
            "system_database_engine": self._store,
            "application_version": APPLICATION_VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "ERROR",
            "enable_otlp": False,
        }
        if schema := _schema(self._store):
            config["dbos_system_schema"] = schema
        DBOS(config=config)

    def launch(self, desk: Desk, take_in: Callable[[str], str]) -> None:
        """Bind the workflows to a desk and start; interrupted workflows are recovered at once."""
        _bound.desk, _bound.take_in = desk, take_in
        DBOS.launch()
        DBOS.register_queue(RUNS, worker_concurrency=4, polling_interval_sec=0.2)
        DBOS.register_queue(INTAKE, worker_concurrency=4, polling_interval_sec=0.1)

    def enqueue_run(self, case_id: str, revision: int) -> None:
        """Enqueue `case/<id>/execute/<revision>`; a repeated call is a no-op in the engine."""
        with SetWorkflowID(f"case/{case_id}/execute/{revision}"):
            DBOS.enqueue_workflow(RUNS, execute, case_id, revision)

    def enqueue_afterwards(self, case_id: str, version: int) -> None:
        """Enqueue `case/<id>/afterwards/<version>`; a repeated call is a no-op in the engine."""
        with SetWorkflowID(f"case/{case_id}/afterwards/{version}"):
            DBOS.enqueue_workflow(RUNS, follow_closing, case_id, version)

    def enqueue_recheck(self, case_id: str, number: int) -> None:
        """Enqueue `case/<id>/recheck/<number>`; a repeated call is a no-op in the engine."""
        with SetWorkflowID(f"case/{case_id}/recheck/{number}"):
            DBOS.enqueue_workflow(RUNS, recheck, case_id, number)

    def enqueue_intake(self, event_id: str) -> None:
        """Enqueue `inbox/<event_id>`; a repeated call is a no-op in the engine."""
        with SetWorkflowID(f"inbox/{event_id}"):
            DBOS.enqueue_workflow(INTAKE, intake, event_id)

    def forget_ended(self, now: datetime) -> int:
        """Delete ended workflows, so that the engine's tables hold nothing about closed cases; return how many.

        A workflow that ended with an error stays for a minute: as long as it is there its id cannot be enqueued
        again, so a message that cannot be dealt with is tried once a minute and not in a tight loop.
        """
        done = DBOS.list_workflows(
            status=["SUCCESS", "CANCELLED"], load_input=False, load_output=False, limit=500
        )
        failed = DBOS.list_workflows(
            status=["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            completed_before=(now - REST_AFTER_ERROR).isoformat(),
            load_input=False,
            load_output=False,
            limit=500,
        )
        ids = [one.workflow_id for one in (*done, *failed)]
        if ids:
            DBOS.delete_workflows(ids, delete_children=True)
        return len(ids)

    def lost_runs(self) -> tuple[tuple[str, int], ...]:
        """Return (case id, revision) of runs that the engine gave up, for the sweep to hand to a person."""
        given_up = DBOS.list_workflows(
            status=["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            name="execute",
            load_input=False,
            load_output=False,
        )
        return tuple(_parse(one.workflow_id) for one in given_up)

    def close(self) -> None:
        """Stop the engine; what is under way is recovered at the next launch."""
        DBOS.destroy(workflow_completion_timeout_sec=1)
        self._store.dispose()
        _bound.desk = _bound.take_in = None


def _parse(workflow_id: str) -> tuple[str, int]:
    _, case_id, _, revision = workflow_id.split("/")
    return case_id, int(revision)


def _schema(store: sa.Engine) -> str:
    """Return the schema for the engine's tables on PostgreSQL, "" elsewhere. Raises SQLAlchemyError.

    There is one for each schema of ours: two installations in one database must not take each other's workflows.
    """
    if store.dialect.name != "postgresql":
        return ""
    with store.connect() as connection:
        ours = connection.execute(sa.text("SELECT current_schema()")).scalar_one()
    return "dbos" if ours == "public" else f"{ours}_dbos"


def _engine_store(url: str) -> sa.Engine:
    """Return the SQLAlchemy engine for the workflow tables, parameters hidden, deleted pages overwritten."""
    if not url.startswith("sqlite:///"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True)
    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "busy_timeout=30000", "secure_delete=ON", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine
