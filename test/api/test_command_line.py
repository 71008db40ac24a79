"""The commands of the program: signals, terminal output, file modes, backup and restore."""

import http.server
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import threading
import time

import pytest
from server_fixtures import Connection, local_server


def run(binary, *arguments, **more):
    return subprocess.run([str(binary), *map(str, arguments)], capture_output=True, text=True, timeout=60, **more)


def wait_for(condition, seconds=30):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "timed out"
        time.sleep(.02)


# --- Signals -------------------------------------------------------------------------------------


def import_from_fifo(binary, folder, *target):
    """Starts an import that reads from a FIFO and waits for more rows. Returns the process and the open end of the FIFO."""
    fifo = folder / "rows.ndjson"
    os.mkfifo(fifo)
    process = subprocess.Popen([str(binary), "import", str(fifo), "--type", "documents", "--index", "rows", *target], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, cwd=folder)
    return process, open(fifo, "w", buffering=1)


@pytest.mark.parametrize("number,code", [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signal_stops_a_command_and_closes_its_own_server(binary, tmp_path, number, code):
    data = tmp_path / "data"
    process, rows = import_from_fifo(binary, tmp_path, "--data-dir", str(data))
    # These rows are more than two batches and more than a pipe holds, so some have been read when this loop ends.
    for n in range(5000):
        rows.write(json.dumps({"_id": str(n), "title": f"row {n} " + "x" * 100}) + "\n")
    wait_for(lambda: (data / "index").is_dir())
    process.send_signal(number)
    _, words = process.communicate(timeout=30)
    rows.close()
    assert process.returncode == code, words
    assert "stopping on" in words
    checked = run(binary, "check", "--data-dir", data)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_a_command_that_uses_a_remote_server(binary, server, tmp_path, number):
    process, rows = import_from_fifo(binary, tmp_path, "--url", server.url)
    rows.write('{"_id": "1"}\n')
    wait_for(lambda: process.poll() is None)
    process.send_signal(number)
    process.communicate(timeout=10)
    rows.close()
    assert process.returncode == -number


def test_command_ends_without_waiting_for_a_signal(binary, tmp_path):
    done = run(binary, "search", "x", "--index", "none", "--data-dir", tmp_path / "data")
    assert done.returncode == 1 and "no such index [none]" in done.stderr


# --- The terminal --------------------------------------------------------------------------------

EVIL = "\x1b]0;owned\x07\u009b2Jchair\u202egnp\x7f"
CONTROLS = ("\x1b", "\x07", "\u009b", "\u202e", "\x7f")


def test_output_contains_no_control_characters(binary, server):
    c = Connection(server.url)
    assert c.json("PUT", "/terminal/_doc/a?refresh=true", {"title": EVIL + " chair"})[0] == 201
    found = run(binary, "search", "chair", "--index", "terminal", "--url", server.url)
    assert found.returncode == 0 and "]0;owned2Jchairgnp chair" in found.stdout
    asked = run(binary, "ask", "chair", "--index", "terminal", "--url", server.url)
    assert asked.returncode == 0 and "chair" in asked.stdout
    rejected = run(binary, "search", "chair", "--index", "none", "--pipeline", "p" + EVIL, "--url", server.url)
    assert rejected.returncode == 1 and "trine: error:" in rejected.stderr
    for one in (found, asked, rejected):
        for control in CONTROLS:
            assert control not in one.stdout + one.stderr
    as_data = run(binary, "search", "chair", "--index", "terminal", "--url", server.url, "--json")
    assert json.loads(as_data.stdout)["hits"]["hits"][0]["_source"]["title"] == EVIL + " chair"


# --- File modes ----------------------------------------------------------------------------------


def test_data_directory_is_private(binary, tmp_path):
    old = os.umask(0o022)
    try:
        server = local_server.LocalServer(binary, tmp_path / "data", log=tmp_path / "log")
    finally:
        os.umask(old)
    assert Connection(server.url).json("PUT", "/items/_doc/1?refresh=true", {"title": "x"})[0] == 201
    assert server.stop() == 0
    everything = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
    assert len(everything) > 10
    for path in everything:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_doctor_reports_a_data_directory_that_others_can_read(binary, tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o700)

    def findings():
        return {f["what"]: f for f in json.loads(run(binary, "doctor", "--data-dir", data, "--json").stdout)["findings"]}

    assert findings()["other users cannot read the data directory"]["status"] == "ok"
    data.chmod(0o755)
    finding = findings()["other users on this machine can read the data directory"]
    assert finding["status"] == "note" and f"chmod 700 {data}" in finding["advice"]


# --- Backup and restore --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def backup(binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("backup")
    server = local_server.LocalServer(binary, folder / "data", log=folder / "log")
    assert Connection(server.url).json("PUT", "/items/_doc/1?refresh=true", {"title": "kept"})[0] == 201
    assert server.stop() == 0
    done = run(binary, "backup", folder / "copy", "--data-dir", folder / "data")
    assert done.returncode == 0, done.stderr
    return folder / "copy"


@pytest.mark.parametrize("there", [False, True])
def test_restore_creates_a_complete_data_directory(binary, backup, tmp_path, there):
    data = tmp_path / "new" / "data"
    if there:
        data.mkdir(parents=True)
    done = run(binary, "restore", backup, "--data-dir", f"{data}/")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "new" / "data.partial").exists()
    server = local_server.LocalServer(binary, data, log=tmp_path / "log")
    assert Connection(server.url).json("GET", "/items/_doc/1")[1]["_source"] == {"title": "kept"}
    assert server.stop() == 0
    again = run(binary, "restore", backup, "--data-dir", data)
    assert again.returncode == 2 and "not empty" in again.stderr


def test_failed_restore_leaves_nothing_behind(binary, backup, tmp_path):
    broken = tmp_path / "broken"
    subprocess.run(["cp", "-r", str(backup), str(broken)], check=True)
    next(iter(sorted((broken / "facts").glob("*.sst")))).unlink()
    done = run(binary, "restore", broken, "--data-dir", tmp_path / "data")
    assert done.returncode == 1, done.stdout
    assert not (tmp_path / "data").exists() and not (tmp_path / "data.partial").exists()


def test_restore_rejects_an_existing_partial_folder(binary, backup, tmp_path):
    (tmp_path / "data.partial").mkdir()
    done = run(binary, "restore", backup, "--data-dir", tmp_path / "data")
    assert done.returncode == 1 and "data.partial" in done.stderr
    assert not (tmp_path / "data").exists()


# --- Missing and damaged facts -------------------------------------------------------------------


def snapshot(folder):
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


@pytest.fixture(scope="module")
def many(binary, tmp_path_factory):
    """A data directory with 20,000 documents, stopped."""
    folder = tmp_path_factory.mktemp("many")
    server = local_server.LocalServer(binary, folder / "data", log=folder / "log")
    chance = random.Random(7)
    lines = []
    for n in range(20000):
        words = "".join(chance.choice("abcdefghijklmnop") for _ in range(120))
        lines += [json.dumps({"index": {"_id": f"d{n}"}}), json.dumps({"title": f"banana {n}", "text": words})]
    connection = Connection(server.url)
    for at in range(0, len(lines), 8000):
        assert connection.request("POST", "/docs/_bulk", "\n".join(lines[at:at + 8000]) + "\n")[0] == 200
    assert server.stop() == 0
    return folder / "data"


def copy_of(data, tmp_path):
    subprocess.run(["cp", "-r", str(data), str(tmp_path / "data")], check=True)
    return tmp_path / "data"


def flip_one_bit(data):
    table = max((data / "facts").glob("*.sst"), key=lambda path: path.stat().st_size)
    with open(table, "r+b") as file:
        file.seek(table.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    return table.name


@pytest.mark.parametrize("lost", ["CURRENT", "everything"])
def test_missing_facts_are_refused_and_nothing_changes(binary, many, tmp_path, lost):
    data = copy_of(many, tmp_path)
    if lost == "CURRENT":
        (data / "facts" / "CURRENT").unlink()
    else:
        shutil.rmtree(data / "facts")
        (data / "facts").mkdir()
    before = snapshot(data)
    commands = [["check"], ["doctor"], ["rebuild"], ["backup", tmp_path / "copy"], ["serve", "--port", "0"], ["search", "x", "--index", "docs"]]
    if lost == "everything":  # a salvage mends a missing CURRENT
        commands.append(["rebuild", "--salvage"])
    for command in commands:
        for _ in range(2):
            done = run(binary, *command, "--data-dir", data)
            assert done.returncode == 1, (command, done.stdout, done.stderr)
            assert "facts/CURRENT" in done.stdout + done.stderr
    assert snapshot(data) == before
    assert not (tmp_path / "copy").exists()


def test_check_doctor_and_backup_change_nothing(binary, many, tmp_path):
    data = copy_of(many, tmp_path)
    before = snapshot(data)
    for command in (["check"], ["doctor"], ["backup", tmp_path / "copy"]):
        done = run(binary, *command, "--data-dir", data)
        assert done.returncode == 0, done.stdout + done.stderr
    assert snapshot(data) == before


def test_damaged_block_costs_its_own_rows_and_no_more(binary, many, tmp_path):
    data = copy_of(many, tmp_path)
    table = flip_one_bit(data)
    before = snapshot(data)
    checked = run(binary, "check", "--data-dir", data)
    assert checked.returncode == 1 and table in checked.stdout
    copied = run(binary, "backup", tmp_path / "copy", "--data-dir", data)
    assert copied.returncode == 1 and table in copied.stderr and not (tmp_path / "copy").exists()
    rebuilt = run(binary, "rebuild", "--data-dir", data)
    assert rebuilt.returncode == 1 and "records between" in rebuilt.stdout and "--salvage" in rebuilt.stderr
    assert snapshot(data) == before
    shutil.rmtree(data / "index")  # so that the start replays everything
    for _ in range(2):  # the second start replays nothing, but knows of the damage
        server = local_server.LocalServer(binary, data, log=tmp_path / "log")
        connection = Connection(server.url)
        assert 19000 < connection.json("GET", "/docs/_count")[1]["count"] < 20000
        health = connection.json("GET", "/_trine/health")[1]
        assert health["status"] == "degraded" and "records between" in health["problems"][0]
        assert connection.json("GET", "/_cluster/health")[1]["status"] == "yellow"
        assert connection.json("GET", "/_cluster/health?wait_for_status=green&timeout=1s")[0] == 408
        assert connection.json("GET", "/_trine/ready")[0] == 200
        entries = []
        for first in (0, 10000):
            status, answer = connection.json("POST", "/docs/_mget", {"ids": [f"d{n}" for n in range(first, first + 10000)]})
            assert status == 200, answer
            entries += answer["docs"]
        failed = [entry for entry in entries if "error" in entry]
        assert 0 < len(failed) < 1000 and all(entry.get("found") for entry in entries if "error" not in entry)
        assert failed[0]["error"]["type"] == "corrupt_index_exception", failed[0]
        assert server.stop() == 0
    salvaged = run(binary, "rebuild", "--salvage", "--json", "--data-dir", data)
    assert salvaged.returncode == 0, salvaged.stderr
    report = json.loads(salvaged.stdout)
    lost = [line for line in report["dropped"] if line.startswith("document ")]
    assert lost and report["set_aside"].endswith("facts.damaged")
    assert run(binary, "check", "--data-dir", data).returncode == 0
    server = local_server.LocalServer(binary, data, log=tmp_path / "log")
    connection = Connection(server.url)
    assert connection.json("GET", "/_trine/health")[1]["status"] == "ok"
    count = connection.json("GET", "/docs/_count")[1]["count"]
    assert 19000 < count < 20000
    gone = json.loads(lost[0].split(" ", 1)[1].split(" of collection")[0])
    assert connection.json("GET", f"/docs/_doc/{gone}")[0] == 404
    assert server.stop() == 0


def test_pages_over_a_damaged_block_name_what_they_lack(binary, many, tmp_path):
    data = copy_of(many, tmp_path)
    flip_one_bit(data)  # the index stays, so searches find the documents of the block
    server = local_server.LocalServer(binary, data, log=tmp_path / "log")
    connection = Connection(server.url)
    damaged = set()
    for first in (0, 10000):
        answer = connection.json("POST", "/docs/_mget", {"ids": [f"d{n}" for n in range(first, first + 10000)]})[1]
        damaged |= {entry["_id"] for entry in answer["docs"] if "error" in entry}
    assert 0 < len(damaged) < 1000

    def judge(answer):
        """The ids of a page, which names each document that it lacks, or as many as it names."""
        assert all("_source" in hit for hit in answer["hits"]["hits"])
        shards = answer["_shards"]
        assert shards["total"] == 1 and shards["successful"] + shards["failed"] == 1
        if shards["failed"]:
            failure = shards["failures"][0]
            assert failure["index"] == "docs" and failure["reason"]["type"] == "corrupt_index_exception", failure
            named = {word.strip('"') for word in failure["reason"]["reason"].replace(",", " ").split() if word[0] == '"'}
            assert named and named <= damaged, failure
        else:
            assert "failures" not in shards
        return [hit["_id"] for hit in answer["hits"]["hits"]]

    found, failed = [], 0
    status, page = connection.json("POST", "/docs/_search?scroll=1m", {"size": 1000})
    while page["hits"]["hits"]:
        assert status == 200 and page["hits"]["total"]["value"] == 20000
        found += judge(page)
        failed += page["_shards"]["failed"]
        status, page = connection.json("POST", "/_search/scroll", {"scroll": "1m", "scroll_id": page["_scroll_id"]})
    assert failed > 0 and len(found) == len(set(found)) == 20000 - len(damaged) and not damaged & set(found)
    body = {"size": 10000, "sort": [{"_doc": "asc"}], "track_total_hits": True}
    pages, seen = [], 0
    after = None
    while seen < 20000:  # a page has less than its size where documents cannot be read
        status, page = connection.json("POST", "/docs/_search", {**body, **({"search_after": after} if after else {})})
        assert status == 200
        pages += judge(page)
        after = page["hits"]["hits"][-1]["sort"]
        seen += 10000
    assert not damaged & set(pages)
    ids = {"query": {"ids": {"values": sorted(damaged)[:3]}}}
    page = connection.json("POST", "/docs/_search", ids)[1]
    assert page["hits"]["hits"] == [] and page["hits"]["total"]["value"] == 3 and page["_shards"]["failed"] == 1
    status, error = connection.json("POST", "/docs/_search?allow_partial_search_results=false", ids)
    assert status == 503 and error["error"]["type"] == "search_phase_execution_exception"
    assert error["error"]["failed_shards"][0]["index"] == "docs", error
    assert connection.json("POST", "/docs/_search?allow_partial_search_results=false", {"query": {"ids": {"values": [found[0]]}}})[0] == 200
    page = connection.json("POST", "/docs/_search", {**ids, "_source": False})[1]
    assert len(page["hits"]["hits"]) == 3 and page["_shards"]["failed"] == 0, "the ids come from the index"
    assert server.stop() == 0


def test_a_damaged_index_file_is_built_again_while_the_server_runs(binary, many, tmp_path):
    data = copy_of(many, tmp_path)
    server = local_server.LocalServer(binary, data, log=tmp_path / "log")
    connection = Connection(server.url)
    assert connection.json("PUT", "/docs/_doc/new?refresh=true", {"title": "banana new"})[0] == 201
    assert connection.json("POST", "/docs/_flush")[0] == 200
    segment = max(data.glob("index/c*/*.seg"), key=lambda path: path.stat().st_size)
    with open(segment, "r+b") as file:
        file.seek(segment.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    again = "".join(json.dumps({"index": {"_id": f"d{n}"}}) + "\n" + json.dumps({"title": f"cherry {n}"}) + "\n" for n in range(8000))
    # A file with so many deleted rows is merged, and a merge verifies what it reads.
    assert connection.request("POST", "/docs/_bulk?refresh=true", again)[0] == 200
    seen, until = set(), time.monotonic() + 60
    while True:
        health = connection.json("GET", "/_trine/health")[1]
        status, page = connection.json("POST", "/docs/_search", {"query": {"match": {"title": "new"}}, "track_total_hits": True})
        assert status == 200 and [hit["_id"] for hit in page["hits"]["hits"]] == ["new"], "sound files are searched"
        count = connection.json("GET", "/docs/_count")[1]
        if count["_shards"]["failed"]:
            seen.add("count")
            assert count["count"] < 20001 and segment.name in count["_shards"]["failures"][0]["reason"]["reason"], count
        if health["status"] == "degraded":
            seen.add("health")
            assert segment.name in health["problems"][0] and "built again" in health["problems"][0]
        elif "health" in seen and not count["_shards"]["failed"]:
            break
        assert time.monotonic() < until, (seen, health, count)
    assert seen == {"count", "health"}
    assert count["count"] == 20001 and health == {**health, "status": "ok", "problems": []}
    assert connection.json("POST", "/docs/_count", {"query": {"match": {"title": "cherry"}}})[1]["count"] == 8000
    assert not (data / "index" / "verify").exists()
    assert server.stop() == 0
    checked = run(binary, "check", "--data-dir", data)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_moved_program_says_that_it_lost_the_korean_dictionary(binary, tmp_path):
    data, moved = tmp_path / "data", tmp_path / "moved" / "trine"
    server = local_server.LocalServer(binary, data, log=tmp_path / "log")
    connection = Connection(server.url)
    found = connection.json("GET", "/_trine/health")[1]["korean_dictionary"]
    assert connection.json("PUT", "/docs/_doc/1?refresh=true", {"title": "무선 이어폰"})[0] == 201
    assert server.stop() == 0
    if not found:
        pytest.skip("the program has no Korean dictionary")
    moved.parent.mkdir()
    shutil.copy(binary, moved)
    checked = run(moved, "doctor", "--data-dir", data)
    assert "made with a Korean dictionary, and none is found now" in checked.stdout, checked.stdout
    server = local_server.LocalServer(moved, data, log=tmp_path / "log")
    connection = Connection(server.url)
    health = connection.json("GET", "/_trine/health")[1]
    assert health["status"] == "degraded" and "none is found now" in health["problems"][0], health
    assert "warning" in next(line for line in server.output().splitlines() if "none is found now" in line).lower()
    asked = run(moved, "doctor", "--url", server.url)
    assert asked.returncode == 1 and "none is found now" in asked.stdout, asked.stdout
    assert server.stop() == 0
    rebuilt = run(moved, "rebuild", "--data-dir", data)
    assert rebuilt.returncode == 0, rebuilt.stderr
    server = local_server.LocalServer(moved, data, log=tmp_path / "log")
    assert Connection(server.url).json("GET", "/_trine/health")[1]["status"] == "ok"
    assert server.stop() == 0
    server = local_server.LocalServer(binary, data, log=tmp_path / "log")  # built again, with the dictionary
    connection = Connection(server.url)
    assert connection.json("GET", "/_trine/health")[1]["status"] == "ok"
    assert connection.json("GET", "/docs/_count")[1]["count"] == 1
    assert (data / "index" / "terms").read_text().endswith("\nkorean dictionary\n")
    assert server.stop() == 0


def test_a_damaged_backup_is_not_restored(binary, many, tmp_path):
    damaged = copy_of(many, tmp_path)  # a stopped data directory holds all that a backup holds
    table = flip_one_bit(damaged)
    restored = run(binary, "restore", damaged, "--data-dir", tmp_path / "new")
    assert restored.returncode == 1 and table in restored.stderr, restored.stdout + restored.stderr
    assert not (tmp_path / "new").exists() and not (tmp_path / "new.partial").exists()


class FullDisk(http.server.BaseHTTPRequestHandler):
    """A server whose disk becomes full in the second bulk request."""
    protocol_version = "HTTP/1.1"
    bulks = 0

    def do_GET(self):
        self.answer({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if not self.path.endswith("/_bulk"):
            return self.answer({})
        FullDisk.bulks += 1
        one = {"status": 201}
        if FullDisk.bulks > 1:
            one = {"status": 500, "error": {"type": "io_exception", "reason": "no space is left for the store"}}
        self.answer({"errors": FullDisk.bulks > 1, "items": [{"index": one}] * (body.count(b"\n") // 2)})

    def answer(self, body):
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def test_import_stops_at_the_first_failure_of_the_store(binary, tmp_path):
    (tmp_path / "rows.ndjson").write_text("".join(json.dumps({"_id": str(n)}) + "\n" for n in range(30000)))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), FullDisk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = run(binary, "import", tmp_path / "rows.ndjson", "--type", "documents", "--index", "rows", "--url",
                   f"http://127.0.0.1:{server.server_address[1]}", cwd=tmp_path)
        server.shutdown()
    assert done.returncode == 1
    assert "no space is left for the store" in done.stderr and "rejected" not in done.stdout
    assert FullDisk.bulks == 2, "no batch is sent to a store that refuses writes"


def test_an_index_that_is_ahead_of_the_facts_is_discarded(binary, tmp_path):
    data = tmp_path / "data"
    server = local_server.LocalServer(binary, data, log=tmp_path / "log")
    connection = Connection(server.url)
    for n in range(10):
        assert connection.json("PUT", f"/docs/_doc/a{n}", {"title": "cherry"})[0] == 201
    assert server.stop() == 0
    shutil.copytree(data / "facts", tmp_path / "older")
    server = local_server.LocalServer(binary, data, log=tmp_path / "log")
    connection = Connection(server.url)
    for n in range(10):
        assert connection.json("PUT", f"/docs/_doc/b{n}", {"title": "banana"})[0] == 201
    assert server.stop() == 0
    shutil.rmtree(data / "facts")
    shutil.copytree(tmp_path / "older", data / "facts")
    server = local_server.LocalServer(binary, data, log=tmp_path / "log")
    connection = Connection(server.url)
    health = connection.json("GET", "/_trine/health")[1]
    assert health["status"] == "degraded" and "acknowledged writes are missing" in health["problems"][0]
    assert "acknowledged writes are missing" in server.output()
    assert connection.json("PUT", "/docs/_doc/c?refresh=true", {"title": "cherry"})[0] == 201

    def found(word):
        return {hit["_id"]: hit["_source"]["title"] for hit in
                connection.json("POST", "/docs/_search", {"query": {"match": {"title": word}}, "size": 50})[1]["hits"]["hits"]}

    assert found("banana") == {}
    assert found("cherry") == {**{f"a{n}": "cherry" for n in range(10)}, "c": "cherry"}
    assert server.stop() == 0


def test_a_pinned_embedder_is_never_replaced_by_another_one(binary, tmp_path):
    data, pinned = tmp_path / "data", tmp_path / "data" / "models" / "embedder-pinned"
    model = "/model/amazon.titan-embed-text-v2:0/invoke"

    def embed():
        server = local_server.LocalServer(binary, data, log=tmp_path / "log")
        try:
            return Connection(server.url).json("POST", model, {"inputText": "red chair"})
        finally:
            server.stop()

    server = local_server.LocalServer(binary, data, log=tmp_path / "log")
    connection = Connection(server.url)
    for n in range(60):
        assert connection.json("PUT", f"/docs/_doc/{n}", {"title": f"red chair {n % 7} for the garden {n % 5}"})[0] == 201
    assert connection.json("POST", "/docs/_refresh")[0] == 200
    status, first = connection.json("POST", model, {"inputText": "red chair"})
    assert status == 200 and server.stop() == 0
    whole = pinned.read_bytes()
    assert len(whole) > 100, "an embedder was trained"
    assert embed()[1]["embedding"] == first["embedding"]
    for damaged in (whole[:50] + bytes([whole[50] ^ 1]) + whole[51:], b"", None):
        pinned.unlink()
        if damaged is not None:
            pinned.write_bytes(damaged)
        shutil.rmtree(data / "derived")  # its item vectors may have the same embedder
        status, answer = embed()
        assert status == 500, answer
        checked = run(binary, "check", "--data-dir", data)
        assert checked.returncode == 1 and "embedder-pinned" in checked.stdout
    pinned.write_bytes(whole)
    assert embed()[1]["embedding"] == first["embedding"]
    pinned.unlink()
    assert run(binary, "rebuild", "--new-embedder", "--data-dir", data).returncode == 0
    assert embed()[0] == 200
