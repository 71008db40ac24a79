#!/usr/bin/env python3
"""Writes the sample shop: products.ndjson, users.csv, interactions.csv.gz, truth.json.

    python3 examples/shop/generate.py [FOLDER]      (default: the folder of this file)

Needs only Python's standard library. Uses no clock and a fixed seed, so it always writes the same files.
README.md beside this file says what is in them.
"""

import csv
import datetime
import gzip
import io
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import catalogue  # noqa: E402
import people as shop_people  # noqa: E402

# Midnight after Sunday 2026-11-22 in Seoul. Every event is in the 365 days before it.
END = datetime.datetime(2026, 11, 22, 15, 0, 0)
EVENTS = 20000
# The last product of each of these categories was added days before END, and it has no events yet.
NEW_IN = ["상의>후디", "하의>슬랙스", "캠핑>체어", "캠핑>랜턴", "오디오>무선 이어폰", "주방>커피용품", "뷰티>스킨케어",
          "디지털 액세서리>충전 케이블"]

QUESTIONS = [
    {"question": "요즘 캠핑 갈 때 쓸 가벼운 체어 없어?", "user_id": "user_42", "category": "캠핑>체어", "weight": "light"},
    {"question": "이번 주말 뭐 입을까요?", "user_id": "user_street", "style": "스트리트"},
    {"question": "이번 주말 뭐 입을까요?", "user_id": "user_minimal", "style": "미니멀"},
    {"question": "무선 이어폰", "user_id": "user_200", "category": "오디오>무선 이어폰", "never": "디지털 액세서리>충전 케이블"},
    {"question": "a light chair for camping", "user_id": "user_42", "category": "캠핑>체어", "weight": "light"},
]


def csv_text(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def truth(products, people):
    """Returns the planted facts as a document: the tastes with their preferences, the people with their tastes."""
    medians = shop_people.category_medians(products)
    tastes = {}
    for name, spec in shop_people.TASTES.items():
        tastes[name] = {"styles": spec["styles"], "categories": spec["categories"], "load": spec.get("load"),
                        "items": sum(1 for p in products if spec["categories"]
                                     and shop_people.affinity(p, name, medians) >= .3)}
    end = int(END.replace(tzinfo=datetime.timezone.utc).timestamp())
    cutoff = (END - datetime.timedelta(days=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"end": end, "end_iso": END.strftime("%Y-%m-%dT%H:%M:%SZ"), "start": end - 365 * 86400,
            "tastes": tastes, "regions": shop_people.REGION_LIFTS, "complements": shop_people.COMPLEMENTS,
            "new_items": [p["product_id"] for p in products if p["created_at"] >= cutoff],
            "new_people": shop_people.NEW_PEOPLE, "named_people": shop_people.NAMED, "questions": QUESTIONS,
            "people": {p["user_id"]: [p["taste"]] + ([p["second"]] if p["second"] else []) for p in people}}


def truth_text(document):
    """Formats JSON with one line per top-level member and per taste, so that diffs are readable."""
    def dump(value):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    lines = []
    for key, value in document.items():
        if key in ("tastes", "regions", "complements", "named_people"):
            inner = ",\n".join(f"  {dump(k)}:{dump(v)}" for k, v in value.items())
            lines.append(f"{dump(key)}:{{\n{inner}\n}}")
        else:
            lines.append(f"{dump(key)}:{dump(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def files():
    """Returns file names with their bytes (interactions are not compressed yet)."""
    products = catalogue.make_products(HERE, END, NEW_IN)
    people = shop_people.make_people()
    document = truth(products, people)
    events = shop_people.Shoppers(products, people, END, document["new_items"]).history(EVENTS)
    rows = [(p["user_id"], p["age"], p["gender"], p["region"], p["membership"]) for p in people]
    return {
        "products.ndjson": "".join(json.dumps(p, ensure_ascii=False, separators=(",", ":")) + "\n" for p in products),
        "users.csv": csv_text(["USER_ID", "AGE", "GENDER", "REGION", "MEMBERSHIP"], rows),
        "interactions.csv": csv_text(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE"], events),
        "truth.json": truth_text(document),
    }


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        data = text.encode("utf-8")
        if name == "interactions.csv":
            name, data = name + ".gz", gzip.compress(data, 9, mtime=0)
        (folder / name).write_bytes(data)
        print(f"{name}: {len(data):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
