"""What makes a number a result: commit, compiler, flags, CPU, data; and the line in history.jsonl."""

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
    """The flags that count, of one file of the build that the program comes from."""
    commands = pathlib.Path(binary).resolve().parent / "compile_commands.json"
    if not commands.exists():
        return "unknown"
    for entry in json.loads(commands.read_text()):
        if entry["file"].endswith("src/search/search.cc"):
            return " ".join(word for word in entry["command"].split() if re.match(r"-(O|march|f|std)", word))
    return "unknown"


def environment(binary):
    version = json.loads(subprocess.run([binary, "version", "--json"], capture_output=True, text=True, check=True).stdout)
    return {"time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "commit": _output("git", "rev-parse", "--short=12", "HEAD"),
            "dirty": bool(_output("git", "status", "--porcelain", "--untracked-files=no")), "compiler": version["compiler"], "kernels": version["kernels"],
            "flags": _flags(binary), "cpu": _cpu(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2)}


def keep(binary, bench, data, warm_up, results):
    line = {**environment(binary), "bench": bench, "data": data, "warm_up": warm_up, "results": results}
    with open(HISTORY, "a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
