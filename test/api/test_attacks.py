"""Tests of callers with few rights, of guesses of passwords, and of the analysis of Korean text over HTTP."""

import base64
import json
import os
import re
import subprocess
import time

import pytest
from server_fixtures import Connection

CREDENTIALS = {
    "users": [{"name": "admin", "password": "a"}, {"name": "writer", "password": "w", "role": "write"},
              {"name": "ann", "password": "r", "role": "read"}, {"name": "bob", "password": "r", "role": "read"}],
    "tokens": [{"name": "page", "token": "page-token", "role": "public", "indexes": ["products", "whole", "part", "shelf", "usual-only"],
                "fields": ["title", "category", "price"]},
               {"name": "free", "token": "free-token", "role": "public"}]}


def basic(name, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


ADMIN, WRITER, ANN, BOB = basic("admin", "a"), basic("writer", "w"), basic("ann", "r"), basic("bob", "r")
PAGE, FREE = {"Authorization": "Bearer page-token"}, {"Authorization": "Bearer free-token"}


class Guarded:
    def __init__(self, binary, folder):
        path = folder / "credentials.json"
        path.write_text(json.dumps(CREDENTIALS))
        path.chmod(0o600)
        self.data, self.log = folder / "data", folder / "server.log"
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen([str(binary), "serve", "--data-dir", str(self.data), "--port", "0", "--credentials", str(path)],
                                            stdout=out, stderr=subprocess.STDOUT)
        until, found = time.monotonic() + 120, None
        while not found and time.monotonic() < until and self.process.poll() is None:
            found = re.search(r"at (http://127\.0\.0\.1:\d+)\n", self.log.read_text())
            time.sleep(.02)
        assert found, self.log.read_text()
        self.url = found.group(1)

    def send(self, headers, method, path, body=None):
        text = body if body is None or isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        status, _, answer = Connection(self.url).request(method, path, text, headers)
        return status, json.loads(answer) if answer.startswith(("{", "[")) else answer

    def stop(self):
        self.process.terminate()
        assert self.process.wait(60) == 0, self.log.read_text()[-2000:]


@pytest.fixture(scope="module")
def guarded(binary, tmp_path_factory):
    server = Guarded(binary, tmp_path_factory.mktemp("attacks"))
    lines = ""
    for n in range(30):
        product = {"title": f"의자 {n}" if n % 2 else f"책상 {n}", "category": "의자" if n % 2 else "책상", "price": 10000 + n,
                   "secret": "highmargin" if n < 3 else "usual", "note": "리콜 예정 불량품" if n == 5 else "보통"}
        lines += json.dumps({"index": {"_index": "products", "_id": f"p{n}"}}) + "\n" + json.dumps(product, ensure_ascii=False) + "\n"
    assert server.send(ADMIN, "POST", "/_bulk?refresh=true", lines)[0] == 200
    # The same products in two indexes that belong to no dataset group, once without the fields that the token may not see.
    for n in range(30):
        product = {"title": f"의자 {n}" if n % 2 else f"책상 {n}", "category": "의자" if n % 2 else "책상", "price": 10000 + n}
        secret = {"secret": "highmargin" if n < 3 else "usual", "note": "리콜 예정 불량품" if n == 5 else "보통"}
        for index, source in (("whole", product | secret), ("part", product)):
            assert server.send(ADMIN, "PUT", f"/{index}/_doc/p{n}", source)[0] == 201
    shelf = {"1": {"title": "의자 하나", "price": 1, "visible": False, "stock": 3}, "2": {"title": "의자 둘", "price": 2, "visible": True, "stock": 0},
             "3": {"title": "의자 셋", "price": 3, "visible": True, "stock": 9}}
    for name, source in shelf.items():
        assert server.send(ADMIN, "PUT", f"/shelf/_doc/{name}", source)[0] == 201
    assert server.send(ADMIN, "POST", "/_refresh")[0] == 200
    # Aliases limit what their filters match, also by fields that the token may not see.
    for name, query in (("usual-only", {"bool": {"must_not": [{"match": {"secret": "highmargin"}}]}}), ("cheap", {"range": {"price": {"lt": 10005}}})):
        assert server.send(ADMIN, "PUT", f"/whole/_alias/{name}", {"filter": query})[0] == 200
    assert server.send(ADMIN, "PUT", "/hidden/_doc/1?refresh=true", {"title": "의자"})[0] == 201
    assert server.send(ADMIN, "POST", "/_trine/items", {"dataset_group": "shop", "create": True, "items": [{"id": "p1", "attributes": {"X": "y"}}]})[0] == 200
    assert server.send(ADMIN, "POST", "/_trine/items", {"dataset_group": "other", "create": True, "items": [{"id": "p1", "attributes": {"X": "y"}}]})[0] == 200
    status, answer = server.send(ADMIN, "PUT", "/_trine/bindings/products", {"dataset_group_arn": "shop"})
    assert status == 200, answer
    yield server
    server.stop()


def ask(server, headers, question, **more):
    body = {"question": question, "index": "products", "deadline_ms": 20000, **more}
    until = time.monotonic() + 30
    while True:
        status, answer = server.send(headers, "POST", "/_trine/ask", body)
        building = status == 200 and "still being built" in json.dumps(answer["stages"])
        if not building or time.monotonic() > until:
            return status, answer
        time.sleep(.1)


@pytest.mark.parametrize("question", ["highmargin 의자", "리콜 예정 불량품"])
def test_a_narrowed_token_neither_matches_nor_sees_other_fields(guarded, question):
    status, answer = ask(guarded, PAGE, question, size=30)
    assert status == 200, answer
    text = json.dumps(answer, ensure_ascii=False)
    for hidden in ("secret", "note", "불량품 예정", "usual"):
        assert f'"{hidden}"' not in text, text[:2000]
    for facets in (answer["intent"]["facets"], answer["intent"]["excluded"]):
        assert not set(facets) & {"secret", "note"}, facets
    ids = [item["item_id"] for item in answer["items"]]
    assert ids[:1] != ["p5"], "the only product with these words in a field that the token does not see"


@pytest.mark.parametrize("question", ["highmargin 의자", "qqqqqqqqqq 의자", "리콜 예정 불량품 의자", "usual 책상", "보통 의자"])
def test_a_hidden_field_changes_no_answer(guarded, question):
    """Two nonsense words may order the products differently, because the embedder knows their letters. So the answer is compared
    with that of an index which does not have the fields."""
    whole, part = (ask(guarded, PAGE, question, size=30, index=index)[1] for index in ("whole", "part"))
    for answer in (whole, part):
        assert answer["items"], answer
    assert [(i["item_id"], i["score"], i["reason"]) for i in whole["items"]] == [(i["item_id"], i["score"], i["reason"]) for i in part["items"]]
    assert whole["answer"] == part["answer"] and whole["intent"] == part["intent"]


def test_an_administrator_sees_the_hidden_fields(guarded):
    assert "secret" in json.dumps(ask(guarded, ADMIN, "highmargin 의자", index="whole")[1]["intent"])


def test_hidden_products_stay_hidden_from_callers_who_do_not_see_why(guarded):
    for headers in (ADMIN, PAGE):
        for question in ("의자", "추천해줘", "제일 싼 의자", "의자 하나"):
            answer = ask(guarded, headers, question, index="shelf", size=30)[1]
            assert {item["item_id"] for item in answer["items"]} <= {"2", "3"}, (question, answer)


def test_the_filter_of_an_alias_limits_answers(guarded):
    for question in ("의자", "책상 0", "p1", "추천해줘", "제일 싼 책상"):
        ids = {item["item_id"] for item in ask(guarded, ADMIN, question, index="usual-only", size=100)[1]["items"]}
        assert (ids or question == "p1") and not ids & {"p0", "p1", "p2"}, (question, ids)
    status, answer = ask(guarded, PAGE, "의자", index="usual-only")
    assert status == 403 and "an alias with a filter" in answer["error"]["message"], answer
    assert {item["item_id"] for item in ask(guarded, ADMIN, "추천해줘", index="cheap", size=100)[1]["items"]} == {"p0", "p1", "p2", "p3", "p4"}


def test_a_narrowed_token_learns_nothing_about_stock(guarded):
    answer = ask(guarded, PAGE, "재고 있는 의자", index="shelf", size=30)[1]
    assert {item["item_id"] for item in answer["items"]} == {"2", "3"}, "a filter by stock would tell which is sold out"
    assert answer["intent"]["in_stock"] is False and [u["about"] for u in answer["intent"]["unchecked"]] == ["stock"]
    assert {item["item_id"] for item in ask(guarded, ADMIN, "재고 있는 의자", index="shelf", size=30)[1]["items"]} == {"3"}


def test_a_narrowed_token_gets_the_same_answer_for_every_other_index(guarded):
    answers = [guarded.send(PAGE, "POST", "/_trine/ask", {"question": "x", "index": name}) for name in ("hidden", "nosuch")]
    assert answers[0][0] == 403 and answers[0] == answers[1]


def test_public_events_reach_only_bound_groups(guarded):
    def send(group):
        return guarded.send(PAGE, "POST", "/_trine/events", {"dataset_group": group, "events": [{"user_id": "u", "item_id": "p1", "event_type": "View"}]})
    assert send("shop")[0] == 200
    other, unknown = send("other"), send("nosuch")
    assert other[0] == 403 and other == unknown


def test_a_public_token_must_know_the_id_of_a_tracker_of_its_groups(guarded):
    def tracker(group):
        body = {"name": f"{group}-clicks", "datasetGroupArn": f"arn:aws:personalize:us-east-1:123456789012:dataset-group/{group}"}
        status, answer = guarded.send({**ADMIN, "X-Amz-Target": "AmazonPersonalize.CreateEventTracker"}, "POST", "/", body)
        assert status == 200, answer
        return answer["trackingId"]

    def put(tracker, headers=PAGE):
        event = {"sentAt": 1_790_000_000, "eventType": "View", "itemId": "p1"}
        return guarded.send(headers, "POST", "/events", {"trackingId": tracker, "userId": "u", "sessionId": "s", "eventList": [event]})

    mine, other = tracker("shop"), tracker("other")
    assert put(mine)[0] == 200
    for name in ("shop-clicks", "other-clicks", other, "nosuch"):
        status, answer = put(name)
        assert status in (400, 403), (name, answer)
    assert put("shop-clicks", WRITER)[0] == 200, "a name, which may be guessed, suffices for callers with rights of their own"


def test_public_bodies_are_small(guarded):
    event = {"user_id": "u", "item_id": "p1", "event_type": "View"}
    assert guarded.send(PAGE, "POST", "/_trine/events", {"dataset_group": "shop", "events": [event] * 101})[0] == 400
    assert guarded.send(PAGE, "POST", "/_trine/events", " " * 70_000)[0] == 413


def test_public_events_neither_hide_nor_reorder(guarded):
    real = {"user_id": "buyer", "item_id": "p7", "event_type": "Purchase", "event_id": "order-1", "timestamp": 1_790_000_000}
    assert guarded.send(PAGE, "POST", "/_trine/events", {"dataset_group": "shop", "events": [real]})[1]["kept"] == 1
    assert guarded.send(ADMIN, "POST", "/_trine/events", {"dataset_group": "shop", "events": [real]})[1]["kept"] == 1
    for n in range(1, 9):
        events = [{"user_id": f"b{n}-{k}", "item_id": f"p{n}", "event_type": "Purchase"} for k in range(n)]
        assert guarded.send(ADMIN, "POST", "/_trine/events", {"dataset_group": "shop", "events": events})[0] == 200
    before = [item["item_id"] for item in ask(guarded, ADMIN, "추천해줘", size=10)[1]["items"]]
    sent = 0
    while sent < 5000:
        events = [{"user_id": f"invented-{sent + k}", "item_id": "p29", "event_type": "Purchase"} for k in range(100)]
        status, answer = guarded.send(FREE, "POST", "/_trine/events", {"dataset_group": "shop", "events": events})
        if status == 429:
            time.sleep(.2)
            continue
        assert status == 200, answer
        sent += 100
    after = [item["item_id"] for item in ask(guarded, ADMIN, "추천해줘", size=10)[1]["items"]]
    assert after == before


def test_writers_create_no_index(guarded):
    status, answer = guarded.send(WRITER, "PUT", "/fresh/_doc/1", {"a": 1})
    assert status == 403 and answer["error"]["type"] == "security_exception", answer
    lines = '{"index":{"_index":"fresh","_id":"1"}}\n{"a":1}\n{"index":{"_index":"products","_id":"w"}}\n{"title":"의자","extra":1}\n'
    status, answer = guarded.send(WRITER, "POST", "/_bulk", lines)
    assert status == 200 and [item["index"]["status"] for item in answer["items"]] == [403, 201], answer
    assert guarded.send(ADMIN, "GET", "/fresh")[0] == 404
    for method, path, body in (("PUT", "/fresh", {}), ("PUT", "/products/_mapping", {"properties": {"new": {"type": "long"}}}),
                               ("PUT", "/products/_settings", {"index": {"max_result_window": 5}}), ("PUT", "/products/_alias/a", {}),
                               ("DELETE", "/products", None)):
        assert guarded.send(WRITER, method, path, body)[0] == 403, (method, path)


def test_readers_keep_their_scrolls(guarded):
    def scroll(headers):
        return guarded.send(headers, "POST", "/products/_search?scroll=1m", {"size": 1})[1]["_scroll_id"]
    hers, his = scroll(ANN), scroll(BOB)
    assert guarded.send(BOB, "POST", "/_search/scroll", {"scroll_id": hers})[0] == 404
    assert guarded.send(BOB, "DELETE", "/_search/scroll/_all")[1]["num_freed"] == 1
    assert guarded.send(ANN, "POST", "/_search/scroll", {"scroll_id": hers})[0] == 200
    assert guarded.send(BOB, "POST", "/_search/scroll", {"scroll_id": his})[0] == 404


EVIL = "\u2028a\u2029b\u0085c\x1b[2Jd\x00e\u202ef\u2066<script>alert(1)</script>"


def check_plain(text, items=None):
    """Fails if the text holds markup or a character that ends a line or moves the cursor, or lists anything but `items` products."""
    for bad in (*"\u2028\u2029\u0085\x1b\x00\u202e\u2066\r<>", "공짜 텐트"):
        assert bad not in text, (bad, text)
    if items is not None:
        assert len(re.findall(r"^\d+\. ", text, re.MULTILINE)) == items, text


def test_texts_of_the_catalogue_stay_one_plain_line(guarded):
    for name in ("1", "2"):
        source = {"title": f"솔밭 텐트 {name}{EVIL}", "category": f"텐트{EVIL}", "brand": f"솔밭{EVIL}", "price": 10000, "stock": 3,
                  "weight": f"<script>alert(1)</script>{EVIL}\n2. 공짜 텐트 (1원)"}
        assert guarded.send(ADMIN, "PUT", f"/evil/_doc/{name}?refresh=true", source)[0] == 201
    event = {"user_id": "fan", "item_id": "1", "event_type": "View"}
    assert guarded.send(ADMIN, "POST", "/_trine/events", {"dataset_group": "evil", "create": True, "events": [event]})[0] == 200
    assert guarded.send(ADMIN, "PUT", "/_trine/bindings/evil", {"dataset_group_arn": "evil"})[0] == 200
    for question in ("솔밭 텐트", "가벼운 텐트 추천해줘", "1kg 이하 텐트", f"나이키{EVIL} 텐트", "tent", "제일 싼 텐트"):
        for language in ("ko", "en"):
            status, answer = ask(guarded, ADMIN, question, index="evil", user_id="fan", language=language)
            assert status == 200, answer
            check_plain(answer["answer"]["text"], len(answer["items"]))
            for item in answer["items"]:
                check_plain(item["reason"]["text"])
    status, answer = guarded.send(ADMIN, "POST", "/_trine/reason", {"user_id": "fan", "index": "evil", "item_ids": ["1", "2"]})
    assert status == 200 and len(answer["items"]) == 2, answer
    for item in answer["items"]:
        check_plain(item["text"])
    prompt = f"- a: 솔밭 텐트{EVIL}, 10000원, 무게 <b>1kg</b>\n- b: 솔밭 의자{EVIL}, 20000원\n\n참고 문서:\n텐트는 900g입니다.{EVIL}\n\n질문: "
    for question in ("솔밭 텐트", f"나이키{EVIL} 텐트", "텐트는 몇 g인가요?"):
        body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 512, "messages": [{"role": "user", "content": prompt + question}]}
        status, answer = guarded.send(ADMIN, "POST", "/model/anthropic.claude-3-sonnet-20240229-v1:0/invoke", body)
        assert status == 200, answer
        check_plain(answer["content"][0]["text"])


def test_errors_show_no_paths(guarded):
    _, answer = guarded.send(ADMIN, "POST", "/", '{"bad": 1}')
    assert str(guarded.data) not in json.dumps(answer)


def test_guesses_are_slowed_down_and_logged(guarded):
    connection = Connection(guarded.url)
    begin, statuses = time.monotonic(), []
    while len(statuses) < 300:
        statuses.append(connection.request("GET", "/", None, basic("admin", f"guess{len(statuses)}"))[0])
    seconds = time.monotonic() - begin
    assert statuses[0] == 401 and statuses[-1] == 429
    assert statuses.count(401) <= 21 + seconds
    assert guarded.send(ADMIN, "GET", "/")[0] == 200, "credentials that worked before still work"
    lines = [line for line in guarded.log.read_text().splitlines() if "refused a login" in line]
    assert 1 <= len(lines) <= 40 and "127.0.0.1" in lines[0]


def test_a_named_pipe_and_an_open_key_are_refused(binary, tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    done = subprocess.run([str(binary), "serve", "--data-dir", str(tmp_path / "d"), "--port", "0", "--credentials", str(tmp_path / "pipe")],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "not a regular file" in done.stderr
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o644)
    done = subprocess.run([str(binary), "serve", "--data-dir", str(tmp_path / "d"), "--port", "0", "--tls-cert", str(tmp_path / "cert.pem"),
                           "--tls-key", str(tmp_path / "key.pem")], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "private key" in done.stderr


KOREAN = {"settings": {"analysis": {
    "tokenizer": {"mixed": {"type": "nori_tokenizer", "decompound_mode": "mixed", "discard_punctuation": "false", "user_dictionary_rules": ["c++", "세종시 세종 시"]}},
    "filter": {"pos": {"type": "nori_part_of_speech", "stoptags": ["E", "IC", "J", "MAG", "MM", "SP", "SSC", "SSO", "SC", "SE", "XPN", "XSA", "XSN", "XSV", "UNA", "NA", "VSV"]}},
    "analyzer": {"k": {"type": "custom", "tokenizer": "mixed", "filter": ["pos", "nori_readingform", "nori_number", "lowercase"]},
                 "own": {"type": "nori", "decompound_mode": "mixed", "stoptags": ["MAG"]}}}},
    "mappings": {"properties": {"title": {"type": "text", "analyzer": "korean"}, "nori": {"type": "text", "analyzer": "k"}, "own": {"type": "text", "analyzer": "own"}}}}


def test_korean_numbers_marks_and_settings(guarded):
    status, answer = guarded.send(ADMIN, "PUT", "/korean", KOREAN)
    assert status == 200, answer
    titles = {"1": "원피스 44,55,66", "2": "원피스 77", "3": "1,2인용 텐트", "4": "4인용 텐트", "5": "65,75인치 TV", "6": "출시 2024.01.15", "7": "10.1 인치 태블릿",
              "8": "생활ㆍ주방ㆍ욕실 용품", "9": "⛺\ufe0f 텐트", "10": "🛋\ufe0f 쿠션", "11": "Donaudampfschifffahrtsgesellschaft 모자", "12": "가방 1,200원"}
    lines = "".join(json.dumps({"index": {"_id": i}}) + "\n" + json.dumps({"title": t, "nori": t, "own": t}, ensure_ascii=False) + "\n" for i, t in titles.items())
    assert guarded.send(ADMIN, "POST", "/korean/_bulk?refresh=true", lines)[1]["errors"] is False

    def found(query, field="title"):
        body = {"query": {"match": {field: {"query": query, "operator": "and"}}}, "size": 20}
        return {hit["_id"] for hit in guarded.send(ADMIN, "POST", "/korean/_search", body)[1]["hits"]["hits"]}
    for query, ids in (("55", {"1"}), ("2인용 텐트", {"3"}), ("75인치", {"5"}), ("2024", {"6"}), ("10.1인치", {"7"}), ("주방", {"8"}), ("⛺\ufe0f", {"9"}), ("d", set()),
                       ("1200원", {"12"}), ("1,200원", {"12"})):
        assert found(query) == ids, query
    assert found("445566", "nori") == {"1"} and found("55", "nori") == set(), "nori_number joins digits at commas, as Lucene documents it"
    assert found("55", "own") == {"1"}


def test_ask_prefers_the_size_that_was_asked_for(guarded):
    lines = "".join(json.dumps({"index": {"_index": "dresses", "_id": i}}) + "\n" + json.dumps({"title": t}, ensure_ascii=False) + "\n"
                    for i, t in {"a": "원피스 77", "b": "원피스 44,55,66", "c": "4인용 텐트", "d": "1,2인용 텐트"}.items())
    mapping = {"mappings": {"properties": {"title": {"type": "text", "analyzer": "korean"}}}}
    assert guarded.send(ADMIN, "PUT", "/dresses", mapping)[0] == 200
    assert guarded.send(ADMIN, "POST", "/_bulk?refresh=true", lines)[0] == 200
    for question, best in (("55 원피스", "b"), ("2인용 텐트", "d")):
        answer = guarded.send(ADMIN, "POST", "/_trine/ask", {"question": question, "index": "dresses", "deadline_ms": 20000})[1]
        assert answer["items"][0]["item_id"] == best, (question, answer)
