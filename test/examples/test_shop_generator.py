"""The sample shop: the generator reproduces its files, and the planted preferences can be recovered from them."""

import collections
import csv
import datetime
import gzip
import json
import pathlib
import subprocess
import sys

import pytest

SHOP = pathlib.Path(__file__).resolve().parents[2] / "examples" / "shop"
FILES = ["products.ndjson", "users.csv", "interactions.csv.gz", "truth.json"]


def content(path):
    """Compressed files are compared unpacked, because another version of zlib may compress the same bytes differently."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@pytest.fixture(scope="module")
def shop():
    products = [json.loads(line) for line in (SHOP / "products.ndjson").read_text(encoding="utf-8").splitlines()]
    with gzip.open(SHOP / "interactions.csv.gz", "rt", encoding="utf-8") as file:
        events = list(csv.DictReader(file))
    with open(SHOP / "users.csv", encoding="utf-8") as file:
        users = list(csv.DictReader(file))
    truth = json.loads((SHOP / "truth.json").read_text(encoding="utf-8"))
    return {"products": {p["product_id"]: p for p in products}, "events": events, "users": users, "truth": truth}


def bought(shop, taste):
    """Products bought by the users who have this taste first and no second one."""
    people = {user for user, tastes in shop["truth"]["people"].items() if tastes == [taste]}
    return [shop["products"][e["ITEM_ID"]] for e in shop["events"]
            if e["EVENT_TYPE"] == "Purchase" and e["USER_ID"] in people]


def share(things, good):
    assert len(things) >= 10, "too few to say anything"
    return sum(1 for thing in things if good(thing)) / len(things)


def test_generator_reproduces_the_committed_files(tmp_path):
    subprocess.run([sys.executable, str(SHOP / "generate.py"), str(tmp_path)], check=True, capture_output=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(FILES)
    for name in FILES:
        assert content(tmp_path / name) == content(SHOP / name), f"{name} differs: run examples/shop/generate.py"


def test_generator_has_the_documented_sizes(shop):
    assert len(shop["products"]) == 400
    assert len(shop["users"]) == 500
    assert len(shop["events"]) == 20000
    assert len({p["category_l1"] for p in shop["products"].values()}) >= 12
    assert sum(f.stat().st_size for f in SHOP.rglob("*") if f.is_file() and "__pycache__" not in f.parts) < 1_000_000


def test_products_are_complete_and_titles_unique(shop):
    for product in shop["products"].values():
        for name in ("title", "title_en", "description", "description_en", "brand", "category", "season", "style", "created_at"):
            assert product[name].strip(), (product["product_id"], name)
        assert product["price"] > 0 and product["weight_g"] > 0 and product["stock"] >= 0
        assert product["category"] == f"{product['category_l1']}>{product['category_l2']}"
    for name in ("title", "title_en"):
        counts = collections.Counter(p[name] for p in shop["products"].values())
        assert [t for t, n in counts.items() if n > 1] == []


def test_events_are_ordered_and_refer_to_existing_rows(shop):
    users = {u["USER_ID"] for u in shop["users"]}
    times = [int(e["TIMESTAMP"]) for e in shop["events"]]
    assert times == sorted(times)
    assert shop["truth"]["start"] <= times[0] and times[-1] < shop["truth"]["end"]
    for event in shop["events"]:
        assert event["USER_ID"] in users and event["ITEM_ID"] in shop["products"]
        assert bool(event["EVENT_VALUE"]) == (event["EVENT_TYPE"] == "Purchase")
    kinds = collections.Counter(e["EVENT_TYPE"] for e in shop["events"])
    assert kinds["View"] > kinds["Click"] > kinds["AddToCart"] > kinds["Purchase"] >= 1000


def test_users_named_by_the_programs_exist(shop):
    truth = shop["truth"]
    counts = collections.Counter(e["USER_ID"] for e in shop["events"])
    for user, taste in (("user_42", "ultralight"), ("user_123", "audio"), ("user_200", "cables"), ("user_street", "street"),
                        ("user_minimal", "minimal")):
        assert truth["people"][user] == [taste]
        assert counts[user] >= 30, user
    assert shop["products"]["item_456"]["category"] == "오디오>무선 이어폰"
    assert all(counts[user] == 0 for user in truth["new_people"])


@pytest.mark.parametrize("taste,style", [("street", "스트리트"), ("minimal", "미니멀")])
def test_style_is_recoverable(shop, taste, style):
    items = bought(shop, taste)
    assert share(items, lambda p: p["style"] == style) > .7
    everybody = [shop["products"][e["ITEM_ID"]] for e in shop["events"] if e["EVENT_TYPE"] == "Purchase"]
    assert share(everybody, lambda p: p["style"] == style) < .4


@pytest.mark.parametrize("taste,level_one", [("audio", {"오디오", "디지털 액세서리"}), ("cook", {"주방", "홈", "도서"}),
                                             ("beauty", {"뷰티", "패션"}), ("pets", {"반려동물"}),
                                             ("ultralight", {"캠핑", "아웃도어", "신발", "아우터"})])
def test_category_is_recoverable(shop, taste, level_one):
    assert share(bought(shop, taste), lambda p: p["category_l1"] in level_one) > .7


def test_ultralight_campers_choose_light_and_families_do_not(shop):
    grams = collections.defaultdict(list)
    for product in shop["products"].values():
        grams[product["category"]].append(product["weight_g"])

    def is_light(product):
        values = sorted(grams[product["category"]])
        return product["weight_g"] < values[len(values) // 2]

    camping = {taste: [p for p in bought(shop, taste) if p["category_l1"] == "캠핑"] for taste in ("ultralight", "family_camping")}
    assert share(camping["ultralight"], is_light) > .8
    assert share(camping["family_camping"], is_light) < .3


def test_purchases_depend_on_the_season(shop):
    def month(event):
        return datetime.datetime.fromtimestamp(int(event["TIMESTAMP"]) + 9 * 3600, datetime.timezone.utc).month

    seen = [(month(e), shop["products"][e["ITEM_ID"]]["season"]) for e in shop["events"]]
    winter = [s for m, s in seen if m in (12, 1, 2)]
    summer = [s for m, s in seen if m in (6, 7, 8)]
    assert share(winter, lambda s: s == "겨울") > 5 * share(summer, lambda s: s == "겨울")
    assert share(summer, lambda s: s == "여름") > 5 * share(winter, lambda s: s == "여름")


@pytest.mark.parametrize("region,category", [("제주", "아우터>바람막이"), ("강원", "아우터>패딩"), ("부산", "스포츠>수영")])
def test_views_depend_on_the_region(shop, region, category):
    where = {u["USER_ID"]: u["REGION"] for u in shop["users"]}

    def rate(inside):
        events = [e for e in shop["events"] if (where[e["USER_ID"]] == region) == inside]
        return share(events, lambda e: shop["products"][e["ITEM_ID"]]["category"] == category)

    assert rate(True) > 1.3 * rate(False)


def test_new_products_have_no_history(shop):
    new = set(shop["truth"]["new_items"])
    assert len(new) == 8 and "item_456" not in new
    assert not [e for e in shop["events"] if e["ITEM_ID"] in new]


def test_history_of_the_cable_viewer_is_about_cables(shop):
    """The trap of the sample shop: the history is about cables, the question about earphones."""
    mine = [shop["products"][e["ITEM_ID"]]["category"] for e in shop["events"] if e["USER_ID"] == "user_200"]
    assert share(mine, lambda c: c == "디지털 액세서리>충전 케이블") > .7
