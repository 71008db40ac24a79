"""What the server knows about an index does not outlive it: a shop that makes a new index every night must not collect them."""

import re
import time

from server_fixtures import Connection, local_server


def fill(connection, name):
    lines = "".join(f'{{"index":{{}}}}\n{{"title":"folding chair{n % 50} model{n}"}}\n' for n in range(100))
    assert connection.request("POST", f"/{name}/_bulk?refresh=true", lines, {"Content-Type": "application/x-ndjson"})[0] == 200
    assert connection.json("POST", "/_trine/prepare", {"index": name})[0] == 200


def test_vectors_of_dropped_indexes_are_removed(binary, tmp_path):
    running = local_server.LocalServer(binary, tmp_path / "data", log=tmp_path / "server.log")
    connection = Connection(running.url)
    derived = tmp_path / "data" / "derived"
    for night in range(3):
        fill(connection, f"products{night}")
        if night > 0:
            assert connection.request("DELETE", f"/products{night - 1}")[0] == 200
    assert len(list(derived.glob("vectors-*"))) <= 3
    fill(connection, "products2")  # the next build looks for those that were dropped
    until = time.monotonic() + 30
    while len(list(derived.glob("vectors-*"))) > 1 and time.monotonic() < until:
        time.sleep(.05)
    assert len(list(derived.glob("vectors-*"))) == 1
    status, body = connection.json("POST", "/_trine/ask", {"index": "products2", "question": "folding chair7"})
    assert status == 200 and body["items"]
    assert running.stop() == 0, running.output()[-3000:]


def test_metrics_show_the_memory_of_stored_data(binary, tmp_path):
    running = local_server.LocalServer(binary, tmp_path / "data", log=tmp_path / "server.log")
    connection = Connection(running.url)
    lines = "".join(f'{{"index":{{}}}}\n{{"title":"chair {n}"}}\n' for n in range(500))
    assert connection.request("POST", "/products/_bulk?refresh=true", lines, {"Content-Type": "application/x-ndjson"})[0] == 200
    text = connection.request("GET", "/_trine/metrics")[2]
    found = dict(re.findall(r'^trine_memory_held_bytes\{kind="(\w+)"\} (\S+)$', text, re.MULTILINE))
    assert set(found) == {"memtables", "block_cache", "table_readers", "index_rows"}
    assert float(found["memtables"]) > 10_000 and float(found["index_rows"]) > 1000
    assert float(re.search(r"^trine_index_segments (\S+)$", text, re.MULTILINE).group(1)) >= 1
    assert float(re.search(r"^trine_store_merge_backlog_bytes (\S+)$", text, re.MULTILINE).group(1)) >= 0
    assert running.stop() == 0, running.output()[-3000:]
