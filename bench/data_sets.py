"""Real data sets outside the repository, below $TRINE_SHARED (default: ../shared). A benchmark whose data set is missing is skipped,
and the output names it."""

import csv
import gzip
import os
import pathlib
import random

ROOT = pathlib.Path(__file__).resolve().parents[1]


class Missing(Exception):
    """The data set is not installed on this machine."""


def folder(name):
    path = pathlib.Path(os.environ.get("TRINE_SHARED", ROOT.parent / "shared")) / "data" / name
    if not path.is_dir():
        raise Missing(f"data set {name} not found: expected the folder {path}")
    return path


def titles(share=1.0):
    """Returns [(id, title)] of the home-improvement products; `share` below 1 takes every n-th product."""
    with gzip.open(folder("home-improvement") / "products.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [(row["product_uid"], row["product_title"]) for row in csv.DictReader(file)]
    return rows[::round(1 / share)]


def queries(count=2000, seed=1):
    """Returns `count` queries that real shoppers typed to find those products, in a random order fixed by `seed`."""
    with gzip.open(folder("home-improvement") / "queries.tsv.gz", "rt", encoding="utf-8") as file:
        texts = sorted({line.rstrip("\n").split("\t")[-1] for line in file} - {"query", ""})
    random.Random(seed).shuffle(texts)
    return texts[:count]


def online_retail(share, target):
    """Writes the transactions of a random share of the customers to `target` (CSV). Returns the number of rows and the customer ids."""
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
