"""The benchmark `overload`: loads that need more memory than the server may take. It measures the anonymous memory of the server and
its children, and whether the server still answers."""

import collections
import contextlib
import http.client
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

import data_sets
import load
import recommend_bench
import search_bench

LIMIT = 256 << 20
PROBE = "/_trine/live"
LINES = {"Content-Type": "application/x-ndjson"}


def anonymous_bytes(pid):
    """The anonymous memory of a process; 0 if it has ended."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith("RssAnon"))


def children(pid):
    """The processes that a process has started."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in task.read_text().split()]
    return found


def probe(address):
    """Asks for PROBE every 10 ms until the standard input ends. Returns the times and the number of failures."""
    connection, path, millis, failed = None, PROBE, [], 0
    while not select.select([sys.stdin], [], [], .01)[0]:
        began = time.monotonic()
        try:
            connection = connection or http.client.HTTPConnection(address, timeout=60)
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 404 and path == PROBE:
                path = "/"  # a program from before the probe
                continue
            millis.append((time.monotonic() - began) * 1000)
            failed += answer.status != 200
        except OSError:
            connection = None
            failed += 1
    return {"millis": millis, "failed": failed}


class Watch:
    """Measures one server while a load runs: the memory every 20 ms, and the time of a probe."""

    def __init__(self, server):
        self.pid, self.address = server.pid, urllib.parse.urlsplit(server.url).netloc
        self.most, self.most_of_children, self.millis, self.failed = 0, 0, [], 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._memory)

    def __enter__(self):
        # In a process of its own: the threads that send the load would delay it.
        self.probe = subprocess.Popen([sys.executable, __file__, self.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        found = json.loads(self.probe.communicate()[0])
        self.millis, self.failed = found["millis"], found["failed"]

    def _memory(self):
        while not self.ended.wait(.02):
            below = sum(anonymous_bytes(child) for child in children(self.pid))
            self.most_of_children = max(self.most_of_children, below)
            self.most = max(self.most, anonymous_bytes(self.pid) + below)

    def results(self):
        sorted_millis = sorted(self.millis) or [float("nan")]
        return {"memory_ratio": round(self.most / LIMIT, 2), "memory_mb": self.most >> 20, "children_mb": self.most_of_children >> 20,
                "live_ms_p99": round(sorted_millis[int(.99 * (len(sorted_millis) - 1))], 1), "live_ms_most": round(sorted_millis[-1], 1),
                "live_failed": self.failed, "machine_load": round(os.getloadavg()[0], 1)}


class Senders:
    """Sends the same request from several threads and counts the statuses of the answers."""

    def __init__(self, url):
        self.address, self.statuses, self.refusals = urllib.parse.urlsplit(url).netloc, collections.Counter(), set()

    def send(self, method, path, body, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=600)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            text = answer.read()
            self.statuses[str(answer.status)] += 1
            if answer.status == 429:
                error = json.loads(text).get("error", {})
                self.refusals.add(error.get("type") if isinstance(error, dict) else str(error))
            for item in json.loads(text).get("items", []) if path.endswith("_bulk") and answer.status == 200 else []:
                self.statuses[f"item {next(iter(item.values()))['status']}"] += 1
        except OSError as error:  # a server that refuses a body closes the connection while it is sent
            self.statuses[type(error).__name__] += 1
        finally:
            connection.close()

    def in_parallel(self, count, *request):
        threads = [threading.Thread(target=self.send, args=request) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def results(self):
        return {"answers": dict(self.statuses), "refusals": sorted(str(one) for one in self.refusals)}


def silent_clients(context, server):
    """24 clients ask for answers of some 16 MB each and never read them; another client asks for small ones."""
    senders = Senders(server.url)
    text = "x" * 8000
    for begin in range(0, 2000, 500):
        lines = "".join(f'{{"index":{{"_id":"{n}"}}}}\n{{"text":"{text}"}}\n' for n in range(begin, begin + 500))
        senders.send("POST", "/large/_bulk", lines.encode(), LINES)
    load.Api(server.url).call("POST", "/large/_refresh")
    head = b"GET /large/_search?size=2000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    parts = urllib.parse.urlsplit(server.url)
    silent = []
    until = time.monotonic() + context.seconds(20)
    with Watch(server) as watch:
        for _ in range(24):
            connection = socket.create_connection((parts.hostname, parts.port))
            connection.sendall(head)
            silent.append(connection)
        while time.monotonic() < until:
            senders.send("GET", "/large/_search?size=1", None)
            senders.send("GET", "/large/_search?size=1000", None)
    for connection in silent:
        connection.close()
    return {**watch.results(), **senders.results()}


def long_documents(context, server):
    """Documents of some 3 MB with 200,000 values of one keyword, text, number, date or nested field."""
    api = load.Api(server.url)
    api.call("PUT", "/long", {"mappings": {"properties": {
        "keyword": {"type": "keyword"}, "text": {"type": "text"}, "number": {"type": "double"}, "date": {"type": "date"},
        "object": {"properties": {"keyword": {"type": "keyword"}}}}}})
    count, seconds = 200_000, {}
    values = {"keyword": [f"value{n}" for n in range(count)], "text": [f"value{n}" for n in range(count)], "number": list(range(count)),
              "date": [1_700_000_000_000 + n for n in range(count)], "object": [{"keyword": f"v{n}"} for n in range(count)]}
    senders = Senders(server.url)
    with Watch(server) as watch:
        for name, list_of in values.items():
            began = time.monotonic()
            senders.send("PUT", f"/long/_doc/{name}", json.dumps({name: list_of}).encode())
            seconds[name] = round(time.monotonic() - began, 2)
        api.call("POST", "/long/_refresh")
    return {**watch.results(), **senders.results(), "seconds": seconds}


def large_writes(context, server):
    """Four writes of 80 MB of numbers at the same time, then four in chunks of unknown length."""
    senders = Senders(server.url)
    body = b'{"n":[' + b"1," * (40 << 20) + b"1]}"
    with Watch(server) as watch:
        senders.in_parallel(4, "PUT", "/numbers/_doc/1", body)
        pieces = [body[n:n + (1 << 20)] for n in range(0, len(body), 1 << 20)]
        senders.in_parallel(4, "PUT", "/numbers/_doc/2", pieces)
    return {**watch.results(), **senders.results()}


def bulk_requests(context, server):
    """Eight bulk requests of 75,000 short documents at the same time, which are too many for one request, and twice eight of 10,000
    documents, which fit one after the other."""
    def lines(count, words):
        return "".join(f'{{"index":{{}}}}\n{{"title":"folding chair number {n} for camping {words}","price":{n},"tags":["a{n % 97}","b{n % 89}"]}}\n'
                       for n in range(count)).encode()
    many, few = lines(75_000, ""), lines(10_000, "light and strong " * 35)
    too_many, senders = Senders(server.url), Senders(server.url)
    with Watch(server) as watch:
        too_many.in_parallel(8, "POST", "/bulk/_bulk", many, LINES)
        for _ in range(2):
            senders.in_parallel(8, "POST", "/bulk/_bulk", few, LINES)
    return {**watch.results(), **senders.results(), "too_many": dict(too_many.statuses)}


def catalogue_words(context, folder):
    """A catalogue is bound to a dataset group; the server reads its words at the next start. Then questions are asked."""
    rows = data_sets.titles(.1 if context.quick else 1.0)
    options = ["--memory-limit", str(LIMIT)]
    with load.serving(context.binary, folder, options=options) as server:
        search_bench.fill(server.url, "titles", search_bench.bulk_bodies(rows))
        api = load.Api(server.url)
        group = api.control("CreateDatasetGroup", {"name": "titles"})["datasetGroupArn"]
        api.wait("DescribeDatasetGroup", "datasetGroup", group)
        api.call("PUT", "/_trine/bindings/titles", {"dataset_group_arn": "titles"})
    with load.serving(context.binary, folder, options=options) as server, Watch(server) as watch:
        senders = Senders(server.url)
        question = json.dumps({"index": "titles", "question": "white ceiling fan"}).encode()
        until, idle = time.monotonic() + 240, False
        while time.monotonic() < until and not idle:
            senders.send("POST", "/_trine/ask", question)
            idle = is_idle(server.pid)
    return {"titles": len(rows), **watch.results(), **senders.results(), "log": last_warning(server)}


def is_idle(pid):
    """Whether the process uses nearly no processor time for two seconds: the work in the background has ended."""
    def ticks():
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    before = ticks()
    time.sleep(2)
    return ticks() - before < 10


def last_warning(server):
    lines = [line for line in server.output().splitlines() if "warning" in line.lower() or "memory" in line]
    return lines[-1] if lines else ""


def training(context, server):
    """Imports the purchases of a shop and trains on them."""
    senders = Senders(server.url)
    with load.temporary_folder() as folder, Watch(server) as watch:
        failure = ""
        try:
            recommend_bench.import_retail(context, folder, .1 if context.quick else 1.0, server.url)
        except RuntimeError as error:
            failure = str(error)
    return {**watch.results(), **senders.results(), "failure": failure}


LOADS = {"clients that never read": silent_clients, "documents with 200,000 values": long_documents, "writes of 80 MB": large_writes,
         "bulk requests": bulk_requests, "training": training}


def overload(context):
    results = {}
    for name, run in LOADS.items():
        with load.temporary_folder() as folder, load.serving(context.binary, folder, options=["--memory-limit", str(LIMIT)]) as server:
            results[name] = run(context, server)
            print(f"  {name}: {json.dumps(results[name], ensure_ascii=False)}", flush=True)
    with load.temporary_folder() as folder:
        results["the words of a catalogue"] = catalogue_words(context, folder)
    worst = max(result["memory_ratio"] for result in results.values())
    results["worst_memory_ratio"] = worst
    context.record("overload", f"--memory-limit {LIMIT}: each load on a fresh server", "none", results)


if __name__ == "__main__":
    print(json.dumps(probe(sys.argv[1])))
