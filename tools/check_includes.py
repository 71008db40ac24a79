#!/usr/bin/env python3
"""Fails when the files under src/ include each other in a way that the floor table does not allow.

    tools/check_includes.py [ROOT]

Rules:
  1. A file includes only from its own floor and from the floors that cmake/floors.txt lists for it; a test may
     also use the floors below those.
  2. The table has no unused edge: each listed floor is included by some file that is not a test.
  3. Inside a floor with an order (ORDERS), a lower folder or file does not include a higher one.
  4. The files of one floor form no circle, where NAME.h and NAME.cc count as one unit.
  5. `base` has only the files that are listed here, because every other file may include it.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')

# Lower may not include higher. A name is a sub-folder or a file stem.
ORDERS = {
    "search": ["query", "cursor", "score", "collect"],
    "operations": ["mapping", "write", "import", "jobs"],
    "api/opensearch": ["errors", "request", "json", "handlers", "router", "routes", "api"],
    "recommend": ["model", "train", "candidate", "rank", "recipe"],
}
BASE_FILES = {
    "bytes", "check", "clock", "deadline", "document_memory", "error_code", "hash", "health", "id_text", "ids", "job_runner", "limits", "log", "memory_budget", "metrics", "mutex", "nearest_name", "random",
    "result", "task_health", "text", "thread_pool", "utf8", "varint",
}


def floors(root):
    allowed = {}
    for line in (root / "cmake/floors.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, uses = line.partition(":")
            allowed[name] = uses.split()
    return allowed


def floor_of(path, names):
    """The floor that owns a path below src/, or None."""
    parts = path.split("/")
    for n in (2, 1):
        if "/".join(parts[:n]) in names and len(parts) > n:
            return "/".join(parts[:n])
    return None


def reachable(floor, allowed):
    """The floors below `floor`, through any number of edges: a test may use all of them."""
    found, todo = set(), list(allowed[floor])
    while todo:
        use = todo.pop()
        if use not in found:
            found.add(use)
            todo += allowed[use]
    return found


def includes(text):
    """Pairs (line number, included path)."""
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1)


def inner_rank(path, floor):
    """The position of a path in its floor's order, or None."""
    order = ORDERS.get(floor)
    parts = path[len(floor) + 1:].split("/")
    name = parts[0] if len(parts) > 1 else parts[0].rsplit(".", 1)[0]
    return order.index(name) if order and name in order else None


def check_file(path, text, allowed):
    """Rules 1 and 3 for one file; `path` is relative to src/."""
    own = floor_of(path, allowed)
    problems = []
    if path == "main.cc":
        return problems
    for number, target in includes(text):
        if path.endswith("_test.cc") and target.startswith("test/support/"):
            continue
        where = f"src/{path}:{number}"
        other = floor_of(target, allowed)
        if own is None or other is None:
            problems.append(f"{where}: \"{target}\" belongs to no floor of cmake/floors.txt")
        elif other != own and other not in (reachable(own, allowed) if path.endswith("_test.cc") else allowed[own]):
            problems.append(f"{where}: {own} may not include {other} (\"{target}\")")
        elif other == own:
            mine, theirs = inner_rank(path, own), inner_rank(target, own)
            if mine is not None and theirs is not None and theirs > mine:
                problems.append(f"{where}: inside {own}, {ORDERS[own][mine]} may not include {ORDERS[own][theirs]}")
    return problems


def unused_edges(files, allowed):
    """Rule 2. `files` maps a path below src/ to its text."""
    used = {floor: set() for floor in allowed}
    for path, text in files.items():
        own = floor_of(path, allowed)
        if own and not path.endswith("_test.cc"):
            used[own] |= {floor_of(target, allowed) for _, target in includes(text)}
    return [f"cmake/floors.txt: no file of {floor} includes {use}: remove it from the line"
            for floor, uses in allowed.items() for use in uses if use not in used[floor]]


def unit(path):
    return path.rsplit(".", 1)[0]


def circles(files, allowed):
    """Rule 4: the strongly connected units of each floor (Tarjan 1972)."""
    graph = {}
    for path, text in files.items():
        if path.endswith("_test.cc"):
            continue
        targets = graph.setdefault(unit(path), set())
        own = floor_of(path, allowed)
        targets |= {unit(t) for _, t in includes(text) if floor_of(t, allowed) == own and unit(t) != unit(path)}
    order, low, stack, found = {}, {}, [], []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            members = []
            while not members or members[-1] != node:
                members.append(stack.pop())
            if len(members) > 1:
                found.append(sorted(members))

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return [f"src/{members[0]}: these files include each other in a circle: {', '.join(members)}" for members in sorted(found)]


def self_test(allowed):
    """The checker must be able to fail."""
    bad_files = {"base/a.h": '#include "base/b.h"\n', "base/b.h": "", "base/b.cc": '#include "base/a.h"\n'}
    cases = [
        ("lets base include format", check_file("base/log.cc", '#include "format/json.h"\n', allowed)),
        ("lets search/query include search/score", check_file("search/query/a.h", '#include "search/score/b.h"\n', allowed)),
        ("does not see an unused edge", unused_edges({}, {"a": ["b"], "b": []})),
        ("does not see a circle", circles(bad_files, {"base": []})),
    ]
    return [f"the checker {what}" for what, problems in cases if not problems]


def main():
    sys.setrecursionlimit(10_000)
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    allowed = floors(root)
    files = {file.relative_to(root / "src").as_posix(): file.read_text()
             for file in sorted((root / "src").rglob("*")) if file.suffix in (".h", ".cc")}
    problems = [problem for path, text in files.items() for problem in check_file(path, text, allowed)]
    problems += unused_edges(files, allowed)
    problems += circles(files, allowed)
    problems += [f"src/{path}: base is closed; list the file in tools/check_includes.py if it must join" for path in files
                 if path.startswith("base/") and pathlib.Path(path).stem.removesuffix("_test") not in BASE_FILES]
    problems += self_test(allowed)
    for problem in problems:
        print(problem)
    print(f"{len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
