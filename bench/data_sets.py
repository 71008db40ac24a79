"""Real data beside the repository: TRINE_SHARED, else ../shared. A bench that needs it is skipped by name where it is not there."""

import csv
import gzip
import os
import pathlib
import random

ROOT = pathlib.Path(__file__).resolve().parents[1]


class Missing(Exception):
    """The data set is not on this machine."""


def folder(name):
    path = pathlib.Path(os.environ.get("TRINE_SHARED", ROOT.parent / "shared")) / "data" / name
    if not path.is_dir():
        raise Missing(f"data set {name} is not there ({path})")
    return path


def titles(share=1.0):
    """[(id, title)] of home-improvement products; every n-th for a share."""
    with gzip.open(folder("home-improvement") / "products.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [(row["product_uid"], row["product_title"]) for row in csv.DictReader(file)]
    return rows[::round(1 / share)]


def queries(count=2000, seed=1):
    """Real shopper queries on those titles."""
    with gzip.open(folder("home-improvement") / "queries.tsv.gz", "rt", encoding="utf-8") as file:
        texts = sorted({line.rstrip("\n").split("\t")[-1] for line in file} - {"query", ""})
    random.Random(seed).shuffle(texts)
    return texts[:count]


def online_retail(share, target):
    """Writes the newest share of the transactions, each person whole, to `target` (CSV); returns rows and people."""
    source = folder("online-retail") / "transactions.csv.gz"
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    people = sorted({row["CustomerID"] for row in rows} - {""})
    random.Random(1).shuffle(people)
    chosen = set(people[:round(len(people) * share)])
    rows = [row for row in rows if row["CustomerID"] in chosen]
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames)
        writer.writeheader()
        writer.writerows(rows)
    return len(rows), sorted(chosen)
