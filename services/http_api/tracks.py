"""One record's way through the steps of a definition, and the jobs that are awaited on it."""

from collections.abc import Mapping

from services.http_api.answers import Meaning, excerpt, holds, values_at
from services.http_api.client import Api
from services.http_api.definition import Definition
from services.http_api.progress import Track, is_opaque, request_key
from services.http_api.records import Record
from services.ports import SystemUnavailableError


class Ended(Exception):  # noqa: N818  an end is no error of ours: it becomes an outcome in `system`
    """A job has ended badly; `value` is the end value, one that the definition names."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


def begin(api: Api, definition: Definition, record: Record, job_key: str) -> Track:
    """Take the steps up to the first job that has to be awaited, or to the end."""
    given = {**record.given, "key": request_key(job_key, record.id)}
    return _walk(api, definition, Track(step=0, saved={"key": given["key"]}), given)


def advance(api: Api, definition: Definition, track: Track) -> Track:
    """Go on after a job that has ended well; unchanged while it has not. Raises `Ended`."""
    if pending(api, definition, track) or track.step + 1 >= len(definition.steps):
        return track
    return _walk(api, definition, Track(step=track.step + 1, saved=track.saved), {"key": track.saved["key"]})


def pending(api: Api, definition: Definition, track: Track) -> bool:
    """Whether the track's job, or a step after it, is still to be done. Raises `Ended` for a bad end."""
    poll = definition.steps[track.step].poll
    if poll is None:
        return False
    meaning, answer = api.ask(poll.call, _saved(track.saved))
    body = answer.json()
    if meaning is Meaning.DONE and holds(body, poll.path, poll.bad):
        raise Ended(str(values_at(body, poll.path)[0]))
    if meaning is Meaning.DONE and holds(body, poll.path, poll.good):
        return False
    if meaning is Meaning.DONE and holds(body, poll.path, poll.waiting):
        return True
    raise SystemUnavailableError(f"its deletion job is in a state that is not described ({excerpt(answer)})")


def _walk(api: Api, definition: Definition, track: Track, given: Mapping[str, str]) -> Track:
    saved = dict(track.saved)
    for index in range(track.step, len(definition.steps)):
        step = definition.steps[index]
        meaning, answer = api.ask(step.call, {**given, **_saved(saved)})
        if meaning is Meaning.DONE:
            for name, paths in step.save.items():
                values = next((at for path in paths if (at := values_at(answer.json(), path))), ())
                value = str(values[0]) if len(values) == 1 and isinstance(values[0], str | int) else ""
                if not is_opaque(value):
                    raise SystemUnavailableError(f"it gave no usable `{name}` ({excerpt(answer)})")
                saved[name] = value
        if step.poll:
            return Track(step=index, saved=saved)
    return Track(step=len(definition.steps) - 1, saved=saved)


def _saved(saved: Mapping[str, str]) -> dict[str, str]:
    return {"key": saved.get("key", ""), **{f"saved.{name}": value for name, value in saved.items()}}
