"""Options of the native API and others whose effect a conversation cannot show: two requests that differ in one value have different answers."""

import json
import threading

import pytest
from server_fixtures import Connection


@pytest.fixture(scope="module")
def shop(server):
    c = Connection(server.url)
    lines = ""
    for n in range(24):
        product = {"title": f"{'chair' if n % 2 else 'lamp'} {n}", "kind": "chair" if n % 2 else "lamp", "price": 10 + n}
        lines += json.dumps({"index": {"_id": f"p{n}"}}) + "\n" + json.dumps(product) + "\n"
    assert c.request("POST", "/native-options/_bulk?refresh=true", lines)[0] == 200
    events = [{"user_id": f"u{n % 9}", "item_id": f"p{n * n % 24}", "event_type": "View", "timestamp": 1_790_000_000 + 3600 * n} for n in range(120)]
    assert c.json("POST", "/_trine/events", {"dataset_group": "native-options", "create": True, "events": events})[0] == 200
    assert c.json("PUT", "/_trine/bindings/native-options", {"dataset_group_arn": "native-options"})[0] == 200
    assert c.json("POST", "/_trine/prepare", {"index": "native-options"})[0] == 200
    return c


def ask(c, **more):
    status, answer = c.json("POST", "/_trine/ask", {"question": "chair", "index": "native-options", "deadline_ms": 20000, **more})
    assert status == 200, answer
    return answer


def test_weight_scales_the_personal_part(shop):
    assert ask(shop, user_id="u1", weight=0)["weight"]["value"] == 0
    whole = ask(shop, user_id="u1", weight=1)
    assert whole["weight"]["value"] == 1 and any(i["ledger"]["personal"] for i in whole["items"])


def test_language_chooses_the_words_of_the_answer(shop):
    english, korean = ask(shop, language="en"), ask(shop, language="ko")
    assert english["intent"]["language"] == "en" and korean["intent"]["language"] == "ko"
    assert english["answer"]["text"] != korean["answer"]["text"]


def test_a_session_has_a_history_of_its_own(shop):
    event = {"session_id": "native-s", "item_id": "p3", "event_type": "View"}
    assert shop.json("POST", "/_trine/events", {"dataset_group": "native-options", "events": [event]})[0] == 200
    personal = next(s for s in ask(shop, session_id="native-s")["stages"] if s["name"] == "personalise")
    nobody = next(s for s in ask(shop)["stages"] if s["name"] == "personalise")
    assert (personal["status"], nobody["status"]) == ("ok", "skipped")


def test_size_bounds_the_items(shop):
    assert [len(ask(shop, size=size)["items"]) for size in (1, 4)] == [1, 4]


def test_days_lengthen_the_time_of_a_likelihood(shop):
    def chances(days):
        status, answer = shop.json("POST", "/_trine/likelihood", {"user_id": "u1", "index": "native-options", "item_ids": ["p1", "p4"], "days": days})
        assert status == 200, answer
        return answer
    assert chances(1) != chances(60)


def test_an_event_id_marks_duplicates(shop):
    def kept(**more):
        event = {"user_id": "dup", "item_id": "p1", "event_type": "View", "timestamp": 1_790_100_000, **more}
        return shop.json("POST", "/_trine/events", {"dataset_group": "native-options", "events": [event]})[1]["kept"]
    assert kept(event_id="a") == 1
    assert kept(event_id="a") == 0
    assert kept(event_id="b", timestamp=1_790_100_001) == 1


def test_a_filter_excludes_items(shop):
    assert all(int(i["item_id"][1:]) >= 12 for i in ask(shop, size=50, filter={"range": {"price": {"gte": 22}}})["items"])
    assert any(int(i["item_id"][1:]) < 12 for i in ask(shop, size=50)["items"])


def test_updates_are_tried_again_after_a_conflict(server):
    c = Connection(server.url)
    assert c.json("PUT", "/retries/_doc/1", {"n": 0})[0] == 201
    statuses = []

    def update(name):
        own = Connection(server.url)
        for n in range(25):
            if n % 2:
                statuses.append(own.json("POST", "/retries/_update/1?retry_on_conflict=1000", {"doc": {name: n}})[0])
            else:
                line = json.dumps({"update": {"_id": "1", "retry_on_conflict": 1000}}) + "\n" + json.dumps({"doc": {name: n}}) + "\n"
                statuses.append(json.loads(own.request("POST", "/retries/_bulk", line)[2])["items"][0]["update"]["status"])
    threads = [threading.Thread(target=update, args=(f"f{t}",)) for t in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 200
    assert c.json("GET", "/retries/_source/1")[1] == {"n": 0, **{f"f{t}": 24 for t in range(8)}}


def test_context_names_are_checked(shop):
    assert shop.json("POST", "/_trine/ask", {"question": "x", "index": "native-options", "context": {"DEVICE": 5}})[0] == 400
    assert ask(shop, user_id="u1", context={"DEVICE": "mobile"})["items"]
