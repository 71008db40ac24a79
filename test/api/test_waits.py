"""Requests that wait hold no thread: others are answered at once, and signs of life always are."""

import concurrent.futures
import json
import socket
import time
import urllib.parse

import pytest
from server_fixtures import Connection, local_server


@pytest.fixture(scope="module")
def small_server(binary, tmp_path_factory):
    """A server with one thread for each class of requests."""
    folder = tmp_path_factory.mktemp("waits")
    running = local_server.LocalServer(binary, folder / "data", log=folder / "server.log", options=["--threads", "1"])
    c = Connection(running.url)
    assert c.json("POST", "/_trine/events", event(0))[0] == 200
    yield running
    assert running.stop() == 0, running.output()[-3000:]


def event(number):
    return {"dataset_group": "shop", "create": True, "events": [{"user_id": "u", "item_id": f"i{number}", "event_type": "View"}]}


def seconds(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_forty_writers_that_wait_for_a_refresh_delay_nobody(small_server):
    def write(number):
        c = Connection(small_server.url)
        answer = c.json("PUT", f"/waits/_doc/{number}?refresh=wait_for", {"n": number})
        found = c.json("POST", "/waits/_search", {"query": {"ids": {"values": [str(number)]}}})[1]
        return answer, found["hits"]["total"]["value"]

    other = Connection(small_server.url)
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        began = time.monotonic()
        writers = [pool.submit(write, number) for number in range(40)]
        slowest = 0
        for number in range(1, 20):
            slowest = max(slowest, seconds(lambda: other.json("POST", "/_trine/events", event(number))))
            time.sleep(.02)
        outcomes = [writer.result() for writer in writers]
        took = time.monotonic() - began
    for (status, body), found in outcomes:
        assert status == 201 and "forced_refresh" not in body and found == 1, body
    assert slowest < .9, f"an unrelated event waited {slowest:.2f} s"
    assert took < 8, f"forty writers took {took:.2f} s: they waited one after the other"


def test_bulk_and_update_wait_too(small_server):
    c = Connection(small_server.url)
    lines = "".join(f'{{"index":{{"_index":"{index}","_id":"1"}}}}\n{{"n":1}}\n' for index in ("bulk-a", "bulk-b"))
    status, _, answer = c.request("POST", "/_bulk?refresh=wait_for", lines, {"Content-Type": "application/x-ndjson"})
    assert status == 200 and not json.loads(answer)["errors"]
    for index in ("bulk-a", "bulk-b"):
        assert c.json("GET", f"/{index}/_count")[1]["count"] == 1
    assert c.json("POST", "/bulk-a/_update/1?refresh=wait_for", {"doc": {"n": 2}})[0] == 200
    assert c.json("POST", "/bulk-a/_search", {"query": {"term": {"n": 2}}})[1]["hits"]["total"]["value"] == 1
    # No document was written, so there is nothing to wait for.
    assert seconds(lambda: c.json("DELETE", "/bulk-a/_doc/none?refresh=wait_for")) < 1.5
    # Without a refresh interval, the wait itself forces the refresh.
    assert c.json("PUT", "/never", {"settings": {"refresh_interval": "-1"}})[0] == 200
    assert c.json("PUT", "/never/_doc/1?refresh=wait_for", {"n": 1})[0] == 201
    assert c.json("GET", "/never/_count")[1]["count"] == 1


def test_a_client_that_leaves_while_it_waits_harms_nobody(small_server):
    address = urllib.parse.urlsplit(small_server.url)
    for number in range(20):
        with socket.create_connection((address.hostname, address.port)) as s:
            body = b'{"n":1}'
            s.sendall(b"PUT /left/_doc/%d?refresh=wait_for HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      b"Content-Length: %d\r\n\r\n" % (number, len(body)) + body)
            time.sleep(.01)
    c = Connection(small_server.url)
    assert c.json("POST", "/left/_refresh")[0] == 200
    assert c.json("GET", "/_cluster/health")[0] == 200


def test_prepare_blocks_nobody(small_server):
    c = Connection(small_server.url)
    for name in ("one", "two", "three"):
        lines = "".join(f'{{"index":{{}}}}\n{{"title":"{name} camping chair {n % 700} {"soft light red blue".split()[n % 4]}","price":{n}}}\n' for n in range(4000))
        assert c.request("POST", f"/{name}/_bulk?refresh=true", lines, {"Content-Type": "application/x-ndjson"})[0] == 200

    def prepare(name):
        return Connection(small_server.url).json("POST", "/_trine/prepare", {"index": name})

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        running = [pool.submit(prepare, name) for name in ("one", "two", "three", "one", "two", "three")]
        slowest = {"live": 0, "health": 0, "ready": 0}
        admin = 0
        while not all(one.done() for one in running):
            for name in slowest:
                slowest[name] = max(slowest[name], seconds(lambda: c.json("GET", f"/_trine/{name}")))
            admin = max(admin, seconds(lambda: c.json("GET", "/_cat/indices?format=json")))
        for one in running:
            status, body = one.result()
            assert status == 200 and body["embedder"], body
    assert max(slowest.values()) < 1, slowest
    assert admin < 2, f"an administrative request waited {admin:.2f} s"
    assert c.json("POST", "/_trine/prepare", {"index": "none"})[0] == 404
    status, answer = c.json("POST", "/_trine/ask", {"question": "red chair", "index": "one"})
    assert status == 200 and answer["items"], answer


def test_signs_of_life(small_server):
    c = Connection(small_server.url)
    assert c.json("GET", "/_trine/live") == (200, {"live": True})
    assert c.json("GET", "/_trine/ready") == (200, {"ready": True})
    assert c.json("GET", "/_trine/health")[1]["status"] == "ok"
    status, _, body = c.request("HEAD", "/_trine/live")
    assert (status, body) == (200, "")
    assert c.json("POST", "/_trine/live", {})[0] == 404


def test_silent_connections_of_one_peer_lock_nobody_out(binary, tmp_path):
    running = local_server.LocalServer(binary, tmp_path / "data", log=tmp_path / "server.log", options=["--max-connections", "50"])
    address = urllib.parse.urlsplit(running.url)
    try:
        silent = [socket.create_connection((address.hostname, address.port)) for _ in range(200)]
        for _ in range(20):
            with socket.create_connection((address.hostname, address.port), timeout=5, source_address=("127.0.0.2", 0)) as other:
                other.sendall(b"GET /_trine/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert other.recv(4096).startswith(b"HTTP/1.1 200")
        for one in silent:
            one.close()
        named = [line for line in running.output().splitlines() if "127.0.0.1 holds" in line]
        assert len(named) == 1, named
    finally:
        running.stop()
