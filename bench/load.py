"""Starts servers and puts load on them. The load comes from wrk, so that the server is measured and not Python."""

import contextlib
import http.client
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "examples" / "programs"))
import local_server  # noqa: E402

ARN = "arn:aws:personalize:us-east-1:123456789012:"


@contextlib.contextmanager
def temporary_folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="trine-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def serving(binary, path, import_dirs=(), options=()):
    """Runs a server on path/data. It has `.url`, `.pid`, `.start_ms` (from process start to the first answer, polled every 50 ms) and
    `.ready_ms` (as the server logs it: from the start of main to the listening port)."""
    began = time.monotonic()
    server = local_server.LocalServer(binary, path / "data", import_dirs=import_dirs, log=path / "server.log", options=options)
    server.start_ms = (time.monotonic() - began) * 1000
    found = re.search(r"ready in (\d+) ms", server.output())
    server.ready_ms = int(found.group(1)) if found else None
    try:
        yield server
    finally:
        code = server.stop()
        if code != 0:
            raise RuntimeError(f"SIGTERM gave exit code {code}: {server.output()[-1000:]}")


class Api:
    """One HTTP connection that sends and receives JSON. Raises on every status from 300."""

    def __init__(self, url):
        self.http = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=600)

    def call(self, method, path, body=None, headers=None):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body, ensure_ascii=False).encode()
        self.http.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
        answer = self.http.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]!r}")
        return json.loads(text) if text else {}

    def control(self, operation, body):
        return self.call("POST", "/", body, {"X-Amz-Target": "AmazonPersonalize." + operation, "Content-Type": "application/x-amz-json-1.1"})

    def wait(self, operation, member, arn):
        while True:
            status = self.control(operation, {member + "Arn": arn})[member]["status"]
            if status == "ACTIVE":
                return arn
            if "FAILED" in status:
                raise RuntimeError(f"{arn}: {status}")
            time.sleep(.05)


def memory_mb(pid):
    """Returns the resident memory of a process in MB: (current, peak)."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    values = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines() if line.startswith(("VmRSS", "VmHWM"))}
    return round(values["VmRSS"] / 1024), round(values["VmHWM"] / 1024)


def need_wrk():
    if shutil.which("wrk"):
        return
    print("installing wrk (Debian package)", file=sys.stderr)
    subprocess.run(["apt-get", "install", "-y", "-qq", "wrk"], check=True, stdout=subprocess.DEVNULL)


def write_requests(path, requests):
    """Writes [(method, path, body)] in the format that load.lua reads. Returns `path`."""
    with open(path, "w", encoding="utf-8") as file:
        for method, target, body in requests:
            text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
            file.write(f"{method}\t{target}\t{text}\n")
    return path


def run_wrk(url, requests, seconds=5, connections=1):
    """Runs wrk. Returns p50, p90, p99, max and mean in microseconds and the requests per second. Raises when any request failed."""
    need_wrk()
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(ROOT / "bench" / "load.lua"), url, "--", str(requests)],
                          capture_output=True, text=True)
    line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        raise RuntimeError(f"wrk: {done.stdout[-500:]} {done.stderr[-500:]}")
    result = json.loads(line[len("RESULT "):])
    if result["bad_status"] or result["broken"] or not result["requests"]:
        raise RuntimeError(f"errors under load: {result}")
    result["qps"] = round(result["requests"] / result["seconds"])
    return result


def median(results):
    """Returns the median of several runs, for each value on its own."""
    return {key: round(statistics.median(r[key] for r in results), 1) for key in ("p50", "p90", "p99", "qps")}


def side_by_side(runs, rounds):
    """Runs each function of {name: function} once to warm up and then `rounds` times in turn. Returns {name: median result} and, for
    each but the first, the ratio of its p50 to that of the first as [median, lowest, highest]."""
    for run in runs.values():
        run()
    results = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            results[name].append(run())
    first = next(iter(runs))
    ratios = {}
    for name in runs:
        if name != first:
            each = [b["p50"] / a["p50"] for a, b in zip(results[first], results[name])]
            ratios[name] = [round(statistics.median(each), 2), round(min(each), 2), round(max(each), 2)]
    return {name: median(many) for name, many in results.items()}, ratios
