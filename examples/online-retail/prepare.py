"""Makes purchases.csv and goods.csv from the raw transactions, without returns, gifts, postage and unknown customers; ids without ".0".

    python3 examples/online-retail/prepare.py ../shared/data/online-retail/transactions.csv.gz FOLDER
"""

import csv
import gzip
import pathlib
import re
import sys

GOODS = re.compile(r"\d{5}[A-Za-z]*")  # other codes are postage, fees, samples, corrections


def why_not(row):
    """Returns the reason why a row is not a purchase of goods by a known customer, or None if it is one."""
    if not row["CustomerID"]:
        return "no customer"
    if float(row["Quantity"]) <= 0:
        return "returned"
    if float(row["UnitPrice"]) <= 0:
        return "no price"
    return None if GOODS.fullmatch(row["StockCode"]) else "no goods"


def main(source, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    left_out, goods, kept = {}, {}, 0
    with gzip.open(source, "rt", encoding="utf-8", newline="") as raw, \
            open(folder / "purchases.csv", "w", encoding="utf-8", newline="") as out:
        rows = csv.DictReader(raw)
        purchases = csv.DictWriter(out, rows.fieldnames)
        purchases.writeheader()
        for row in rows:
            why = why_not(row)
            if why:
                left_out[why] = left_out.get(why, 0) + 1
                continue
            row["CustomerID"] = row["CustomerID"].removesuffix(".0")
            purchases.writerow(row)
            goods[row["StockCode"]] = (row["Description"].strip(), row["UnitPrice"])  # the newest
            kept += 1
    with open(folder / "goods.csv", "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["StockCode", "Description", "UnitPrice"])
        writer.writerows([code, *facts] for code, facts in goods.items())
    print(f"{kept} purchases of {len(goods)} goods; left out: " + ", ".join(f"{n} {why}" for why, n in sorted(left_out.items())))


if __name__ == "__main__":
    main(*sys.argv[1:])
