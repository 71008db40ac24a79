#!/usr/bin/env python3
"""Prints how many preconditions and invariants each floor checks, and fails when a floor has too few.

    tools/count_checks.py [ROOT]

Counted are TRINE_CHECK, TRINE_DCHECK and their comparing forms in product files; lines are those of product files
(*.h and *.cc without tests), blank lines and comments included. The definitions in base/check.h do not count.
"""
import pathlib
import re
import sys

MIN_PER_THOUSAND = 5
CHECK = re.compile(r"\bTRINE_D?CHECK(?:_(?:EQ|NE|LT|LE|GT|GE))?\(")


def code_of(text):
    """The text without line comments."""
    return "\n".join(line.partition("//")[0] for line in text.splitlines())


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    floors = [line.split(":")[0] for line in (root / "cmake/floors.txt").read_text().splitlines()
              if line and not line.startswith("#")]
    lines, checks = dict.fromkeys(floors, 0), dict.fromkeys(floors, 0)
    for path in sorted((root / "src").rglob("*")):
        if path.suffix not in (".h", ".cc") or path.name.endswith("_test.cc"):
            continue
        relative = path.relative_to(root / "src").as_posix()
        floor = next((f for f in floors if relative.startswith(f + "/")), None)
        if floor is None or relative == "base/check.h":
            continue
        text = path.read_text(encoding="utf-8")
        lines[floor] += text.count("\n")
        checks[floor] += len(CHECK.findall(code_of(text)))
    print(f"{'floor':16} {'lines':>7} {'checks':>7} {'per 1,000':>10}")
    too_few = []
    for floor in floors:
        density = 1000 * checks[floor] / max(lines[floor], 1)
        print(f"{floor:16} {lines[floor]:7} {checks[floor]:7} {density:10.1f}")
        if density < MIN_PER_THOUSAND:
            too_few.append(floor)
    total_lines, total_checks = sum(lines.values()), sum(checks.values())
    print(f"{'all':16} {total_lines:7} {total_checks:7} {1000 * total_checks / max(total_lines, 1):10.1f}")
    for floor in too_few:
        print(f"{floor}: fewer than {MIN_PER_THOUSAND} checks per 1,000 lines")
    return 1 if too_few or total_checks == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
