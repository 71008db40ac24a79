#!/usr/bin/env python3
"""Runs benchmarks, prints their results and, when the working tree is clean, appends them to history.jsonl.

    bench/run.py --trine build/release/trine              runs every benchmark
    bench/run.py --trine build/release/trine match ask    runs the named ones
    --no-peer       does not start the OpenSearch node
    --no-history    only prints
    --quick         shorter loads and one repetition; never recorded

`./dev bench [NAME ...]` builds the release binary and calls this program.
"""

import argparse
import contextlib
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import data_sets  # noqa: E402
import overload_bench  # noqa: E402
import record  # noqa: E402
import recommend_bench  # noqa: E402
import search_bench  # noqa: E402
from peers.opensearch import node as opensearch  # noqa: E402

BENCHES = {"startup": recommend_bench.startup, "event": recommend_bench.event, "retail": recommend_bench.retail, "bulk": search_bench.bulk,
           "match": search_bench.match, "rerank": recommend_bench.rerank, "ask": recommend_bench.ask, "overload": overload_bench.overload}


class Context:
    """The arguments of a benchmark. A benchmark starts the peer itself, with `peer()`, when it needs one."""

    def __init__(self, binary, peer, history, quick=False):
        self.binary, self._peer, self._history, self.quick = binary, peer, history, quick
        self.python = sys.executable

    def seconds(self, full):
        """The length of a load, in whole seconds: `full`, or about a third of it, but at least 2, in a quick run."""
        return max(2, round(full * .35)) if self.quick else full

    def rounds(self, full):
        """The number of repetitions: `full`, or one in a quick run."""
        return 1 if self.quick else full

    def peer(self):
        return opensearch.running() if self._peer else contextlib.nullcontext()

    def record(self, bench, data, warm_up, results):
        print(f"\n{bench}: {data}; warm-up: {warm_up}")
        for name, value in results.items():
            print(f"  {name}: {json.dumps(value, ensure_ascii=False)}", flush=True)
        if self._history and not record.append(self.binary, bench, data, warm_up, results):
            print(f"  not recorded: the working tree has uncommitted changes, and {record.HISTORY.name} holds clean commits only", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="one of " + ", ".join(BENCHES))
    parser.add_argument("--trine", default="build/release/trine", type=pathlib.Path)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--no-history", action="store_true")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    unknown = [name for name in args.names if name not in BENCHES]
    if unknown:
        parser.error(f"unknown benchmark {', '.join(unknown)}: expected one of {', '.join(BENCHES)}")
    context = Context(args.trine.resolve(), not args.no_peer, not args.no_history and not args.quick, args.quick)
    failed = []
    for name in args.names or BENCHES:
        try:
            BENCHES[name](context)
        except data_sets.Missing as missing:
            print(f"\n{name}: skipped: {missing}", flush=True)
        except Exception as error:  # a benchmark that fails must not prevent the others
            print(f"\n{name}: FAILED: {error}", file=sys.stderr, flush=True)
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
