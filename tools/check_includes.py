#!/usr/bin/env python3
"""Fails when a file under src/ includes from a floor that cmake/floors.txt does not allow it.

Also held: the orders inside `search` and `recommend` (the first path part below them, or the file's
stem), and that `base` has only the files listed here.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')

# Lower may not include higher. A name is a sub-folder or a file stem.
ORDERS = {
    "search": ["query", "cursor", "score", "collect", "aggregate", "fetch"],
    "recommend": ["model", "train", "candidate", "rank", "recipe"],
}
BASE_FILES = {
    "check", "clock", "deadline", "hash", "ids", "job_runner", "limits", "log", "metrics", "random", "result",
    "thread_pool",
}


def floors(root):
    allowed = {}
    for line in (root / "cmake/floors.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, uses = line.partition(":")
            allowed[name] = set(uses.split())
    return allowed


def floor_of(path, names):
    """The floor that owns a path below src/, or None."""
    parts = path.split("/")
    for n in (2, 1):
        if "/".join(parts[:n]) in names and len(parts) > n:
            return "/".join(parts[:n])
    return None


def inner_rank(path, floor):
    order = ORDERS.get(floor)
    parts = path.split("/")
    return order.index(parts[1]) if order and len(parts) > 2 and parts[1] in order else None


def check_file(path, text, allowed):
    own = floor_of(path, allowed)
    problems = []
    is_test = path.endswith("_test.cc")
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match.group(1)
        if is_test and target.startswith("test/support/"):
            continue
        where = f"src/{path}:{number}"
        other = floor_of(target, allowed)
        if path == "main.cc":
            continue
        if own is None or other is None:
            problems.append(f"{where}: \"{target}\" is on no floor of cmake/floors.txt")
        elif other != own and other not in allowed[own]:
            problems.append(f"{where}: {own} may not include {other} (\"{target}\")")
        elif other == own:
            mine, theirs = inner_rank(path, own), inner_rank(target, own)
            if mine is not None and theirs is not None and theirs > mine:
                problems.append(f"{where}: inside {own}, {ORDERS[own][mine]} may not include {ORDERS[own][theirs]}")
    return problems


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    allowed = floors(root)
    problems, count = [], 0
    for file in sorted((root / "src").rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        path = file.relative_to(root / "src").as_posix()
        count += 1
        problems += check_file(path, file.read_text(), allowed)
        if path.startswith("base/"):
            stem = file.stem.removesuffix("_test")
            if stem not in BASE_FILES:
                problems.append(f"src/{path}: base is closed; list the file in tools/check_includes.py if it must join")
    # The check itself must be able to fail.
    if not check_file("base/log.cc", '#include "format/json.h"\n', allowed):
        problems.append("the checker lets base include format")
    if not check_file("search/query/a.h", '#include "search/fetch/b.h"\n', allowed):
        problems.append("the checker lets search/query include search/fetch")
    for problem in problems:
        print(problem)
    print(f"{count} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
