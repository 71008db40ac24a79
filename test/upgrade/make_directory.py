#!/usr/bin/env python3
"""Writes the sample data directory of a release and the answers it gives.

    make_directory.py BINARY VERSION      -> test/data/directories/VERSION.tar.gz and VERSION.json

The data are small but use each kind of fact: documents in flushed segments and in the write-ahead log, a delete and an
update, a mapping, an alias, a search pipeline with a hybrid query, a binding, events, users, a trained model.
"""
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "examples" / "programs"), str(pathlib.Path(__file__).parent)]
import local_server  # noqa: E402
import checked_requests as checked  # noqa: E402

OUT = ROOT / "test/data/directories"
TITLES = ["가벼운 캠핑 체어", "접이식 캠핑 의자", "경량 백패킹 체어 light chair", "캠핑 테이블", "무선 이어폰", "충전 케이블", "겨울 침낭", "텐트 4인용",
          "camping chair, folding", "steel mug", "단종된 랜턴", "LED 랜턴"]
MAPPING = {"mappings": {"properties": {
    "title": {"type": "text", "fields": {"raw": {"type": "keyword"}}}, "brand": {"type": "keyword"}, "price": {"type": "integer"},
    "category": {"type": "keyword"}, "created": {"type": "date"}, "rating": {"type": "double"},
    "embedding": {"type": "knn_vector", "dimension": 4}}}}


def product(number):
    return {"product_id": f"p{number}", "title": TITLES[number], "brand": ["Helinox", "Snow Peak", "Anker"][number % 3],
            "price": 10000 + 7000 * number, "category": ["chair", "chair", "chair", "table", "audio", "audio", "bag", "tent", "chair", "mug",
                                                         "light", "light"][number],
            "created": f"2026-0{1 + number % 9}-15T00:00:00Z", "rating": 3 + number % 5 / 4, "embedding": [number % 2, 1, number % 3, .5]}


def fill(server):
    def send(method, path, body):
        status, answer = checked.send(server.url, method, path, body)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer}")

    send("PUT", "/products", MAPPING)
    for number in range(12):
        send("PUT", f"/products/_doc/p{number}", product(number))
    send("DELETE", "/products/_doc/p10", None)
    send("POST", "/products/_flush", None)
    send("PUT", "/products/_doc/p3", {**product(3), "price": 45000})
    send("DELETE", "/products/_doc/p11", None)
    send("POST", "/_aliases", {"actions": [{"add": {"index": "products", "alias": "goods"}}]})
    send("PUT", "/_search/pipeline/join", {"phase_results_processors": [{"normalization-processor": {
        "normalization": {"technique": "l2"}, "combination": {"technique": "harmonic_mean", "parameters": {"weights": [.7, .3]}}}}]})
    send("POST", "/_trine/users", {"dataset_group": "shop", "create": True,
                                   "users": [{"id": f"u{n}", "attributes": {"AGE": 20 + n}} for n in range(20)]})
    send("PUT", "/_trine/bindings/products", {"dataset_group_arn": "shop", "item_id_field": "product_id"})
    events = [{"user_id": f"u{user}", "item_id": f"p{(user + 3 * step) % 10}", "event_type": ["View", "Purchase"][step % 2],
               "timestamp": 1764000000 + 3600 * (40 * user + step)} for user in range(20) for step in range(6)]
    send("POST", "/_trine/events", {"dataset_group": "shop", "events": events})


def without_traces(member):
    """Leaves out RocksDB's log and option files, which carry paths of the machine and are not needed to open."""
    name = pathlib.PurePath(member.name).name
    if name == "LOG" or name.startswith(("LOG.old", "OPTIONS-")) or name == "LOCK":
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def main():
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    binary, version = sys.argv[1:]
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data"
        server = local_server.LocalServer(binary, data)
        try:
            fill(server)
            subprocess.run([binary, "train", "--solution", "for-you", "--group", "shop", "--campaign", "now", "--url", server.url], check=True)
        finally:
            server.process.kill()  # without a shutdown, so that the write-ahead log is part of the sample
            server.process.wait()
        with tarfile.open(OUT / f"{version}.tar.gz", "w:gz") as archive:
            archive.add(data, arcname="data", filter=without_traces)
        # The release opens its own directory again: its answers after recovery are the expected ones.
        server = local_server.LocalServer(binary, data)
        try:
            found = checked.answers(server.url)
        finally:
            server.stop()
    (OUT / f"{version}.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{OUT / version}.tar.gz: {(OUT / f'{version}.tar.gz').stat().st_size} bytes, {len(found)} answers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
