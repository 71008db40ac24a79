"""Runs the commands of examples/online-retail/README.md unchanged and compares their output with the document, except figures.

They run in a folder that looks like the checkout, beside a slice of the data. Skipped where ../shared is missing.
"""

import csv
import gzip
import os
import pathlib
import re
import socket
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "examples" / "online-retail" / "README.md"
SHARED = pathlib.Path(os.environ.get("TRINE_SHARED", ROOT.parent / "shared"))
TRANSACTIONS = pathlib.Path("data/online-retail/transactions.csv.gz")
SHOP = pathlib.Path("data/retail-demo-store/products.yaml.gz")
SLICE = 4  # takes every fourth customer: among them 17850, whom the document asks about, and the first rejected row
SECONDS = 240


def commands():
    """[(command, the lines that the document shows after it)], from the indented blocks."""
    found, shown = [], None
    lines = iter(DOCUMENT.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.startswith("    $ "):
            command = line[6:]
            while command.endswith("\\") or command.count("'") % 2:
                command += "\n" + next(lines)[4:]
            while "<<'PY'" in command and not command.endswith("\nPY"):
                command += "\n" + next(lines)[4:]
            shown = []
            found.append((command, shown))
        elif not line.startswith("    "):
            shown = None
        elif shown is not None:
            shown.append(line[4:])
    return found


def shape(line):
    """A line without its figures, ids and column widths."""
    # A slice of the data recommends other goods for other reasons. Compare only that titles, scores and reasons exist.
    if re.fullmatch(r"\s*\d+\. \d{5}[A-Z]*  [A-Z0-9 .,'&/+*()-]+  [\d.e-]+", line):
        return "RANK ITEM TITLE SCORE"
    if re.match(r"\s+Because ", line):
        return "REASON"
    line = re.sub(r"/[0-9a-f]{8}\b", "/ID", line)
    line = re.sub(r"\b\d{5}[A-Za-z]*\b", "ITEM", line)
    line = re.sub(r"^ITEM [A-Z][A-Z0-9 .,'&/+*()-]+$", "ITEM TITLE", line)  # titles of this shop are in capitals
    line = re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]+Z?", "TIME", line)
    line = re.sub(r"(?<!@)[+-]?\d[\d,.]*(?:e-?\d+)?", "N", line)
    return " ".join(line.replace("ITEM", "N").split())


def write_slice(target):
    """All rows of every SLICE-th customer, and every SLICE-th row without a customer."""
    target.parent.mkdir(parents=True)
    with gzip.open(SHARED / TRANSACTIONS, "rt", encoding="utf-8", newline="") as source, \
            gzip.open(target, "wt", encoding="utf-8", newline="", compresslevel=1) as out:
        rows = csv.reader(source)
        header = next(rows)
        who, invoice = header.index("CustomerID"), header.index("InvoiceNo")
        writer = csv.writer(out)
        writer.writerow(header)
        for row in rows:
            number = int(float(row[who])) - 17850 if row[who] else int(re.sub(r"\D", "", row[invoice])) - 536414
            if number % SLICE == 0:
                writer.writerow(row)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def script_of(pairs, port):
    """A shell script that marks where the output of each command begins, and always stops the server."""
    parts = ["set -u", "trap 'kill $! 2>/dev/null; wait' EXIT"]
    for number, (command, _) in enumerate(pairs):
        parts.append(f"echo '=== {number}'")
        parts.append(command.replace("9200", str(port)))
    return "\n".join(parts) + "\n"


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The output of each command."""
    binary = os.environ.get("TRINE_BINARY")
    if not binary:
        pytest.skip("TRINE_BINARY is not set")
    for name in (TRANSACTIONS, SHOP):
        if not (SHARED / name).is_file():
            pytest.skip(f"{name} is not in {SHARED}")
    folder = tmp_path_factory.mktemp("online-retail")
    checkout = folder / "checkout"
    checkout.mkdir()
    (checkout / "examples").symlink_to(ROOT / "examples")
    write_slice(folder / "shared" / TRANSACTIONS)
    (folder / "shared" / SHOP.parent).symlink_to(SHARED / SHOP.parent)
    tools = folder / "tools"
    tools.mkdir()
    (tools / "trine").symlink_to(binary)
    (tools / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tools / "python3").chmod(0o755)
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TRINE_", "AWS_"))}
    environment |= {"PATH": f"{tools}:{os.environ['PATH']}", "TRINE_PORT": str(port)}
    ran = subprocess.run(["bash", "-c", script_of(commands(), port)], cwd=checkout, env=environment, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
    outputs = re.split(r"^=== \d+\n", ran.stdout, flags=re.MULTILINE)[1:]
    assert len(outputs) == len(commands()), ran.stdout
    return outputs


def test_every_command_prints_what_the_document_shows(printed):
    wrong = []
    for (command, shown), output in zip(commands(), printed):
        shapes = {shape(line) for line in output.splitlines()}
        for line in shown:
            if line.strip() != "..." and shape(line) not in shapes:
                wrong.append(f"$ {command}\n  shows:  {line}\n  prints: {output[-1500:]}")
    assert not wrong, "\n".join(wrong)


def test_document_shows_every_command():
    text = "\n".join(command for command, _ in commands())
    for verb in ("trine import", "trine train", "trine serve", "trine recommend", "trine eval recommend", "boto3"):
        assert verb in text, verb
    shown = "\n".join(line for _, lines in commands() for line in lines)
    for heading in ("Hit@10", "NDCG@10", "coverage", "popularity", "co-occurrence", "served blend"):
        assert heading in shown, heading


def test_served_blend_beats_popularity(printed):
    """In every evaluation of the slice, the served blend beats the two lists that are the same for all users."""
    tables = 0
    for output in printed:
        scores = {name: float(ndcg) for name, ndcg in re.findall(r"^([a-z][a-z\- ]+?) +[\d.]+ \[.*?\] +([\d.]+) \[", output, re.MULTILINE)}
        if not scores:
            continue
        tables += 1
        assert scores["served blend"] > max(scores["popularity"], scores["recent popularity"]), scores
    assert tables >= 2
