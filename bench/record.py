"""The environment of a measurement (commit, compiler, flags, CPU, load) and the history file that results are appended to."""

import datetime
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
HISTORY = ROOT / "bench" / "history.jsonl"


def _output(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def _cpu():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    return found.group(1) if found else "unknown"


def _flags(binary):
    """The optimisation and language flags of the build that `binary` comes from, read from the compile command of one file."""
    commands = pathlib.Path(binary).resolve().parent / "compile_commands.json"
    if not commands.exists():
        return "unknown"
    for entry in json.loads(commands.read_text()):
        if entry["file"].endswith("src/search/search.cc"):
            return " ".join(word for word in entry["command"].split() if re.match(r"-(O|march|f|std)", word))
    return "unknown"


def _dirty():
    """Whether tracked files differ from the commit. The history itself does not count: every bench appends to it."""
    return bool(_output("git", "status", "--porcelain", "--untracked-files=no", "--", ".", f":(exclude){HISTORY.relative_to(ROOT)}"))


def environment(binary):
    version = json.loads(subprocess.run([binary, "version", "--json"], capture_output=True, text=True, check=True).stdout)
    return {"time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "commit": _output("git", "rev-parse", "--short=12", "HEAD"),
            "dirty": _dirty(), "compiler": version["compiler"], "kernels": version["kernels"],
            "flags": _flags(binary), "cpu": _cpu(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2)}


def append(binary, bench, data, warm_up, results):
    """Appends one line to the history. Returns False, and writes nothing, when the working tree is dirty: a result that no commit reproduces is not kept."""
    line = {**environment(binary), "bench": bench, "data": data, "warm_up": warm_up, "results": results}
    if line["dirty"]:
        return False
    with open(HISTORY, "a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return True
