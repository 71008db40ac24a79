"""Repeated crashes: every acknowledged write survives, and no write survives partially.

A round starts a server on the directory of the previous round, checks all of its data, writes from several threads, and crashes at a random
moment. Acknowledged writes must be present. Writes without an answer may be present or absent, but never partial.

TRINE_CRASH_WAY is the kind of crash: `kill` (the default) kills the server with SIGKILL; `power` shuts the file system of the data directory
down under load, so that everything that was not synced is lost. That needs root, a loop device and mkfs.ext4.

TRINE_CRASH_ROUNDS rounds (20; `./dev soak` runs 200 and 60) are spread over bulk, events, imports and training. TRINE_CRASH_SEED repeats a
run; the moments of the crashes still differ, because they depend on the machine.
"""

import collections
import csv
import fcntl
import http.client
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import threading
import time
import zlib

import pytest
from server_fixtures import Connection, local_server

ROUNDS = int(os.environ.get("TRINE_CRASH_ROUNDS", "20"))
SEED = int(os.environ.get("TRINE_CRASH_SEED", random.randrange(1 << 30)))
WAY = os.environ.get("TRINE_CRASH_WAY", "kill")
SHARES = {"bulk": .4, "events": .3, "import": .15, "training": .15}
WRITERS = 3
IDS_A_WRITER = 60
BULK_OPERATIONS = 20
EVENTS_A_CALL = 3
IMPORT_ROWS = 4000
LONGEST_LIFE_SECONDS = .25  # from the first acknowledged write of a server to its kill
ROLE = "arn:aws:iam::123456789012:role/R"
FIELDS = [{"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}, {"name": "TIMESTAMP", "type": "long"},
          {"name": "EVENT_TYPE", "type": "string"}]
GONE = (OSError, http.client.HTTPException)
DISK_BYTES = 1 << 29
EXT4_IOC_SHUTDOWN = 0x8004587D  # the journal is written out or not, by the flag
SHUTDOWN_FLAGS = (1, 2)


def rounds_of(kind):
    return max(1, round(ROUNDS * SHARES[kind]))


class PowerDisk:
    """An ext4 file system in a file, which can lose its power."""

    def __init__(self, folder, chance):
        if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None or not os.path.exists("/dev/loop-control"):
            pytest.skip("losses of power need root, mkfs.ext4 and a loop device")
        self.chance = chance
        self.without_power = False
        self.image, self.path = folder / "disk.image", folder / "disk"
        self.path.mkdir()
        with open(self.image, "wb") as file:
            file.truncate(DISK_BYTES)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True)
        done = subprocess.run(["mount", "-o", "loop", self.image, self.path], capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"no loop device can be mounted: {done.stderr.strip()}")

    def lose_power(self):
        self.without_power = True
        folder = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", self.chance.choice(SHUTDOWN_FLAGS)))
        finally:
            os.close(folder)

    def unmount(self):
        until = time.monotonic() + 20
        while subprocess.run(["umount", self.path], capture_output=True).returncode != 0:
            assert time.monotonic() < until, "the disk is still in use"
            time.sleep(.1)

    def restart(self):
        self.unmount()
        subprocess.run(["mount", "-o", "loop", self.image, self.path], check=True)
        self.without_power = False


class DiskConnection(Connection):
    """A connection to a server on a PowerDisk. A real loss of power ends the server too, so an answer that comes after it was never received.

    Linux may report success for an fsync that runs while the file system shuts down, although nothing was written.
    """

    def __init__(self, url, disk):
        super().__init__(url)
        self.disk = disk

    def request(self, *args, **options):
        answer = super().request(*args, **options)
        if self.disk and self.disk.without_power:
            raise ConnectionResetError("the power failed before the answer came")
        return answer


class Crashing:
    """One data directory and the server on it, which crashes repeatedly."""

    def __init__(self, binary, folder, kind):
        print(f"seed {SEED} ({kind})")
        self.random = random.Random(f"{SEED} {kind}")
        self.binary, self.folder = binary, folder
        self.files = folder / "files"
        self.files.mkdir()
        self.disk = PowerDisk(folder, self.random) if WAY == "power" else None
        self.data = (self.disk.path if self.disk else folder) / "data"
        self.server = None
        self.starts = []
        self.crashes = 0

    def crash(self):
        """Ends the server, or first the power of its disk."""
        self.crashes += 1
        if self.disk:
            self.disk.lose_power()
        self.server.kill()
        if self.disk:
            self.disk.restart()

    def start(self):
        began = time.monotonic()
        self.server = local_server.LocalServer(self.binary, self.data, import_dirs=[self.files], log=self.folder / "server.log")
        self.starts.append(time.monotonic() - began)
        words = self.server.output().lower()
        for bad in ("corrupt", "set aside", "moved aside", "cannot be read", "check failed", "are missing"):
            assert bad not in words, f"after a crash the server logs:\n{self.server.output()}"
        return Connection(self.server.url)

    def crash_while(self, work, threads):
        """Calls work(connection, number) repeatedly on each thread, lets the server run for a while, and crashes."""
        stop, started = threading.Event(), threading.Event()
        failures = []

        def run(number):
            connection = DiskConnection(self.server.url, self.disk)
            try:
                while not stop.is_set():
                    work(connection, number)
                    started.set()
            except GONE:
                if not stop.is_set():
                    failures.append("the connection broke before the crash")
            except Exception as error:  # such as a failed assertion; raised again below, where pytest sees it
                # A server whose disk has gone answers 500 until it is killed, too.
                if not (self.disk and stop.is_set()):
                    failures.append(f"{type(error).__name__}: {error}")
            started.set()

        running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
        for thread in running:
            thread.start()
        started.wait(30)
        time.sleep(self.random.uniform(0, LONGEST_LIFE_SECONDS))
        stop.set()
        self.crash()
        for thread in running:
            thread.join(30)
        assert not failures, failures[0]

    def control(self, connection, operation, body):
        status, _, text = connection.request("POST", "/", json.dumps(body), {"X-Amz-Target": "AmazonPersonalize." + operation,
                                                                             "Content-Type": "application/x-amz-json-1.1"})
        assert status == 200, f"{operation}: {status} {text}"
        return json.loads(text) if text else {}

    def wait(self, connection, operation, member, arn, wanted=("ACTIVE",)):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            found = self.control(connection, operation, {member + "Arn": arn})[member]
            if found["status"] in wanted:
                return found
            assert "FAILED" not in found["status"], found
            time.sleep(.02)
        raise AssertionError(f"{arn} is {found['status']} after a minute")

    def group(self, connection):
        """Creates a dataset group with an Interactions dataset and an event tracker. Returns the ARNs of the group and of the dataset."""
        made = self.control(connection, "CreateDatasetGroup", {"name": "shop"})["datasetGroupArn"]
        self.wait(connection, "DescribeDatasetGroup", "datasetGroup", made)
        schema = json.dumps({"type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema", "version": "1.0", "fields": FIELDS})
        schema = self.control(connection, "CreateSchema", {"name": "interactions", "schema": schema})["schemaArn"]
        dataset = self.control(connection, "CreateDataset", {"name": "interactions", "schemaArn": schema, "datasetGroupArn": made,
                                                             "datasetType": "Interactions"})["datasetArn"]
        self.control(connection, "CreateEventTracker", {"name": "YOUR_TRACKING_ID", "datasetGroupArn": made})
        return made, dataset

    def exported(self, connection, dataset, name):
        """Exports all visible events. Returns them as (user, item, timestamp)."""
        target = self.files / name
        arn = self.control(connection, "CreateDatasetExportJob", {"jobName": name, "datasetArn": dataset, "roleArn": ROLE, "ingestionMode": "ALL",
                                                                  "jobOutput": {"s3DataDestination": {"path": f"file://{target}/"}}})["datasetExportJobArn"]
        self.wait(connection, "DescribeDatasetExportJob", "datasetExportJob", arn)
        rows = []
        for path in sorted(target.rglob("*.csv")):
            with open(path, newline="", encoding="utf-8") as file:
                rows += [(row["USER_ID"], row["ITEM_ID"], int(row["TIMESTAMP"])) for row in csv.DictReader(file)]
        return rows


@pytest.fixture
def crashing(binary, tmp_path, request):
    made = Crashing(binary, tmp_path, request.node.name)
    yield made
    stopped = made.server.stop() if made.server and made.server.process.poll() is None else 0
    if made.disk:
        made.disk.unmount()
    assert stopped == 0
    print(f"{made.crashes} crashes ({WAY}): nothing was lost")
    if made.starts:
        print(f"{len(made.starts)} starts, the slowest took {max(made.starts):.2f} s")


# --- Documents -----------------------------------------------------------------------------------


def document(value):
    """A document whose members no longer agree after a partial write."""
    text = f"체어 chair {value} " * (1 + value % 40)
    return {"value": value, "text": text, "sum": zlib.crc32(text.encode()), "embedding": [float(value % 7), 1.0, float(value % 3)]}


def is_whole(source):
    return source == document(source["value"])


class Documents:
    """For each id, the acknowledged value (None: deleted or never written) and the value of an unanswered write."""

    def __init__(self):
        self.acknowledged, self.on_its_way, self.sequence = {}, {}, {}
        self.next_value = 1
        self.lock = threading.Lock()

    def value(self):
        with self.lock:
            self.next_value += 1
            return self.next_value

    def write(self, connection, writer, chance):
        """Sends one _bulk request with ids that only this writer uses."""
        ids = chance.sample(range(IDS_A_WRITER), BULK_OPERATIONS)
        plan, lines = {}, []
        for number in ids:
            name = f"w{writer}-{number}"
            if chance.random() < .2:
                plan[name] = None
                lines.append({"delete": {"_id": name}})
            else:
                plan[name] = self.value()
                kind = "update" if chance.random() < .2 else "index"
                lines.append({kind: {"_id": name}})
                lines.append({"doc": document(plan[name]), "doc_as_upsert": True} if kind == "update" else document(plan[name]))
        self.on_its_way.update(plan)
        body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        refresh = chance.choice(["", "", "", "?refresh=true"])
        status, _, text = connection.request("POST", f"/docs/_bulk{refresh}", body, {"Content-Type": "application/x-ndjson"})
        answer = json.loads(text)
        assert status == 200 and len(answer["items"]) == len(ids), text[:300]
        for item in answer["items"]:
            (outcome,) = item.values()
            assert outcome["status"] in (200, 201, 404), outcome
            name = outcome["_id"]
            self.acknowledged[name] = plan[name]
            self.sequence[name] = outcome["_seq_no"]
            del self.on_its_way[name]

    def check(self, connection):
        names = [f"w{writer}-{number}" for writer in range(WRITERS) for number in range(IDS_A_WRITER)]
        status, answer = connection.json("POST", "/docs/_mget", {"ids": names})
        assert status == 200, answer
        there = {}
        for found in answer["docs"]:
            name = found["_id"]
            value = found["_source"]["value"] if found["found"] else None
            if found["found"]:
                assert is_whole(found["_source"]), f"{name} is not whole: {json.dumps(found)[:500]}"
                there[name] = value
            expected = {self.acknowledged.get(name)} | ({self.on_its_way[name]} if name in self.on_its_way else set())
            assert value in expected, f"{name} is {value}, acknowledged was {self.acknowledged.get(name)}, unanswered {self.on_its_way.get(name)}"
            if found["found"] and value == self.acknowledged.get(name):
                assert found["_seq_no"] == self.sequence[name], f"{name} moved from seq_no {self.sequence[name]} to {found['_seq_no']}"
            self.acknowledged[name] = value
            self.sequence[name] = found.get("_seq_no")
        self.on_its_way.clear()
        self.check_search(connection, there)

    @staticmethod
    def check_search(connection, there):
        assert connection.json("POST", "/docs/_refresh")[0] == 200
        for query in ({"match_all": {}}, {"match": {"text": "체어"}}, {"knn": {"embedding": {"vector": [1, 1, 1], "k": 1000}}}):
            status, answer = connection.json("POST", "/docs/_search", {"query": query, "size": 1000, "seq_no_primary_term": True})
            assert status == 200, answer
            hits = answer["hits"]["hits"]
            for hit in hits:
                assert "_source" in hit, f"search by {query} finds a row of {hit['_id']} whose record is gone: {hit}"
            assert {hit["_id"]: hit["_source"]["value"] for hit in hits} == there, f"search by {query} disagrees with the stored documents"
            assert len({hit["_seq_no"] for hit in hits}) == len(hits), "two documents have the same seq_no"
        status, answer = connection.json("GET", "/docs/_count")
        assert answer["count"] == len(there)


def test_acknowledged_bulk_writes_survive(crashing):
    documents = Documents()
    connection = crashing.start()
    mapping = {"value": {"type": "long"}, "text": {"type": "text", "analyzer": "korean"}, "sum": {"type": "long"},
               "embedding": {"type": "knn_vector", "dimension": 3, "method": {"name": "hnsw", "engine": "lucene", "space_type": "l2"}}}
    assert connection.json("PUT", "/docs", {"mappings": {"properties": mapping}})[0] == 200
    chances = [random.Random(f"{SEED} writer {n}") for n in range(WRITERS + 1)]

    def work(connection, number):
        if number == WRITERS:  # this thread makes the server replace segments and manifests
            connection.json("POST", chances[number].choice(["/docs/_flush", "/docs/_refresh"]))
            time.sleep(.005)
        else:
            documents.write(connection, number, chances[number])

    for _ in range(rounds_of("bulk")):
        crashing.crash_while(work, WRITERS + 1)
        connection = crashing.start()
        documents.check(connection)


# --- Events --------------------------------------------------------------------------------------


def test_acknowledged_events_survive(crashing):
    connection = crashing.start()
    _, dataset = crashing.group(connection)
    acknowledged, sent, lock = [], [], threading.Lock()

    def work(connection, number):
        with lock:
            call = len(sent)
            events = [(f"user{number}", f"item{call}-{n}", 1764000000 + call) for n in range(EVENTS_A_CALL)]
            sent.append(events)
        body = {"trackingId": "YOUR_TRACKING_ID", "userId": f"user{number}", "sessionId": f"s{number}",
                "eventList": [{"eventType": "View", "itemId": item, "sentAt": at, "eventId": item} for _, item, at in events]}
        status, _, text = connection.request("POST", "/events", json.dumps(body))
        assert status == 200, text
        with lock:
            acknowledged.append(call)

    for number in range(rounds_of("events")):
        crashing.crash_while(work, WRITERS)
        connection = crashing.start()
        found = crashing.exported(connection, dataset, f"round{number}")
        there = set(found)
        assert len(found) == len(there), "an event is stored twice"
        for call in acknowledged:
            missing = set(sent[call]) - there
            assert not missing, f"acknowledged events are missing: {sorted(missing)}"
        for call, events in enumerate(sent):
            assert len(there & set(events)) in (0, EVENTS_A_CALL), f"a call was stored partially: {events}"
        assert there <= {event for events in sent for event in events}, "an event that was never sent"
        # Unanswered calls that were stored count as acknowledged from now on.
        acknowledged[:] = [call for call, events in enumerate(sent) if set(events) <= there]


# --- Deleted people ------------------------------------------------------------------------------


def test_acknowledged_deletions_of_people_survive(crashing):
    connection = crashing.start()
    group, dataset = crashing.group(connection)
    deleted, lock = set(), threading.Lock()

    def work(connection, number):
        user = f"user{number}-{time.monotonic_ns()}"
        body = {"dataset_group": "shop", "events": [{"user_id": user, "item_id": f"i{n}", "event_type": "View"} for n in range(20)]}
        assert connection.json("POST", "/_trine/events", body)[0] == 200
        status, answer = connection.json("DELETE", f"/_trine/users/shop/{user}")
        assert status == 200 and answer == {"deleted": True, "events": 20, "users": 0, "bytes_pending": True}, answer
        with lock:
            deleted.add(user)

    for number in range(rounds_of("import")):
        crashing.crash_while(work, WRITERS)
        connection = crashing.start()
        found = crashing.exported(connection, dataset, f"round{number}")
        counts = collections.Counter(user for user, _, _ in found)
        assert not deleted & set(counts), "a deleted person is back"
        assert set(counts.values()) <= {20}, "a person was deleted in part"

    # A deletion job that is killed runs again, and counts each record once.
    rows = [{"user_id": f"more{n % 500}", "item_id": f"i{n}", "event_type": "View"} for n in range(4000)]
    assert connection.json("POST", "/_trine/events", {"dataset_group": "shop", "events": rows})[0] == 200
    counts.update(row["user_id"] for row in rows)
    before = sum(counts.values())
    with open(crashing.files / "everybody.csv", "w", encoding="utf-8") as file:
        file.write("USER_ID\n" + "".join(f"{user}\n" for user in counts))
    arn = crashing.control(connection, "CreateDataDeletionJob", {"jobName": "everybody", "datasetGroupArn": group, "roleArn": ROLE,
                           "dataSource": {"dataLocation": f"file://{crashing.files}/everybody.csv"}})["dataDeletionJobArn"]
    time.sleep(crashing.random.uniform(0, .05))
    crashing.crash()
    connection = crashing.start()
    until = time.monotonic() + 30
    while (job := crashing.control(connection, "DescribeDataDeletionJob", {"dataDeletionJobArn": arn})["dataDeletionJob"])["status"] != "COMPLETED":
        assert job["status"] in ("PENDING", "IN_PROGRESS") and time.monotonic() < until, job
        time.sleep(.05)
    assert job["numDeleted"] == before
    assert crashing.exported(connection, dataset, "afterwards") == []


# --- Imports -------------------------------------------------------------------------------------


def write_rows(path, mark):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"])
        writer.writerows([f"{mark}-{n % 97}", f"i{n % 211}", 1764000000 + n, "View"] for n in range(IMPORT_ROWS))


def test_imports_are_published_completely_or_not_at_all(crashing):
    connection = crashing.start()
    _, dataset = crashing.group(connection)
    streamed = {"trackingId": "YOUR_TRACKING_ID", "userId": "streamed", "sessionId": "s", "eventList": [{"eventType": "View", "itemId": "i1", "sentAt": 1764000000}]}
    assert connection.request("POST", "/events", json.dumps(streamed))[0] == 200
    before = None
    for number in range(rounds_of("import")):
        mark = f"import{number}"
        write_rows(crashing.files / f"{mark}.csv", mark)
        arn = crashing.control(connection, "CreateDatasetImportJob", {"jobName": mark, "datasetArn": dataset, "roleArn": ROLE, "dataSource": {
            "dataLocation": f"file://{crashing.files}/{mark}.csv"}})["datasetImportJobArn"]
        time.sleep(crashing.random.uniform(0, .15))
        crashing.crash()
        connection = crashing.start()
        # While the job runs again, either the rows of the previous import or those of this one are present: never both, and never only some of them.
        seen = crashing.exported(connection, dataset, f"{mark}-at-once")
        marks = {user.split("-")[0] for user, _, _ in seen} - {"streamed"}
        assert marks <= {before, mark} and len(marks) <= 1, f"rows of {marks} at once"
        assert len(seen) == 1 + (IMPORT_ROWS if marks else 0), f"{len(seen)} events of {marks or 'no import'}"
        crashing.wait(connection, "DescribeDatasetImportJob", "datasetImportJob", arn)
        seen = crashing.exported(connection, dataset, f"{mark}-afterwards")
        assert len(seen) == 1 + IMPORT_ROWS and {user.split("-")[0] for user, _, _ in seen} == {"streamed", mark}
        before = mark


def test_interrupted_incremental_imports_add_their_rows_once(crashing):
    connection = crashing.start()
    _, dataset = crashing.group(connection)
    for number in range(rounds_of("import")):
        mark = f"more{number}"
        write_rows(crashing.files / f"{mark}.csv", mark)
        arn = crashing.control(connection, "CreateDatasetImportJob", {"jobName": mark, "datasetArn": dataset, "roleArn": ROLE, "importMode": "INCREMENTAL",
                               "dataSource": {"dataLocation": f"file://{crashing.files}/{mark}.csv"}})["datasetImportJobArn"]
        # Most kills come near the moment at which the rows become visible and the job ACTIVE.
        until = time.monotonic() + crashing.random.uniform(0, .3)
        while time.monotonic() < until:
            job = crashing.control(connection, "DescribeDatasetImportJob", {"datasetImportJobArn": arn})["datasetImportJob"]
            if job["status"] == "ACTIVE":
                break
        crashing.crash()
        connection = crashing.start()
        crashing.wait(connection, "DescribeDatasetImportJob", "datasetImportJob", arn)
        seen = crashing.exported(connection, dataset, f"{mark}-afterwards")
        assert len(seen) == IMPORT_ROWS * (number + 1), "rows of an import are missing, or were added twice"
        assert len(set(seen)) == len(seen)


# --- Training ------------------------------------------------------------------------------------


def children_of_training(folder):
    """The process ids of the training children that use this directory."""
    found = []
    for process in pathlib.Path("/proc").iterdir():
        try:
            words = (process / "cmdline").read_bytes().split(b"\0") if process.name.isdigit() else []
        except OSError:
            continue
        if b"train-child" in words and any(str(folder).encode() in word for word in words):
            found.append(int(process.name))
    return found


def test_interrupted_training_runs_again(crashing):
    connection = crashing.start()
    group, _ = crashing.group(connection)
    events = [{"user_id": f"u{n % 53}", "item_id": f"i{(n * n + n // 53) % 89}", "event_type": "View", "timestamp": 1764000000 + n} for n in range(5000)]
    assert connection.json("POST", "/_trine/events", {"dataset_group": "shop", "events": events})[0] == 200
    solution = crashing.control(connection, "CreateSolution", {"name": "people", "datasetGroupArn": group,
                                                               "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization-v2"})["solutionArn"]
    crashing.wait(connection, "DescribeSolution", "solution", solution)
    campaign = None
    for _ in range(rounds_of("training")):
        version = crashing.control(connection, "CreateSolutionVersion", {"solutionArn": solution})["solutionVersionArn"]
        time.sleep(crashing.random.uniform(0, .4))
        crashing.crash()
        connection = crashing.start()
        if campaign:  # the previous version still serves
            status, answer = connection.json("POST", "/recommendations", {"campaignArn": campaign, "userId": "u1", "numResults": 5})
            assert status == 200 and len(answer["itemList"]) == 5, answer
        crashing.wait(connection, "DescribeSolutionVersion", "solutionVersion", version)
        metrics = crashing.control(connection, "GetSolutionMetrics", {"solutionVersionArn": version})["metrics"]
        assert metrics["coverage"] > 0, metrics
        if campaign is None:
            campaign = crashing.control(connection, "CreateCampaign", {"name": "people", "solutionVersionArn": version, "minProvisionedTPS": 1})["campaignArn"]
        else:
            crashing.control(connection, "UpdateCampaign", {"campaignArn": campaign, "solutionVersionArn": version})
        crashing.wait(connection, "DescribeCampaign", "campaign", campaign)
        status, answer = connection.json("POST", "/recommendations", {"campaignArn": campaign, "userId": "u1", "numResults": 5})
        assert status == 200 and len(answer["itemList"]) == 5, answer
    until = time.monotonic() + 10
    while children_of_training(crashing.folder) and time.monotonic() < until:
        time.sleep(.1)
    assert not children_of_training(crashing.folder), "a training child outlived its server"
    assert not any((crashing.data / "scratch").iterdir()), "snapshots of interrupted training remain"
