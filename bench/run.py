#!/usr/bin/env python3
"""Measures, prints, and appends a line for each bench to history.jsonl. `./dev bench [NAME ...]` runs this.

    bench/run.py --trine build/release/trine              every bench
    bench/run.py --trine build/release/trine match ask    these
    --no-peer    without the OpenSearch node      --no-history    prints only
"""

import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import data_sets  # noqa: E402
import record  # noqa: E402
import recommend_bench  # noqa: E402
import search_bench  # noqa: E402

BENCHES = {"startup": recommend_bench.startup, "event": recommend_bench.event, "retail": recommend_bench.retail, "bulk": search_bench.bulk,
           "match": search_bench.match, "rerank": recommend_bench.rerank, "ask": recommend_bench.ask}


class Context:
    """What a bench is given. The peer is started when first wanted, by the bench itself."""

    def __init__(self, binary, peer, history):
        self.binary, self._peer, self._history = binary, peer, history
        self.python = sys.executable

    def peer(self):
        return search_bench.peer_or_nothing(self._peer)

    def keep(self, bench, data, warm_up, results):
        print(f"\n{bench}: {data}; warm-up: {warm_up}")
        for name, value in results.items():
            print(f"  {name}: {json.dumps(value, ensure_ascii=False)}", flush=True)
        if self._history:
            record.keep(self.binary, bench, data, warm_up, results)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of " + ", ".join(BENCHES))
    parser.add_argument("--trine", default="build/release/trine", type=pathlib.Path)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--no-history", action="store_true")
    args = parser.parse_args()
    unknown = [name for name in args.names if name not in BENCHES]
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    context = Context(args.trine.resolve(), not args.no_peer, not args.no_history)
    failed = []
    for name in args.names or BENCHES:
        try:
            BENCHES[name](context)
        except data_sets.Missing as missing:
            print(f"\n{name}: skipped: {missing}", flush=True)
        except Exception as error:  # one bench that breaks must not hide the others
            print(f"\n{name}: FAILED: {error}", file=sys.stderr, flush=True)
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
