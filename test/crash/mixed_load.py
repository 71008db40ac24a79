"""Hours of mixed load on one server: memory, open descriptors and disk must not grow after the first 20 minutes.

  build/venv/bin/python test/crash/mixed_load.py --trine build/release/trine --hours 2

The load changes the same documents, users and events all the time, so that the amount of stored data is constant: documents are indexed, updated,
deleted and searched; indexes are made and dropped; events repeat their ids; imports replace each other; people get recommendations and ask
questions. The last line states the counts. The exit status is 1 if something grew or an answer was wrong.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server_fixtures import Connection, local_server  # noqa: E402

WARM_SECONDS = 20 * 60
SAMPLE_SECONDS = 10
DOCUMENTS, USERS, EVENTS = 3000, 200, 20000
THREADS = 4
GROWTH = {"memory": 1.10, "descriptors": 1.0, "disk": 1.15}  # allowed ratio of the last to the first window
SLACK = {"memory": 16 << 20, "descriptors": 8, "disk": 32 << 20}
WORDS = "chair table lamp desk shelf banana 의자 책상 조명 선반 원피스 이어폰 가벼운 따뜻한 큰 작은".split()
ROLE = "arn:aws:iam::123456789012:role/R"
FIELDS = [{"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}, {"name": "TIMESTAMP", "type": "long"},
          {"name": "EVENT_TYPE", "type": "string"}]


def sample(server, data):
    """Returns the resources that the server uses now, in bytes and descriptors."""
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    memory = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon"))
    disk = 0
    for path in data.rglob("*"):
        try:
            disk += path.stat().st_blocks * 512
        except FileNotFoundError:
            pass
    return {"memory": memory, "descriptors": len(os.listdir(f"/proc/{server.pid}/fd")), "disk": disk}


class Load:
    def __init__(self, server, files, seed):
        self.server, self.files, self.seed = server, files, seed
        self.counts, self.failures = collections.Counter(), []
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.imports = 0

    def call(self, connection, what, method, path, body=None, headers=None, allowed=(200, 201)):
        text = None if body is None else body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        status, _, answer = connection.request(method, path, text, headers)
        with self.lock:
            self.counts[what] += 1
            if status not in allowed and len(self.failures) < 20:
                self.failures.append(f"{what}: {method} {path}: {status} {answer[:300]}")
        return json.loads(answer) if answer and answer[0] in "{[" else {}

    def control(self, connection, operation, body):
        return self.call(connection, operation, "POST", "/", body, {"X-Amz-Target": "AmazonPersonalize." + operation,
                                                                    "Content-Type": "application/x-amz-json-1.1"})

    def prepare(self, connection):
        mapping = {"title": {"type": "text", "analyzer": "korean"}, "price": {"type": "long"}, "kind": {"type": "keyword"}}
        self.call(connection, "index", "PUT", "/products", {"mappings": {"properties": mapping}})
        for first in range(0, DOCUMENTS, 500):
            self.bulk(connection, random.Random(self.seed), range(first, first + 500))
        group = self.control(connection, "CreateDatasetGroup", {"name": "shop"})["datasetGroupArn"]
        schema = {"type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema", "version": "1.0", "fields": FIELDS}
        arn = self.control(connection, "CreateSchema", {"name": "interactions", "schema": json.dumps(schema)})["schemaArn"]
        self.dataset = self.control(connection, "CreateDataset", {"name": "interactions", "schemaArn": arn, "datasetGroupArn": group,
                                                                 "datasetType": "Interactions"})["datasetArn"]
        self.call(connection, "binding", "PUT", "/_trine/bindings/products", {"dataset_group_arn": group})

    def bulk(self, connection, chance, ids):
        lines = []
        for number in ids:
            if chance.random() < .05:
                lines.append({"delete": {"_id": str(number)}})
                continue
            title = " ".join(chance.choice(WORDS) for _ in range(12))
            lines += [{"index": {"_id": str(number)}}, {"title": title, "price": chance.randrange(100000), "kind": chance.choice(WORDS)}]
        self.call(connection, "bulk", "POST", "/products/_bulk", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines),
                  {"Content-Type": "application/x-ndjson"})

    def events(self, connection, chance):
        rows = []
        for _ in range(20):
            number = chance.randrange(EVENTS)  # the id decides about everything, so that most are known already
            rows.append({"user_id": f"u{number % USERS}", "item_id": str(number % DOCUMENTS), "event_type": "View", "timestamp": 1764000000 + number,
                         "event_id": f"e{number}"})
        self.call(connection, "events", "POST", "/_trine/events", {"dataset_group": "shop", "events": rows})

    def replace(self, connection, chance):
        """An import job that replaces the rows of the one before."""
        with self.lock:
            self.imports += 1
            name = f"import{self.imports}"
        path = self.files / f"{name}.csv"
        rows = "".join(f"u{n % USERS},{n % DOCUMENTS},{1764000000 + n},View\n" for n in range(5000))
        path.write_text("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n" + rows)
        arn = self.control(connection, "CreateDatasetImportJob", {"jobName": name, "datasetArn": self.dataset, "roleArn": ROLE, "importMode": "FULL",
                                                                  "dataSource": {"dataLocation": f"file://{path}"}}).get("datasetImportJobArn")
        until = time.monotonic() + 120
        state = ""
        while arn and state not in ("ACTIVE", "CREATE FAILED") and time.monotonic() < until:
            state = self.control(connection, "DescribeDatasetImportJob", {"datasetImportJobArn": arn})["datasetImportJob"]["status"]
            time.sleep(.2)
        if state != "ACTIVE":
            self.failures.append(f"import job {name} is {state or 'not created'}")
        path.unlink()

    def step(self, connection, chance):
        kind = chance.random()
        if kind < .25:
            self.bulk(connection, chance, [chance.randrange(DOCUMENTS) for _ in range(10)])
        elif kind < .5:
            words = " ".join(chance.choice(WORDS) for _ in range(2))
            self.call(connection, "search", "POST", "/products/_search", {"query": {"match": {"title": words}}, "sort": ["_score"]})
        elif kind < .65:
            self.events(connection, chance)
        elif kind < .75:
            self.call(connection, "ask", "POST", "/_trine/ask", {"index": "products", "question": "가벼운 " + chance.choice(WORDS),
                                                                 "user_id": f"u{chance.randrange(USERS)}"})
        elif kind < .85:
            self.call(connection, "get", "GET", f"/products/_doc/{chance.randrange(DOCUMENTS)}", allowed=(200, 404))
        elif kind < .95:
            self.call(connection, "update", "POST", f"/products/_update/{chance.randrange(DOCUMENTS)}",
                      {"doc": {"price": chance.randrange(100000)}, "doc_as_upsert": True})
        elif kind < .999:
            scroll = self.call(connection, "scroll", "POST", "/products/_search?scroll=1m", {"size": 10})
            self.call(connection, "scroll", "DELETE", "/_search/scroll", {"scroll_id": scroll.get("_scroll_id", "")})
        else:
            name = f"other{threading.get_ident() % 100000}"
            self.call(connection, "index", "PUT", f"/{name}")
            self.call(connection, "index", "PUT", f"/{name}/_doc/1?refresh=true", {"title": "x"})
            self.call(connection, "index", "DELETE", f"/{name}")

    def run(self, number):
        chance = random.Random(f"{self.seed} {number}")
        connection, last_import = Connection(self.server.url), time.monotonic()
        try:
            while not self.stop.is_set():
                self.step(connection, chance)
                if number == 0 and time.monotonic() - last_import > 60:
                    self.replace(connection, chance)
                    last_import = time.monotonic()
        except Exception as error:
            self.failures.append(f"{type(error).__name__}: {error}")


def growth(samples, warm):
    """The largest of each third after the warm-up; what grew from the first to the last."""
    late = [values for at, values in samples if at >= warm] or [values for _, values in samples]
    if not late:
        return ["no sample was taken"], ""
    third = max(len(late) // 3, 1)
    grown, words = [], []
    for name in ("memory", "descriptors", "disk"):
        first, last = (max(values[name] for values in part) for part in (late[:third], late[-third:]))
        words.append(f"{name} {first} -> {last}")
        if last > first * GROWTH[name] + SLACK[name]:
            grown.append(f"{name} grew from {first} to {last}")
    return grown, ", ".join(words)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trine", required=True, type=pathlib.Path)
    parser.add_argument("--hours", type=float, default=2)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    seconds = options.hours * 3600
    warm = min(WARM_SECONDS, seconds / 3)
    print(f"mixed load for {options.hours:g} h, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="trine-soak-") as text:
        folder = pathlib.Path(text)
        files, data = folder / "files", folder / "data"
        files.mkdir()
        server = local_server.LocalServer(options.trine, data, import_dirs=[files], log=folder / "server.log")
        load, samples = Load(server, files, options.seed), []
        load.prepare(Connection(server.url))
        began = time.monotonic()
        threads = [threading.Thread(target=load.run, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        while time.monotonic() - began < seconds and not load.failures and server.process.poll() is None:
            time.sleep(min(SAMPLE_SECONDS, seconds / 30))
            samples.append((time.monotonic() - began, sample(server, data)))
        load.stop.set()
        for thread in threads:
            thread.join(60)
        code = server.stop()
        grown, words = growth(samples, warm)
        problems = load.failures + grown + ([f"the server exited with code {code}"] if code != 0 else [])
        for problem in problems:
            print(f"problem: {problem}")
        counts = ", ".join(f"{count} {what}" for what, count in sorted(load.counts.items()))
        print(f"soak load: {(time.monotonic() - began) / 3600:.2f} h, {sum(load.counts.values())} requests ({counts}); after {warm / 60:.0f} min: "
              f"{words}; {len(problems)} problems")
        if problems:
            print(server.output()[-3000:])
        return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
