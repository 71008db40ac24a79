#!/usr/bin/env python3
"""Writes a small data directory with values that later releases store in another way, or no longer accept.

    make_values.py BINARY VERSION      -> test/data/directories/values/VERSION.tar.gz

The index `old` has an unsigned_long field, whose numbers 0.1.0 rounded in its segments (format version 01), and documents with
repeated keys and with members that are named like metadata fields. One part of them is flushed, the rest is in the write-ahead log.
"""
import pathlib
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "examples" / "programs"), str(pathlib.Path(__file__).parent)]
import local_server  # noqa: E402
from make_directory import OUT, without_traces  # noqa: E402

MAPPING = '{"mappings":{"properties":{"big":{"type":"unsigned_long"},"tag":{"type":"keyword"},"size":{"type":"integer"}}}}'
FLUSHED = ['{"big":18446744073709551614,"tag":"even"}', '{"big":18446744073709551615,"tag":"odd"}', '{"tag":"first","tag":"second"}',
           '{"tag":"named","_routing":"r","_source":{"a":1}}', '{"big":9223372036854775809,"tag":"middle"}', '{"tag":"deleted"}']
LOGGED = ['{"big":9223372036854775808,"tag":"half"}', '{"tag":"third","tag":"fourth","_version":7}']


def fill(server):
    import urllib.request

    def send(method, path, body=None):
        request = urllib.request.Request(server.url + path, body.encode() if body else None, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    send("PUT", "/old", MAPPING)
    for number, source in enumerate(FLUSHED):
        send("PUT", f"/old/_doc/{number}", source)
        if number == 2:
            send("POST", "/old/_flush")
    send("POST", "/old/_flush")
    for number, source in enumerate(LOGGED, len(FLUSHED)):
        send("PUT", f"/old/_doc/{number}", source)
    send("DELETE", "/old/_doc/5")


def main():
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    binary, version = sys.argv[1:]
    (OUT / "values").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data"
        server = local_server.LocalServer(binary, data)
        try:
            fill(server)
        finally:
            server.process.kill()  # without a shutdown, so that the write-ahead log is part of the sample
            server.process.wait()
        with tarfile.open(OUT / "values" / f"{version}.tar.gz", "w:gz") as archive:
            archive.add(data, arcname="data", filter=without_traces)
    return 0


if __name__ == "__main__":
    sys.exit(main())
