"""Recomputes `repetition` of `trine eval recommend` over the whole history, without the engine: recommends a person's most frequent purchases, followed by the most popular items.

Uses the split, the people and the measures (Hit@10, NDCG@10) of `trine eval recommend --future 0.1` on purchases.csv.

    python3 examples/online-retail/buy_again.py FOLDER/purchases.csv
"""

import collections
import csv
import math
import sys

DEPTH = 10


def judge(shown, wanted):
    """Returns (hit, NDCG) of a list, given the set of items that were bought."""
    best = sum(1 / math.log2(rank + 2) for rank in range(min(DEPTH, len(wanted))))
    found = [rank for rank, item in enumerate(shown[:DEPTH]) if item in wanted]
    return bool(found), sum(1 / math.log2(rank + 2) for rank in found) / best


def main(path):
    people = collections.defaultdict(set)
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            people[row["CustomerID"]].add((row["InvoiceDate"], row["StockCode"]))
    times = sorted(time for events in people.values() for time, _ in events)
    split = times[int(0.9 * (len(times) - 1))]
    popular = collections.Counter(item for events in people.values() for time, item in events if time < split)
    order = sorted(popular, key=lambda item: (-popular[item], item))
    place = {item: rank for rank, item in enumerate(order)}
    scores, repeated = [], []
    for events in people.values():
        wanted = {item for time, item in events if time >= split}
        if not wanted:
            continue
        mine = collections.Counter(item for time, item in events if time < split)
        shown = sorted(mine, key=lambda item: (-mine[item], place[item]))
        shown += [item for item in order[:2 * DEPTH] if item not in mine]
        scores.append(judge(shown, wanted))
        repeated.append(len(wanted & set(mine)) / len(wanted))
    hit, ndcg = (sum(column) / len(scores) for column in zip(*scores))
    print(f"split at {split}: {len(scores)} people; {100 * sum(repeated) / len(repeated):.0f} % of what they buy they bought before")
    print(f"buy again            Hit@10 {hit:.4f}    NDCG@10 {ndcg:.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
