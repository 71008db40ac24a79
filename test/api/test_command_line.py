"""The commands of the program: signals, terminal output, file modes, backup and restore."""

import json
import os
import signal
import stat
import subprocess
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
    os.mkfifo(broken / "models" / "pipe")  # a FIFO cannot be copied
    done = run(binary, "restore", broken, "--data-dir", tmp_path / "data")
    assert done.returncode == 1, done.stdout
    assert not (tmp_path / "data").exists() and not (tmp_path / "data.partial").exists()


def test_restore_rejects_an_existing_partial_folder(binary, backup, tmp_path):
    (tmp_path / "data.partial").mkdir()
    done = run(binary, "restore", backup, "--data-dir", tmp_path / "data")
    assert done.returncode == 1 and "data.partial" in done.stderr
    assert not (tmp_path / "data").exists()
