#!/usr/bin/env python3
"""Compares two trine binaries: runs the same benchmarks with both, in turn, and prints the ratio of each figure.

    bench/compare.py --before OLD/trine --after NEW/trine [--pairs 10] [--quick] [NAME ...]

A pair is one run with each binary; the order alternates from pair to pair. For each figure the program prints the geometric
mean of after / before over the pairs (rates are inverted, so that above 1 always means worse) with its 95 % interval
(Student's t on the logarithms). `--quick` shortens each run, not the number of pairs. A figure is marked SLOWER when the whole interval lies above 1.03. Exit status 1 if any is.
Run it on an idle machine.
"""

import argparse
import json
import math
import pathlib
import re
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run  # noqa: E402

SLOWER_ABOVE = 1.03
# Two-sided 95 % quantiles of Student's t by degrees of freedom; the last one also serves larger numbers.
T95 = [None, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09]
RATE = re.compile(r"qps$|_(a|per)_second$")
COST = re.compile(r"(^|_)(ms|us|seconds|mb|p50|p90|p99)(_|$)")  # times and memory


class Collector(run.Context):
    """A context that keeps the figures in place of printing them."""

    def __init__(self, binary, quick):
        super().__init__(binary, peer=False, history=False, quick=quick)
        self.figures = {}

    def record(self, bench, data, warm_up, results):
        for path, value in leaves(results, bench):
            self.figures[path] = value


def leaves(value, path):
    """(path, number) of each number in nested results."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from leaves(member, f"{path}/{key}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, float(value)


def kind(path):
    """"rate", "cost" or None, by the last part of the path that tells: `ask_us/qps` is a rate, `stage_ms_middle/fuse` a cost."""
    for part in reversed(path.split("/")[1:]):
        if RATE.search(part):
            return "rate"
        if COST.search(part):
            return "cost"
    return None


def slowness(path, before, after):
    """after / before, inverted for rates, so that above 1 is worse."""
    return before / after if kind(path) == "rate" else after / before


def interval(ratios):
    """(geometric mean, low, high) of at least two ratios."""
    logs = [math.log(ratio) for ratio in ratios]
    mean = statistics.fmean(logs)
    half = T95[min(len(logs) - 1, len(T95) - 1)] * statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half)


def compare(before, after, benches, pairs, quick):
    """Runs each of {name: function} `pairs` times with both binaries and prints the ratios. Returns the paths of the slower figures."""
    slower = []
    for name, bench in benches.items():
        ratios = {}
        medians = {}
        skipped = set()
        for pair in range(pairs):
            found = {}
            for side, binary in [("before", before), ("after", after)][::1 if pair % 2 == 0 else -1]:
                collector = Collector(binary, quick)
                bench(collector)
                found[side] = collector.figures
            skipped |= found["before"].keys() ^ found["after"].keys()
            for path in found["before"].keys() & found["after"].keys():
                old, new = found["before"][path], found["after"][path]
                if kind(path) is None or old <= 0 or new <= 0:
                    skipped.add(path)
                    continue
                ratios.setdefault(path, []).append(slowness(path, old, new))
                medians.setdefault(path, []).append((old, new))
        print(f"\n{name}, {pairs} pairs: after / before (above 1 is slower), 95 % interval, medians")
        for path in sorted(ratios):
            if len(ratios[path]) < 2:
                skipped.add(path)
                continue
            mean, low, high = interval(ratios[path])
            mark = "  SLOWER" if low > SLOWER_ABOVE else ""
            old, new = (statistics.median(values) for values in zip(*medians[path]))
            print(f"  {path:60} {mean:6.3f}  {low:.3f} .. {high:.3f}  {old:g} -> {new:g}{mark}", flush=True)
            if mark:
                slower.append(path)
        if skipped:
            print("  not compared in every pair (no time, rate or memory, not positive, or missing on one side): " + ", ".join(sorted(skipped)))
    return slower


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="one of " + ", ".join(run.BENCHES))
    parser.add_argument("--before", required=True, type=pathlib.Path)
    parser.add_argument("--after", required=True, type=pathlib.Path)
    parser.add_argument("--pairs", default=10, type=int)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    if args.pairs < 2:
        parser.error("--pairs must be at least 2")
    unknown = [name for name in args.names if name not in run.BENCHES]
    if unknown:
        parser.error(f"unknown benchmark {', '.join(unknown)}: expected one of {', '.join(run.BENCHES)}")
    benches = {name: run.BENCHES[name] for name in args.names or run.BENCHES}
    slower = compare(args.before.resolve(), args.after.resolve(), benches, args.pairs, args.quick)
    print("\nslower: " + (json.dumps(slower, ensure_ascii=False) if slower else "none"))
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
