"""Child processes, descriptors and the start: a crash of the server leaves nothing behind that blocks the next one."""

import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import time
import urllib.parse

import pytest
from server_fixtures import Connection, local_server
from test_kill import Crashing, children_of_training

O_CLOEXEC = 0o2000000


@pytest.fixture
def crashing(binary, tmp_path):
    made = Crashing(binary, tmp_path, "children")
    yield made
    if made.server:
        made.server.kill()


def descriptors(pid):
    """The descriptors of a process: number -> (what it is, its flags)."""
    found = {}
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            flags = re.search(r"^flags:\s+(\d+)", pathlib.Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text(), re.M)
            found[int(entry.name)] = (os.readlink(entry), int(flags.group(1), 8))
        except FileNotFoundError:
            continue
    return found


def start_training(crashing, connection):
    """Starts training and returns the id of its process, which is stopped so that it cannot end by itself."""
    group, _ = crashing.group(connection)
    for part in range(4):
        events = [{"user_id": f"u{n % 997}", "item_id": f"i{(n * n + n // 53) % 389}", "event_type": "View", "timestamp": 1764000000 + n}
                  for n in range(part * 5000, part * 5000 + 5000)]
        assert connection.json("POST", "/_trine/events", {"dataset_group": "shop", "events": events})[0] == 200
    solution = crashing.control(connection, "CreateSolution", {"name": "people", "datasetGroupArn": group,
                                                               "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization-v2"})["solutionArn"]
    crashing.wait(connection, "DescribeSolution", "solution", solution)
    # After the pause its libraries are loaded, and it has asked for the signal at the end of its parent. A fast machine may have ended by then.
    for pause in (.2, .1, .05, .02, .01):
        version = crashing.control(connection, "CreateSolutionVersion", {"solutionArn": solution})["solutionVersionArn"]
        until = time.monotonic() + 20
        while time.monotonic() < until:
            children = children_of_training(crashing.folder)
            if not children:
                if crashing.control(connection, "DescribeSolutionVersion", {"solutionVersionArn": version})["solutionVersion"]["status"] == "ACTIVE":
                    break
                continue
            time.sleep(pause)
            if stop(children[0]):
                return children[0], version
            break  # the training was shorter than the pause
    raise AssertionError("the training process was not seen")


def state_of(pid):
    """The state of a process as a letter of proc(5); Z, as for one that has ended, if there is none."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


def stop(pid):
    """Stops a process; returns whether it is stopped, and not ended."""
    try:
        os.kill(pid, signal.SIGSTOP)
    except ProcessLookupError:
        return False
    while state_of(pid) not in "TZ":
        time.sleep(.001)
    return state_of(pid) == "T"


def lives(pid):
    return state_of(pid) != "Z"


def test_descriptors_are_closed_in_children(crashing):
    connection = crashing.start()
    crashing.group(connection)
    assert connection.json("PUT", "/products/_doc/1?refresh=true", {"title": "chair"})[0] == 201
    idle = Connection(crashing.server.url)
    idle.request("GET", "/")
    kept = {number: what for number, (what, flags) in descriptors(crashing.server.pid).items() if number > 2 and not flags & O_CLOEXEC}
    assert not kept, f"a child process would inherit {kept}"


def test_training_ends_with_its_server(crashing):
    connection = crashing.start()
    child, version = start_training(crashing, connection)
    open_there = descriptors(child)
    assert set(open_there) & {0, 1, 2} == {0, 1, 2}
    scratch = str(crashing.folder / "data" / "scratch")
    foreign = {number: what for number, (what, _) in open_there.items() if number > 2 and not what.startswith(scratch)}
    assert not foreign, f"the training process has {foreign}"
    assert not any("socket:" in what for what, _ in open_there.values()), open_there
    # A client that waits for an answer sees the connection end, and the port is free at once.
    port = urllib.parse.urlsplit(crashing.server.url).port
    waiting = Connection(crashing.server.url)
    waiting.request("GET", "/")
    crashing.server.kill()
    assert waiting.http.sock.recv(1) == b""
    crashing.server = local_server.LocalServer(crashing.binary, crashing.folder / "data", port=port, log=crashing.folder / "again.log")
    until = time.monotonic() + 10
    while lives(child) and time.monotonic() < until:
        time.sleep(.02)
    assert not lives(child), "the training process outlived its server"
    connection = Connection(crashing.server.url)
    crashing.wait(connection, "DescribeSolutionVersion", "solutionVersion", version)


def refused_start(binary, folder, options=(), limit=None):
    """The exit code and the output of a server that cannot start."""
    command = [str(binary), "serve", "--port", "0", "--data-dir", str(folder / "data"), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL,
                          preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))) if limit else None)
    return done.returncode, done.stdout + done.stderr


def test_too_few_descriptors_are_refused_with_the_number(binary, tmp_path):
    code, output = refused_start(binary, tmp_path, limit=300)
    assert code == 1 and "open files" in output and "at least 4608" in output and "got 300" in output, output
    assert not (tmp_path / "data" / "format").exists(), "nothing was opened"
    code, output = refused_start(binary, tmp_path, ["--max-connections", "10"], limit=300)
    assert code == 1 and "at least 522" in output, output
    log = tmp_path / "server.log"
    command = [str(binary), "serve", "--port", "0", "--max-connections", "10", "--data-dir", str(tmp_path / "data")]
    with open(log, "wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (522, 522)))
    try:
        until = time.monotonic() + 30
        while "ready in" not in log.read_text() and time.monotonic() < until:
            assert server.poll() is None, log.read_text()
            time.sleep(.05)
        assert "ready in" in log.read_text()
    finally:
        server.kill()
        server.wait()


def test_the_start_answers_with_its_progress(crashing):
    connection = crashing.start()
    for part in range(15):
        lines = "".join(f'{{"index":{{"_id":"{part}-{n}"}}}}\n{{"title":"{part} 가벼운 캠핑 의자 {n}","text":"{"number %d " % n * 20}"}}\n' for n in range(2000))
        status, _, answer = connection.request("POST", "/products/_bulk", lines, {"Content-Type": "application/x-ndjson"})
        assert status == 200 and '"errors":false' in answer, answer[:300]
    crashing.server.kill()
    log = crashing.folder / "slow.log"
    with open(log, "wb") as out:
        server = subprocess.Popen([str(crashing.binary), "serve", "--port", "0", "--data-dir", str(crashing.folder / "data")], stdout=out,
                                  stderr=subprocess.STDOUT)
    try:
        seen = watch_the_start(server, log)
    finally:
        server.kill()
        server.wait()
    for name in ("ready", "search", "recommendations"):
        assert any(status == 503 for status, _ in seen[name]), f"{name} was never refused: the replay was too short\n{log.read_text()}"
    assert {status for status, _ in seen["live"]} == {200}
    doing = [json.loads(body)["progress"]["doing"] for status, body in seen["ready"] if status == 503]
    assert 'indexing the documents of "products"' in doing, doing
    block = next(json.loads(body) for status, body in seen["search"] if status == 503)
    assert block["error"]["type"] == "cluster_block_exception" and block["status"] == 503, block
    aws = next(json.loads(body) for status, body in seen["recommendations"] if status == 503)
    assert aws["__type"].endswith("ServiceUnavailableException"), aws
    assert seen["search"][-1][0] == 200


def watch_the_start(server, log):
    """Asks until the server is ready; returns (status, body) of each answer by the kind of request."""
    requests = {"live": ("GET", "/_trine/live", None), "ready": ("GET", "/_trine/ready", None), "search": ("GET", "/products/_count", None),
                "recommendations": ("POST", "/recommendations", '{"campaignArn":"c","userId":"u"}')}
    seen = {name: [] for name in requests}
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text())
        if not found:
            time.sleep(.005)
            continue
        connection = Connection(found.group(0))
        while time.monotonic() < until:
            for name, (method, path, body) in requests.items():
                status, _, answer = connection.request(method, path, body)
                seen[name].append((status, answer))
            if seen["ready"][-1][0] == 200 and seen["search"][-1][0] == 200:
                return seen
            time.sleep(.02)
    raise AssertionError(f"the server was never ready:\n{log.read_text()}")
