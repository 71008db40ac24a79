"""Work that does not fit into memory is refused with status 429 and names its size; the server goes on. The bounds are checked by the
server's own counters, not by the size of the process."""

import json
import re
import socket
import threading
import time
import urllib.parse

import pytest
from server_fixtures import Connection, local_server

LIMIT = 64 << 20
SHARE = LIMIT // 4


@pytest.fixture
def small(binary, tmp_path):
    running = local_server.LocalServer(binary, tmp_path / "data", options=["--memory-limit", str(LIMIT)], log=tmp_path / "server.log")
    yield running
    assert running.stop() == 0, running.output()[-3000:]


def counter(connection, name, kind):
    status, _, text = connection.request("GET", "/_trine/metrics")
    assert status == 200
    found = re.search(rf'^{name}{{kind="{kind}"}} (\S+)$', text, re.MULTILINE)
    return float(found.group(1)) if found else None


def expect_refusal(status, text, purpose, share=SHARE):
    assert status == 429, text[:500]
    error = json.loads(text)["error"]
    assert error["type"] == "circuit_breaking_exception"
    assert error["reason"].startswith(f"[{purpose}] Data too large, data for [<http_request>] would be [")
    assert error["bytes_limit"] == share
    assert error["bytes_wanted"] > share
    return error


def test_a_body_that_does_not_fit_is_refused(small):
    connection = Connection(small.url)
    body = '{"n":[' + "1," * 10_000_000 + "1]}"
    status, headers, text = connection.request("PUT", "/numbers/_doc/1", body)
    error = expect_refusal(status, text, "requests")
    assert error["durability"] == "PERMANENT"
    connection = Connection(small.url)
    assert counter(connection, "trine_memory_reserved_bytes", "requests") in (0, None)
    status, _, text = connection.request("PUT", "/numbers/_doc/1", '{"n":[' + "1," * 500_000 + "1]}")
    assert expect_refusal(status, text, "handling", LIMIT // 8 * 3)["durability"] == "PERMANENT"
    assert counter(connection, "trine_memory_refused_total", "handling") >= 1
    assert connection.request("PUT", "/numbers/_doc/1", '{"n":[1,2,3]}')[0] == 201


def test_bulks_that_fit_one_after_the_other_are_all_accepted(small):
    """Eight bodies of 1.5 MB, each of which takes more than half of the memory for handling."""
    statuses = []

    def send(client):
        lines = "".join(f'{{"index":{{"_id":"{client}-{n}"}}}}\n{{"text":"{"word " * 20}","n":{n}}}\n' for n in range(3000))
        status, _, text = Connection(small.url).request("POST", "/many/_bulk", lines, {"Content-Type": "application/x-ndjson"})
        statuses.append((status, status == 200 and json.loads(text)["errors"]))

    senders = [threading.Thread(target=send, args=(client,)) for client in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert statuses == [(200, False)] * 8
    connection = Connection(small.url)
    connection.request("POST", "/many/_refresh")
    assert json.loads(connection.request("GET", "/many/_count")[2])["count"] == 24_000
    assert counter(connection, "trine_memory_refused_total", "handling") in (0, None)
    assert counter(connection, "trine_memory_reserved_bytes", "handling") == 0


def test_the_lag_of_the_event_loop_is_measured(small):
    connection = Connection(small.url)
    for _ in range(200):
        text = connection.request("GET", "/_trine/metrics")[2]
        if float(re.search(r"^trine_http_loop_lag_seconds_count (\S+)$", text, re.MULTILINE).group(1)) >= 2:
            return
        time.sleep(.05)
    raise AssertionError("the timer does not run")


def test_a_page_that_does_not_fit_is_refused(small):
    connection = Connection(small.url)
    for begin in range(0, 2000, 200):
        lines = "".join(f'{{"index":{{"_id":"{n}"}}}}\n{{"text":"{"x" * 4000}"}}\n' for n in range(begin, begin + 200))
        assert connection.request("POST", "/pages/_bulk", lines, {"Content-Type": "application/x-ndjson"})[0] == 200
    connection.request("POST", "/pages/_refresh")
    status, _, text = connection.request("GET", "/pages/_search?size=2000")
    expect_refusal(status, text, "answers")
    ids = json.dumps({"ids": [str(n) for n in range(2000)]})
    status, _, text = connection.request("POST", "/pages/_mget", ids)
    expect_refusal(status, text, "answers")
    assert connection.request("GET", "/pages/_search?size=1000")[0] == 200
    assert counter(connection, "trine_memory_reserved_bytes", "answers") == 0
    # An answer of 4 MB fits, but not its values together with a second text.
    status, _, text = connection.request("GET", "/pages/_search?size=1000&filter_path=hits.hits._id")
    expect_refusal(status, text, "answers")
    status, _, text = connection.request("GET", "/pages/_search?size=1000&pretty")
    assert status == 200 and not text.startswith("{\n"), "without memory the answer is not indented"
    status, _, text = connection.request("GET", "/pages/_search?size=100&pretty&filter_path=hits.hits._id")
    assert status == 200 and text.startswith("{\n") and len(json.loads(text)["hits"]["hits"]) == 100
    assert counter(connection, "trine_memory_reserved_bytes", "answers") == 0


def test_clients_that_never_read_do_not_take_the_memory_of_others(small):
    connection = Connection(small.url)
    for begin in range(0, 1250, 125):
        lines = "".join(f'{{"index":{{}}}}\n{{"text":"{"x" * 4000}"}}\n' for _ in range(125))
        assert connection.request("POST", "/large/_bulk", lines, {"Content-Type": "application/x-ndjson"})[0] == 200, begin
    connection.request("POST", "/large/_refresh")
    parts = urllib.parse.urlsplit(small.url)
    silent = []
    for _ in range(24):
        client = socket.create_connection((parts.hostname, parts.port))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /large/_search?size=1250 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        silent.append(client)
    refused, until = False, time.monotonic() + 60
    while not refused and time.monotonic() < until:
        status, _, text = connection.request("GET", "/large/_search?size=1250")
        if status == 429:
            error = json.loads(text)["error"]
            assert error["type"] == "circuit_breaking_exception" or error["root_cause"][0]["type"] == "circuit_breaking_exception"
            refused = True
        assert connection.request("GET", "/large/_search?size=1")[0] == 200
        assert (counter(connection, "trine_memory_reserved_bytes", "answers") or 0) <= SHARE
    assert refused, "the answers fitted into the buffers of the sockets"
    for client in silent:
        client.close()


def test_a_failed_allocation_does_not_end_the_process(binary, tmp_path):
    limited = tmp_path / "limited"
    limited.write_text(f'#!/bin/sh\nulimit -v 1048576\nexec "{binary}" "$@"\n')
    limited.chmod(0o755)
    running = local_server.LocalServer(limited, tmp_path / "data", log=tmp_path / "server.log")
    body = '{"n":[' + "1," * (40 << 20) + "1]}"
    for _ in range(2):
        try:
            status, _, text = Connection(running.url).request("PUT", "/numbers/_doc/1", body)
            assert status == 429, text[:500]
        except OSError:
            pass  # the server closes a connection whose body it refuses
    assert Connection(running.url).request("PUT", "/numbers/_doc/1", '{"n":[1,2,3]}')[0] == 201
    assert running.stop() == 0, running.output()[-3000:]
