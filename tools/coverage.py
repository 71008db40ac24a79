#!/usr/bin/env python3
"""Prints the share of executed lines per floor, from the gcov data of a coverage build.

    tools/coverage.py BUILD [--uncovered]

BUILD is build/coverage after its tests ran (`./dev coverage` does both). --uncovered also lists, for each floor, the
files with the most lines that no test executed. Test files are not counted.
"""
import collections
import concurrent.futures
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile


def executed_lines(data_file, root):
    """{path below src/: {line: executed}} of one translation unit."""
    found = collections.defaultdict(dict)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["gcov", "--json-format", str(data_file)], cwd=folder, check=False, capture_output=True)
        for report in pathlib.Path(folder).glob("*.gcov.json.gz"):
            for file in json.loads(gzip.open(report).read())["files"]:
                parts = file["file"].split("src/", 1) if "/src/" in file["file"] or file["file"].startswith("src/") else None
                if parts is None:  # a header that was reached through the include folder of its floor
                    parts = file["file"].split("include/trine_", 1)
                    if len(parts) < 2:
                        continue
                    parts[1] = parts[1].split("/", 1)[1]
                path = parts[1]
                if path.endswith("_test.cc") or not (root / "src" / path).exists():
                    continue
                for line in file["lines"]:
                    number = line["line_number"]
                    found[path][number] = found[path].get(number, False) or line["count"] > 0
    return found


def floor_of(path, names):
    parts = path.split("/")
    return "/".join(parts[:2]) if "/".join(parts[:2]) in names else parts[0]


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    build = pathlib.Path(sys.argv[1]).resolve()
    root = pathlib.Path(__file__).resolve().parents[1]
    names = [line.split(":")[0] for line in (root / "cmake/floors.txt").read_text().splitlines()
             if line and not line.startswith("#")]
    lines = collections.defaultdict(dict)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for found in pool.map(lambda f: executed_lines(f, root), sorted(build.rglob("*.gcda"))):
            for path, counts in found.items():
                for number, executed in counts.items():
                    lines[path][number] = lines[path].get(number, False) or executed
    if not lines:
        print(f"{build}: no gcov data; run the tests of the coverage preset first", file=sys.stderr)
        return 1
    total = collections.Counter()
    print(f"{'floor':16} {'lines':>7} {'executed':>9} {'share':>7}")
    for floor in names:
        files = {path: counts for path, counts in lines.items() if floor_of(path, names) == floor}
        all_lines = sum(len(counts) for counts in files.values())
        if not all_lines:
            continue
        executed = sum(sum(counts.values()) for counts in files.values())
        total.update(lines=all_lines, executed=executed)
        print(f"{floor:16} {all_lines:7} {executed:9} {100 * executed / all_lines:6.1f} %")
        if "--uncovered" in sys.argv:
            worst = sorted(files, key=lambda p: sum(files[p].values()) - len(files[p]))[:5]
            for path in worst:
                missing = len(files[path]) - sum(files[path].values())
                if missing:
                    print(f"    {path}: {missing} lines")
    print(f"{'all':16} {total['lines']:7} {total['executed']:9} {100 * total['executed'] / total['lines']:6.1f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
