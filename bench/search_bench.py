"""The benchmarks `bulk` and `match` on product titles, side by side with an OpenSearch node where one can be started."""

import json
import threading
import time

import data_sets
import load

INDEX = {"settings": {"index": {"number_of_shards": 1, "number_of_replicas": 0}},
         "mappings": {"properties": {"title": {"type": "text"}, "brand": {"type": "keyword"}}}}
BULK = 1000


def bulk_bodies(rows):
    bodies = []
    for begin in range(0, len(rows), BULK):
        lines = []
        for name, title in rows[begin:begin + BULK]:
            lines += [json.dumps({"index": {"_id": name}}), json.dumps({"title": title, "brand": title.split()[0]}, ensure_ascii=False)]
        bodies.append(("\n".join(lines) + "\n").encode())
    return bodies


def fill(url, index, bodies, connections=2):
    """Returns the seconds until every document is acknowledged (fsynced), and until every document can be searched."""
    api = load.Api(url)
    api.call("PUT", f"/{index}", INDEX)
    began = time.monotonic()
    todo, lock, failures = list(bodies), threading.Lock(), []

    def send():
        mine = load.Api(url)
        try:
            while True:
                with lock:
                    if not todo:
                        return
                    body = todo.pop()
                if mine.call("POST", f"/{index}/_bulk", body, {"Content-Type": "application/x-ndjson"})["errors"]:
                    raise RuntimeError("a document was rejected")
        except Exception as error:  # raised again by the thread that joins
            failures.append(error)

    threads = [threading.Thread(target=send) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    acknowledged = time.monotonic() - began
    api.call("POST", f"/{index}/_refresh")
    return acknowledged, time.monotonic() - began


def fill_and_drop(url, bodies, documents):
    """Fills a fresh index, drops it, and returns the documents indexed per second."""
    seconds, _ = fill(url, "titles", bodies)
    load.Api(url).call("DELETE", "/titles")
    return round(documents / seconds)


def bulk(context):
    results = {}
    for share in (.1, 1.0):
        rows = data_sets.titles(share)
        bodies = bulk_bodies(rows)
        with load.temporary_folder() as folder, load.serving(context.binary, folder) as server, context.peer() as peer:
            servers = {"trine": server} | ({"opensearch 3.1": peer} if peer else {})
            before = {name: load.memory_mb(one.pid)[0] for name, one in servers.items()}
            for _ in range(4):
                for one in servers.values():
                    fill_and_drop(one.url, bodies, len(rows))
            rates = {name: [] for name in servers}
            for _ in range(context.rounds(5)):
                for name, one in servers.items():
                    rates[name].append(fill_and_drop(one.url, bodies, len(rows)))
            for name, one in servers.items():
                fill(one.url, "kept", bodies)
                now, most = load.memory_mb(one.pid)
                results[f"{name}, {len(rows)} documents"] = {"documents_a_second": sorted(rates[name])[len(rates[name]) // 2], "runs": rates[name], "rss_mb": now,
                                                             "rss_mb_before": before[name], "rss_mb_most": most}
            if peer:
                ratios = sorted(round(a / b, 2) for a, b in zip(*rates.values()))
                results[f"ratio, {len(rows)} documents"] = {"middle": ratios[len(ratios) // 2], "least": ratios[0], "most": ratios[-1]}
    context.record("bulk", "home-improvement titles, 10 % and all; 2 connections, 1,000 documents per call, one fsync per call", "4 fills", results)


def match_requests(folder, index):
    requests = []
    for text in data_sets.queries():
        requests.append(("POST", f"/{index}/_search", {"query": {"match": {"title": text}}, "size": 10, "_source": False}))
    return load.write_requests(folder / f"{index}.txt", requests)


def match(context):
    results = {}
    with load.temporary_folder() as folder, load.serving(context.binary, folder) as server, context.peer() as peer:
        for index, share in (("tenth", .1), ("titles", 1.0)):
            bodies = bulk_bodies(data_sets.titles(share))
            fill(server.url, index, bodies)
            if peer:
                fill(peer.url, index, bodies)
        for index in ("tenth", "titles"):
            requests = match_requests(folder, index)
            for connections in (1, 8):
                runs = {"trine": lambda: load.run_wrk(server.url, requests, context.seconds(4), connections)}
                if peer:
                    runs["opensearch 3.1"] = lambda: load.run_wrk(peer.url, requests, context.seconds(4), connections)
                each, ratios = load.side_by_side(runs, context.rounds(3))
                results[f"{index}, {connections} connections"] = {**each, "ratio_of_p50": ratios}
        results["rss_mb"] = load.memory_mb(server.pid)[0]
    context.record("match", "home-improvement titles, 10 % (tenth) and all (titles); 2,000 shoppers' queries, top 10, microseconds", "one run of 4 s", results)
