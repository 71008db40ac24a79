"""A disk that fills up or becomes read-only: new data is refused in the words of each API, reads are served, also after a restart, and writes
work again when the disk does."""

import base64
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
from server_fixtures import Connection, local_server

MEGA = 1 << 20
OPTIONS = ("--warn-free-space", "40mb", "--min-free-space", "20mb")
BLOCK = "index [docs] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];"


class SmallDisk:
    """A file system of 128 MB in memory with a data directory and a server."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.path = folder / "disk"
        self.path.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m", "trine-test", self.path], capture_output=True, text=True)
        if mounted.returncode != 0:
            pytest.skip(f"a small disk needs root and tmpfs: {mounted.stderr.strip()}")
        self.server = None

    def start(self, *options):
        self.server = local_server.LocalServer(self.binary, self.path / "data", log=self.folder / "server.log", options=options)
        return Connection(self.server.url)

    def leave(self, free, more=False):
        """Fills the disk until `free` bytes are left; 0: until nothing can be written. `more`: without making room before."""
        filler = self.path / "filler"
        if not more:
            filler.unlink(missing_ok=True)
        space = os.statvfs(self.path)
        with open(filler, "ab") as file:
            try:
                for _ in range((space.f_bavail * space.f_frsize - free) // 65536 + (2 if free == 0 else 0)):
                    file.write(bytes(65536))
                    file.flush()
            except OSError:
                assert free == 0

    def free(self):
        (self.path / "filler").unlink(missing_ok=True)

    def remount(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", self.path], check=True)

    def end(self):
        if self.server:
            self.server.kill()
        for _ in range(50):
            if subprocess.run(["umount", self.path], capture_output=True).returncode == 0:
                return
            time.sleep(.1)


@pytest.fixture
def disk(binary, tmp_path):
    made = SmallDisk(binary, tmp_path)
    yield made
    made.end()


def until(connection, wanted, seconds=15):
    """Waits until the health has this status, and returns it."""
    end = time.monotonic() + seconds
    while True:
        health = connection.json("GET", "/_trine/health")[1]
        if health["status"] == wanted:
            return health
        assert time.monotonic() < end, health
        time.sleep(.1)


def control(connection, operation, body):
    return connection.request("POST", "/", json.dumps(body), {"X-Amz-Target": "AmazonPersonalize." + operation,
                                                              "Content-Type": "application/x-amz-json-1.1"})


def fill_index(connection, count=200):
    lines = "".join(json.dumps({"index": {"_id": f"d{n}"}}) + "\n" + json.dumps({"title": f"banana number {n}"}) + "\n" for n in range(count))
    status, _, text = connection.request("POST", "/docs/_bulk?refresh=true", lines, {"Content-Type": "application/x-ndjson"})
    assert status == 200 and not json.loads(text)["errors"], text[:300]


def hits(connection, text="banana"):
    status, answer = connection.json("POST", "/docs/_search", {"query": {"match": {"title": text}}, "size": 0, "track_total_hits": True})
    assert status == 200, answer
    return answer["hits"]["total"]["value"]


def stopped_directory(binary, folder, count=200):
    """A data directory with an index of this many documents, after the server was stopped."""
    data = folder / "data"
    server = local_server.LocalServer(binary, data)
    fill_index(Connection(server.url), count)
    assert server.stop() == 0
    return data


def assert_hits_after_start(binary, data, count):
    server = local_server.LocalServer(binary, data)
    assert hits(Connection(server.url)) == count
    assert server.stop() == 0


def test_watermarks(disk):
    connection = disk.start(*OPTIONS)
    fill_index(connection)
    for name in ("old", "empty"):
        assert connection.json("PUT", f"/{name}")[0] == 200
    assert control(connection, "CreateDatasetGroup", {"name": "shop"})[0] == 200
    assert connection.json("POST", "/_trine/events", {"dataset_group": "shop", "events": [
        {"user_id": "u", "item_id": "i", "event_type": "View", "timestamp": 1764000000}]})[0] == 200
    until(connection, "ok")

    disk.leave(30 * MEGA)
    health = until(connection, "degraded")
    assert health["accepts_writes"] and "space is low" in health["problems"][0] and "watermark is 40mb" in health["problems"][0], health
    assert connection.json("PUT", "/docs/_doc/low", {"title": "apple"})[0] == 201
    assert "space is low" in disk.server.output()

    disk.leave(10 * MEGA)
    health = until(connection, "failing")
    assert not health["accepts_writes"] and "too little space is free" in health["problems"][0], health
    assert connection.json("GET", "/_trine/ready")[0] == 503
    doctor = subprocess.run([disk.binary, "doctor", "--url", disk.server.url], capture_output=True, text=True)
    assert doctor.returncode == 1 and "the server's status is failing" in doctor.stdout and "too little space is free" in doctor.stdout, doctor.stdout

    # OpenSearch: writes, also deletes of documents, and changes of definitions are blocked; deletes of indexes are not.
    for method, path, body in (("PUT", "/docs/_doc/new", {"title": "x"}), ("DELETE", "/docs/_doc/d1", None),
                               ("POST", "/docs/_update/d1", {"doc": {"title": "x"}}), ("PUT", "/docs/_mapping", {"properties": {"new": {"type": "long"}}}),
                               ("PUT", "/docs/_alias/other", None),
                               ("POST", "/_aliases", {"actions": [{"add": {"index": "docs", "alias": "other"}}]})):
        status, answer = connection.json(method, path, body)
        cause = {"type": "cluster_block_exception", "reason": BLOCK}
        assert (status, answer) == (429, {"error": {"root_cause": [cause], **cause}, "status": 429}), (method, path)
    lines = "".join(json.dumps(line) + "\n" for line in ({"index": {"_id": "new"}}, {"title": "x"}, {"delete": {"_id": "d1"}}))
    status, _, text = connection.request("POST", "/docs/_bulk", lines, {"Content-Type": "application/x-ndjson"})
    answer = json.loads(text)
    assert status == 200 and answer["errors"] is True
    for item in answer["items"]:
        (outcome,) = item.values()
        assert outcome["status"] == 429 and outcome["error"] == {"type": "cluster_block_exception", "reason": BLOCK}, outcome
    for method, path, body in (("PUT", "/another", None), ("PUT", "/another/_doc/1", {"title": "x"})):
        status, answer = connection.json(method, path, body)
        assert (status, answer["error"]["type"]) == (403, "index_create_block_exception"), (path, answer)
        assert answer["error"]["reason"] == "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];"
    assert connection.json("DELETE", "/old")[0] == 200

    # Definitions that need no space to speak of are accepted, others are not.
    status, answer = connection.json("PUT", "/_search/pipeline/p", {"description": "x" * 900_000})
    assert (status, answer["error"]["type"]) == (429, "cluster_block_exception") and "disk usage exceeded" in answer["error"]["reason"], answer
    assert connection.json("PUT", "/_search/pipeline/p", {"description": "small"})[0] == 200

    # The health shows how much is free now, and the log how many writes were refused.
    disk.leave(5 * MEGA, more=True)
    end = time.monotonic() + 15
    while not re.search(r"too little space is free: [345] MiB of 128 MiB", health["problems"][0]):
        assert time.monotonic() < end, health
        time.sleep(.1)
        health = connection.json("GET", "/_trine/health")[1]
    while not re.search(r"writes? (was|were) refused: ", disk.server.output()):
        assert time.monotonic() < end, disk.server.output()
        time.sleep(.1)

    # Personalize: the service is unavailable. The native API says so, too.
    fields = [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}]
    schema = json.dumps({"type": "record", "name": "Users", "namespace": "com.amazonaws.personalize.schema", "version": "1.0", "fields": fields})
    for operation, body in (("CreateDatasetGroup", {"name": "more"}), ("CreateSchema", {"name": "people", "schema": schema})):
        status, _, text = control(connection, operation, body)
        assert status == 503 and json.loads(text)["__type"] == "ServiceUnavailableException", text
    status, answer = connection.json("POST", "/_trine/events", {"dataset_group": "shop", "events": [
        {"user_id": "u", "item_id": "i2", "event_type": "View", "timestamp": 1764000001}]})
    assert status == 503, answer

    # Reads go on.
    assert hits(connection) == 200
    assert connection.json("GET", "/docs/_doc/d1")[0] == 200

    disk.free()
    until(connection, "ok")
    assert connection.json("PUT", "/docs/_doc/new", {"title": "banana"})[0] == 201
    assert connection.json("POST", "/docs/_refresh")[0] == 200
    assert hits(connection) == 201
    output = disk.server.output()
    assert output.count("new data is refused") == 1 and output.count("enough space is free again") >= 1, output


def test_a_full_disk_serves_reads_after_a_restart(disk):
    connection = disk.start()
    fill_index(connection)
    assert disk.server.stop() == 0
    terms = disk.path / "data" / "index" / "terms"
    for older_terms in (False, True):
        if older_terms:  # the indexes would be removed and built again, for which there is no space
            terms.write_text("trine terms 1\n")
        (disk.path / "data" / "scratch").rmdir()
        disk.leave(0)
        connection = disk.start()
        assert hits(connection) == 200
        assert connection.json("GET", "/docs/_doc/d7")[1]["_source"] == {"title": "banana number 7"}
        status, answer = connection.json("PUT", "/docs/_doc/new", {"title": "x"})
        assert status == 429 and answer["error"]["type"] == "cluster_block_exception", answer
        health = until(connection, "failing")
        assert not health["accepts_writes"]
        disk.free()
        until(connection, "ok")
        assert connection.json("PUT", "/docs/_doc/d7", {"title": "banana number 7"})[0] == 200
        assert disk.server.stop() == 0


def test_a_read_only_disk_serves_reads_after_a_restart(disk):
    connection = disk.start()
    fill_index(connection)
    # An import that was never published would be removed at the next start, and a missing folder created.
    assert disk.server.stop() == 0
    (disk.path / "data" / "scratch").rmdir()
    for name in ("terms",):
        (disk.path / "data" / "index" / name).write_text("trine terms 1\n")
    disk.remount("ro")
    connection = disk.start()
    assert hits(connection) == 200
    assert connection.json("GET", "/docs/_doc/d7")[0] == 200
    status, answer = connection.json("PUT", "/docs/_doc/new", {"title": "x"})
    assert status == 503 and answer["error"]["type"] == "unavailable_shards_exception", answer
    assert answer["error"]["reason"].startswith("[docs][0] primary shard is not active: ") and "Read-only" in answer["error"]["reason"], answer
    assert answer["error"]["caused_by"]["type"] == "i_o_exception", answer
    status, _, text = connection.request("POST", "/docs/_bulk", '{"index":{}}\n{"title":"x"}\n', {"Content-Type": "application/x-ndjson"})
    assert status == 200 and json.loads(text)["items"][0]["index"]["status"] == 503, text
    assert connection.json("PUT", "/another")[0] == 503
    status, _, text = control(connection, "CreateDatasetGroup", {"name": "shop"})
    assert status == 503 and json.loads(text)["__type"] == "ServiceUnavailableException", text
    status, answer = connection.json("POST", "/_trine/events", {"dataset_group": "shop", "create": True, "events": [
        {"user_id": "u", "item_id": "i", "event_type": "View", "timestamp": 1764000000}]})
    assert (status, answer["error"]["kind"]) == (503, "unavailable"), answer
    health = until(connection, "failing")
    assert disk.server.output().count("refused") <= 4, disk.server.output()
    assert "read-only" in " ".join(health["problems"]).lower(), health
    disk.remount("rw")
    until(connection, "ok")
    assert connection.json("PUT", "/docs/_doc/new", {"title": "banana"})[0] == 201
    assert disk.server.stop() == 0
    connection = disk.start()
    assert hits(connection) == 201


def test_deleting_an_index_makes_room_without_a_restart(disk):
    connection = disk.start(*OPTIONS)
    assert connection.json("PUT", "/big", {"mappings": {"dynamic": False}})[0] == 200
    fill_index(connection)
    for part in range(30):
        lines = "".join(json.dumps({"index": {}}) + "\n" + json.dumps({"text": base64.b64encode(os.urandom(10_000)).decode()}) + "\n"
                        for _ in range(75))
        status, _, text = connection.request("POST", "/big/_bulk", lines, {"Content-Type": "application/x-ndjson"})
        assert status == 200 and not json.loads(text)["errors"], text[:300]
    disk.leave(12 * MEGA)
    until(connection, "failing")
    assert connection.json("PUT", "/docs/_doc/new", {"title": "x"})[0] == 429
    assert connection.json("DELETE", "/big")[0] == 200
    end = time.monotonic() + 20
    while connection.json("PUT", "/docs/_doc/new", {"title": "banana"})[0] != 201:
        assert time.monotonic() < end, connection.json("GET", "/_trine/health")[1]
        time.sleep(.2)
    connection.json("POST", "/docs/_refresh")
    assert hits(connection) == 201
    assert disk.server.stop() == 0
    assert hits(disk.start(*OPTIONS)) == 201


@pytest.mark.parametrize("restart", [False, True])
def test_a_disk_without_any_space_can_be_left_by_deleting(disk, restart):
    options = ("--warn-free-space", "0", "--min-free-space", "0")
    connection = disk.start(*options)
    assert connection.json("PUT", "/big", {"mappings": {"dynamic": False}})[0] == 200
    fill_index(connection)
    for part in range(30):
        lines = "".join(json.dumps({"index": {}}) + "\n" + json.dumps({"text": base64.b64encode(os.urandom(10_000)).decode()}) + "\n"
                        for _ in range(75))
        status, _, text = connection.request("POST", "/big/_bulk", lines, {"Content-Type": "application/x-ndjson"})
        assert status == 200 and not json.loads(text)["errors"], text[:300]
    reserve = disk.path / "data" / "facts" / "trine.reserve"
    end = time.monotonic() + 20
    while not reserve.exists():
        assert time.monotonic() < end
        time.sleep(.1)
    if restart:
        assert disk.server.stop() == 0
        disk.leave(0)
        connection = disk.start(*options)
    else:
        # The log grows until the disk is full, so that a write fails and the store is closed.
        disk.leave(0)
        while connection.json("PUT", "/docs/_doc/new", {"title": "x" * 5000})[0] in (200, 201):
            assert time.monotonic() < end
    assert connection.json("PUT", "/docs/_doc/new", {"title": "x"})[0] == 429
    end = time.monotonic() + 30
    while connection.json("DELETE", "/big")[0] != 200:
        assert time.monotonic() < end, connection.json("GET", "/_trine/health")[1]
        time.sleep(.2)
    while connection.json("PUT", "/docs/_doc/new", {"title": "banana"})[0] not in (200, 201):
        assert time.monotonic() < end, connection.json("GET", "/_trine/health")[1]
        time.sleep(.2)
    connection.json("POST", "/docs/_refresh")
    assert hits(connection) == 201
    disk.free()
    end = time.monotonic() + 20
    while not reserve.exists():
        assert time.monotonic() < end
        time.sleep(.1)
    assert disk.server.stop() == 0
    connection = disk.start(*options)
    assert hits(connection) == 201
    assert connection.json("GET", "/big")[0] == 404


@pytest.mark.parametrize("options,words", [
    (("--min-free-space", "lots"), ["--min-free-space", "512mb", "got lots"]),
    (("--min-free-space", "100%"), ["--min-free-space", "below 100"]),
    (("--warn-free-space", "-1"), ["--warn-free-space"]),
    (("--warn-free-space", "1gb", "--min-free-space", "2gb"), ["above the one for the warning", "2gb"]),
    (("--warn-free-space", "5%", "--min-free-space", "10%"), ["above the one for the warning", "10%"]),
])
def test_watermarks_are_validated(binary, tmp_path, options, words):
    done = subprocess.run([str(binary), "serve", "--port", "0", "--data-dir", str(tmp_path / "data"), *options], capture_output=True, text=True,
                          timeout=30)
    assert done.returncode == 2, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("part", [0, .5])
def test_a_log_that_was_cut_or_removed_is_noticed(binary, tmp_path, part):
    data = tmp_path / "data"
    server = local_server.LocalServer(binary, data)
    fill_index(Connection(server.url))
    server.kill()

    def check(command="check"):
        return subprocess.run([str(binary), command, "--data-dir", str(data)], capture_output=True, text=True, timeout=60)

    assert check().returncode == 0, check().stdout
    log = max((path for path in (data / "facts").glob("*.log") if path.stat().st_size > 0), key=lambda path: path.name)
    if part == 0:
        log.unlink()
    else:
        written = log.read_bytes().rstrip(b"\0")  # behind it, space is reserved
        os.truncate(log, int(len(written) * part))
    for command in ("check", "doctor", "check"):
        done = check(command)
        assert done.returncode == 1 and "acknowledged writes are missing: the newest log" in done.stdout, done.stdout + done.stderr
    for _ in range(2):
        server = local_server.LocalServer(binary, data)
        connection = Connection(server.url)
        health = connection.json("GET", "/_trine/health")[1]
        assert health["status"] == "degraded" and "acknowledged writes are missing" in " ".join(health["problems"]), health
        assert "acknowledged writes are missing" in server.output()
        fill_index(connection)
        assert server.stop() == 0
    done = subprocess.run([str(binary), "rebuild", "--salvage", "--data-dir", str(data)], capture_output=True, text=True, timeout=60)
    assert "acknowledged writes are missing" in done.stdout + done.stderr, done
    assert check().returncode == 0, check().stdout
    assert_hits_after_start(binary, data, 200)


def test_an_older_copy_of_the_facts_is_noticed_and_not_forgotten(binary, tmp_path):
    data = stopped_directory(binary, tmp_path, 50)
    subprocess.run(["cp", "-r", data / "facts", tmp_path / "older"], check=True)
    server = local_server.LocalServer(binary, data)
    fill_index(Connection(server.url), 200)
    assert server.stop() == 0
    subprocess.run(["rm", "-r", data / "facts"], check=True)
    (tmp_path / "older").rename(data / "facts")

    def check(command="check"):
        return subprocess.run([str(binary), command, "--data-dir", str(data)], capture_output=True, text=True, timeout=60)

    for command in ("check", "doctor"):
        done = check(command)
        assert done.returncode == 1 and "acknowledged writes are missing: the index" in done.stdout, done.stdout + done.stderr
    for _ in range(3):
        server = local_server.LocalServer(binary, data)
        connection = Connection(server.url)
        health = connection.json("GET", "/_trine/health")[1]
        assert health["status"] == "degraded" and "acknowledged writes are missing" in " ".join(health["problems"]), health
        assert hits(connection) == 50
        assert server.stop() == 0
    for command in ("check", "doctor"):
        assert check(command).returncode == 1, check(command).stdout


def test_a_signal_ends_a_start_that_replays(binary, tmp_path):
    data = tmp_path / "data"
    server = local_server.LocalServer(binary, data)
    connection = Connection(server.url)
    for _ in range(10):
        fill_index(connection, 4000)
    server.kill()
    subprocess.run(["rm", "-r", data / "index"], check=True)
    log = tmp_path / "log"
    with open(log, "wb") as out:
        process = subprocess.Popen([str(binary), "serve", "--port", "0", "--data-dir", str(data)], stdout=out, stderr=subprocess.STDOUT)
    while "listening at" not in log.read_text() and process.poll() is None:
        time.sleep(.01)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, log.read_text()
    assert time.monotonic() - began < 3
    assert "stopping before the start has ended" in log.read_text() or "ready in" in log.read_text(), log.read_text()
    assert_hits_after_start(binary, data, 4000)


def command(binary, data, *arguments):
    """Runs a command on a data directory, and returns its exit status and everything it printed."""
    done = subprocess.run([str(binary), *arguments, "--data-dir", str(data)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def refused_start(binary, data):
    done = subprocess.run([str(binary), "serve", "--port", "0", "--data-dir", str(data)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("lose", ["removed", "emptied", "pipe"])
def test_a_missing_table_costs_its_own_rows(binary, tmp_path, lose):
    data = stopped_directory(binary, tmp_path, 200)
    first = set((data / "facts").glob("*.sst"))
    server = local_server.LocalServer(binary, data)
    connection = Connection(server.url)
    assert connection.json("PUT", "/others", {"mappings": {"properties": {"title": {"type": "text"}}}})[0] == 200
    for number in range(100):
        assert connection.json("PUT", f"/others/_doc/o{number}", {"title": f"cherry {number}"})[0] == 201
    assert server.stop() == 0
    second = set((data / "facts").glob("*.sst")) - first
    table = max(second, key=lambda path: path.stat().st_size)  # with the documents of the second index
    if lose == "emptied":
        os.truncate(table, 0)
    else:
        table.unlink()
        if lose == "pipe":
            os.mkfifo(table)
    before = sorted((path.name, path.stat().st_mtime_ns) for path in (data / "facts").iterdir())
    for name in ("check", "doctor", "rebuild"):
        code, text = command(binary, data, name)
        assert code == 1 and table.name in text and "rows of " in text, (name, text)
        assert "trine rebuild --salvage" in text, (name, text)
    text = refused_start(binary, data)
    assert table.name in text and "rows of " in text and "trine rebuild --salvage" in text, text
    code, text = command(binary, data, "backup", str(tmp_path / "backup"))
    assert code == 1 and table.name in text and not (tmp_path / "backup" / "format").exists(), text
    assert sorted((path.name, path.stat().st_mtime_ns) for path in (data / "facts").iterdir()) == before, "nothing has changed"

    code, text = command(binary, data, "rebuild", "--salvage")
    assert code == 0 and f"dropped: acknowledged writes are missing: {table.name}" in text, text
    assert table.name in (data / "facts.damaged" / "trine.dropped").read_text()
    assert command(binary, data, "check")[0] == 0, command(binary, data, "check")[1]
    server = local_server.LocalServer(binary, data)
    connection = Connection(server.url)
    assert connection.json("GET", "/_trine/health")[1]["status"] == "ok"
    assert hits(connection) == 200
    assert connection.json("GET", "/docs/_doc/d7")[1]["found"]
    assert server.stop() == 0


def test_check_and_backup_notice_rows_that_no_checksum_covers(binary, tmp_path):
    """The end of a table says in which format it is, and has no checksum: every block is good, but no row is found."""
    data = stopped_directory(binary, tmp_path, 200)
    server = local_server.LocalServer(binary, data)
    assert Connection(server.url).json("PUT", "/others")[0] == 200
    assert server.stop() == 0
    assert command(binary, data, "check")[0] == 0
    table = next(path for path in (data / "facts").glob("*.sst") if b"catalogue.collection" in path.read_bytes())
    content = bytearray(table.read_bytes())
    content[-12] ^= 4
    table.write_bytes(content)
    for served in (False, True):
        for name in ("check", "doctor"):
            code, text = command(binary, data, name)
            assert code == 1 and "damaged data was skipped: resources" in text, (name, text)
        code, text = command(binary, data, "backup", str(tmp_path / "backup"))
        assert code == 1 and not (tmp_path / "backup" / "format").exists(), text
        if not served:
            server = local_server.LocalServer(binary, data)
            health = Connection(server.url).json("GET", "/_trine/health")[1]
            assert health["status"] == "degraded" and any("collection 1 has documents" in problem for problem in health["problems"]), health
            assert server.stop() == 0
            assert list((data / "index" / "c1").glob("*.seg")) != [], "the index waits for its definition"
            code, text = command(binary, data, "rebuild")
            assert code == 1 and "collection 1 has documents" in text and (data / "index" / "c1").is_dir(), text
    code, text = command(binary, data, "rebuild", "--salvage")
    assert code == 0 and "dropped: resources" in text and 'its documents are in the index "recovered-1"' in text, text
    assert command(binary, data, "check")[0] == 0
    server = local_server.LocalServer(binary, data)
    connection = Connection(server.url)
    assert connection.json("GET", "/_trine/health")[1]["status"] == "ok"
    assert connection.json("GET", "/recovered-1/_count")[1]["count"] == 200
    hits = connection.json("POST", "/recovered-1/_search", {"size": 1})[1]["hits"]["hits"]
    assert connection.json("GET", f"/recovered-1/_doc/{hits[0]['_id']}")[1]["_source"] == hits[0]["_source"] != {}
    assert server.stop() == 0


def test_a_missing_file_current_is_mended_by_salvage(binary, tmp_path):
    data = stopped_directory(binary, tmp_path, 50)
    (data / "facts" / "CURRENT").unlink()
    for name in ("check", "doctor", "rebuild"):
        code, text = command(binary, data, name)
        assert code == 1 and "CURRENT" in text and "MANIFEST-" in text and "trine rebuild --salvage" in text, (name, text)
    text = refused_start(binary, data)
    assert "MANIFEST-" in text and "trine rebuild --salvage" in text, text
    code, text = command(binary, data, "rebuild", "--salvage")
    assert code == 0 and "CURRENT" in text, text
    assert_hits_after_start(binary, data, 50)


def test_a_cut_manifest_is_not_an_interrupted_creation(binary, tmp_path):
    data = stopped_directory(binary, tmp_path, 50)
    (manifest,) = (data / "facts").glob("MANIFEST-*")
    os.truncate(manifest, 150)
    for text in (refused_start(binary, data), *(command(binary, data, name)[1] for name in ("check", "doctor", "rebuild"))):
        assert manifest.name in text and "interrupted" not in text and "trine restore" in text, text


@pytest.fixture
def others(binary):
    """A folder of a user that is not root, whom permissions concern, with the program in it. Runs commands as that user."""
    if os.geteuid() != 0:
        pytest.skip("running as another user needs root")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="trine-others-"))
    folder.chmod(0o777)
    shutil.copy(binary, folder / "trine")

    def run(*arguments):
        done = subprocess.run([str(folder / "trine"), *map(str, arguments), "--data-dir", str(folder / "data")], capture_output=True, text=True,
                              timeout=60, cwd=folder, user="nobody", group="nogroup", extra_groups=[])
        return done.returncode, done.stdout + done.stderr

    yield folder, run
    shutil.rmtree(folder)


@pytest.mark.parametrize("lost", ["data", "format", "facts", "facts/CURRENT", "facts/MANIFEST-*", "facts/*.sst", "facts/*.log", "facts/trine.lock",
                                  "index", "index/c1", "index/c1/manifest", "index/c1/*.seg"])
def test_a_file_that_may_not_be_read_is_named(binary, others, tmp_path, lost):
    folder, run = others
    shutil.copytree(stopped_directory(binary, tmp_path, 20), folder / "data")
    for path in [folder / "data", *(folder / "data").rglob("*")]:
        shutil.chown(path, "nobody", "nogroup")
    file = folder / "data" if lost == "data" else next((folder / "data").glob(lost))
    mode = file.stat().st_mode
    before = {path: path.read_bytes() for path in (folder / "data").rglob("*") if path.is_file()}
    file.chmod(0)
    for command_line in (["check"], ["doctor"], ["serve", "--port", "0"]):
        code, text = run(*command_line)
        assert code == 1 and str(file) in text, (command_line, code, text)
        if command_line != ["doctor"]:
            assert "Permission denied" in text, text
    file.chmod(mode)
    # A start that fails at an index has opened the store.
    if not lost.startswith("index"):
        assert {path: path.read_bytes() for path in (folder / "data").rglob("*") if path.is_file()} == before
    assert run("check")[0] == 0
