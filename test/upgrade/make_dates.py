#!/usr/bin/env python3
"""Writes a small data directory with date values that later releases refuse, and what the release answers for them.

    make_dates.py BINARY VERSION      -> test/data/directories/dates/VERSION.tar.gz and VERSION.json

Each field of the index `dates` has a format of its own; each document has one value, which the release accepted. The document `late` has a
value that does not fit a field which was mapped after the document was stored. All documents are in the write-ahead log only, so they are
indexed when the directory is opened.
"""
import json
import pathlib
import sys
import tarfile
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "examples" / "programs"), str(pathlib.Path(__file__).parent)]
import local_server  # noqa: E402
from make_directory import OUT, without_traces  # noqa: E402

VALUES = {
    "standard": ("", ["2024-05-01T24:00", "2024-05-01T24:00:00Z", "2024-05-01T24", "2024-05-01T24:00:00.000+09:00", "9999-12-31T24:00", "1e3",
                      ".5", "2024-05-01"]),
    "blank": ("yyyy-MM-dd HH:mm", ["2024-05-01 24:00", "2024-05-01 23:59"]),
    "hours": ("HH:mm", ["24:00"]),
    "seconds": ("epoch_second", ["1.7e9", ".5", 1700000000]),
    "lenient": ("date_optional_time", ["2024-5-1T24:0"]),
    "letters": ("y-M-d", ["0-1-1"]),
    "time": ("date_time", ["2024-05-01T24:00:00Z"]),
    "basic": ("basic_date_time_no_millis", ["20240501T240000Z"]),
    "zone": ("yyyy-MM-dd HH:mm z", ["2024-05-01 24:00 UTC"]),
    "fraction": ("yyyy-MM-dd HH:mm:ss.SSS||yyyy", ["2024-05-01 24:00:00.000"]),
    "minute": ("date_hour_minute", ["2024-05-01T24:00"]),
    "hour": ("date_hour", ["2024-05-01T24"]),
}


def send(url, method, path, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def answers(url):
    """For each field the documents in order, with their sources and their times in milliseconds; and the number of all documents."""
    found = {"count": send(url, "GET", "/dates/_count")["count"]}
    for field in VALUES:
        body = {"query": {"exists": {"field": field}}, "sort": [field, "n"], "size": 100}
        found[field] = [[hit["_id"], hit["_source"], hit["sort"]] for hit in send(url, "POST", "/dates/_search", body)["hits"]["hits"]]
    return found


def fill(url):
    fields = {name: {"type": "date", **({"format": format_} if format_ else {})} for name, (format_, _) in VALUES.items()}
    send(url, "PUT", "/dates", {"mappings": {"dynamic": False, "properties": {"n": {"type": "integer"}, **fields}}})
    number = 0
    for name, (_, values) in VALUES.items():
        for value in values:
            send(url, "PUT", f"/dates/_doc/{name}-{number}", {name: value, "n": number})
            number += 1
    send(url, "PUT", "/dates/_doc/late", {"n": number, "added": "no date at all"})
    send(url, "PUT", "/dates/_mapping", {"properties": {"added": {"type": "date"}}})
    send(url, "POST", "/dates/_refresh")


def main():
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    binary, version = sys.argv[1:]
    (OUT / "dates").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data"
        server = local_server.LocalServer(binary, data)
        try:
            fill(server.url)
            found = answers(server.url)
        finally:
            server.process.kill()  # without a shutdown, so that no index file is written
            server.process.wait()
        with tarfile.open(OUT / "dates" / f"{version}.tar.gz", "w:gz") as archive:
            archive.add(data, arcname="data", filter=without_traces)
    (OUT / "dates" / f"{version}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
