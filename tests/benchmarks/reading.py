"""`make bench`: what the prefilter costs on 300 characters, as a ratio, and how long each reader takes for a message.

Baseline of the prefilter: one `str.casefold` plus one `in` test for each of ten phrases, side by side in this process.
The combined reader asks a server on loopback that answers at once: the figure is what the desk adds to a model's time.
"""

# ruff: noqa: RUF001 -- marks of other scripts are meant

import json
import statistics
import threading
import time
import timeit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import prompts
from services.classifier.combined import CombinedClassifier
from services.classifier.items import Item, read_items
from services.classifier.model import ModelClassifier
from services.classifier.prefilter import might_be_request
from services.classifier.rules import RulesClassifier
from services.ports import Classifier

ROUNDS, TURNS = 150, 100
LIMIT = 4.0  # of the prefilter, in baselines
PHRASES = (
    "delete",
    "erase",
    "remove",
    "close my account",
    "gdpr",
    "lösch",
    "supprim",
    "borrar",
    "удал",
    "删除",
)
CHATTER = {
    "English": "good morning, is the bakery open on sunday? the parcel is still not here and it is the third week. ",
    "German": "Guten Morgen, wann kommt mein Paket? Für die Lieferung am Dienstag habe ich die Größe geändert. ",
    "Russian": "Добрый день, когда приедет моя посылка? Уже две недели жду и никто мне не отвечает. ",
    "Chinese": "你好，我的包裹什么时候到？我已经等了两个星期了，客服电话没有人接听，请帮我查一下。",
}


def microseconds(*works: Callable[[], object]) -> list[float]:
    """Return the least time of one call of each, measured in turn in short stretches: others only ever add to it."""
    least = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for index, work in enumerate(works):
            least[index] = min(least[index], timeit.timeit(work, number=TURNS))
    return [one / TURNS * 1_000_000 for one in least]


def ten_phrases(text: str) -> bool:
    """The baseline: casefold once, look for ten phrases, none of which occurs."""
    folded = text.casefold()
    return any([phrase in folded for phrase in PHRASES])  # noqa: C419 -- all ten, as the baseline says


def prefilter() -> None:
    """Print the cost on 300 characters of chatter, which takes the longest way through."""
    print("prefilter, 300 characters that it drops: µs, µs of the baseline, ratio")
    for name, sentence in CHATTER.items():
        text = (sentence * 9)[:300]
        if might_be_request(text) or ten_phrases(text):
            raise SystemExit(f"{name}: the chatter is not dropped")
        cost, base = microseconds(
            lambda text=text: might_be_request(text), lambda text=text: ten_phrases(text)
        )
        print(f"  {name:8} {cost:6.2f} {base:6.2f} {cost / base:6.2f}")
        if cost > LIMIT * base:
            raise SystemExit(f"{name}: the prefilter costs more than {LIMIT:g} baselines")


@contextmanager
def model_server() -> Iterator[str]:
    """Serve chat completions on loopback that answer at once; yield the base URL."""
    reading = {
        "intent": "none", "confidence": 0.9, "evidence": "", "language": "en", "speaks_of_data": False,
        "other_privacy": False, "identifiers": [], "regimes": [], "third_party_data": False,
    }  # fmt: skip
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": json.dumps(reading)},
    }
    body = json.dumps(
        {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    ).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def latencies(reader: Classifier, items: tuple[Item, ...]) -> list[float]:
    """Return the milliseconds that each message takes, sorted; the first round only warms up."""
    for item in items[:50]:
        reader.read(item.text)
    times: list[float] = []
    for item in items:
        began = time.perf_counter()
        reader.read(item.text)
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


def readers() -> None:
    """Print milliseconds per message of the project's own eval set, for both readers."""
    items = read_items(Path(str(prompts.packaged("classify/evals/messages.jsonl"))))
    rules = RulesClassifier()
    print(
        f"reading {len(items)} messages of prompts/classify/evals: ms per message, median and 95th percentile"
    )
    with model_server() as url:
        model = ModelClassifier(api_key="k", model="m", base_url=url, rules=rules)
        for name, reader in (
            ("embedded", rules),
            ("combined, model at once", CombinedClassifier(rules=rules, model=model)),
        ):
            times = latencies(reader, items)
            print(f"  {name:24} {statistics.median(times):6.2f} {times[len(times) * 95 // 100]:6.2f}")
        model.close()


def main() -> None:
    """Measure and print."""
    prefilter()
    readers()


if __name__ == "__main__":
    main()
