"""What one system is asked to do for one case as it stands."""

from services.domain.record import Case
from services.ports import Desk, Job


def job_for(desk: Desk, case: Case, system: str) -> Job | None:
    """Return the job of one system, or None when there is no confirmed scope, no plan for it, or no file any more."""
    file = desk.cases.file(case.id)
    planned = next((one for one in case.plan.systems if one.system == system), None) if case.plan else None
    if file is None or file.identity is None or planned is None or case.scope is None:
        return None
    standing = case.outcome_of(system)
    return Job(
        identity=file.identity,
        scope=case.scope,
        planned=planned,
        key=f"{case.id}:{case.revision}:{system}",
        case_channel=case.channel,
        case_thread=case.thread_ts,
        elsewhere=tuple(dict.fromkeys((one.channel, one.thread_ts) for one in file.replies if one.channel)),
        customer_user=file.customer_user,
        reference=standing.reference if standing else "",
        told=case.told is not None,
    )
