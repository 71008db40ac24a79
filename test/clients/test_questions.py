"""Questions to the sample shop: checks the items that are found and the text of the answer."""

import json
import re

import pytest

from conftest import SHOP


@pytest.fixture(scope="module")
def ask(shop_server, clients):
    """ask(question, **more) -> the answer of /_trine/ask."""
    clients.search.http.post("/_trine/prepare", body={"index": "products"})

    def ask_shop(question, **more):
        return clients.search.http.post("/_trine/ask", body={"question": question, "index": "products", **more})

    return ask_shop


def sources(answer):
    return [item["source"] for item in answer["items"]]


def values(answer, field):
    return [source.get(field) for source in sources(answer)]


def says_nothing_fits(answer):
    """A sentence about what could not be checked may come before it."""
    return any(sentence in answer["answer"]["text"] for sentence in ("딱 맞는 상품은 찾지 못했어요", "I found nothing that fits exactly"))


@pytest.mark.parametrize("question", ["나인블록 후디", "후디 나인블록"])
def test_finds_a_brand_anywhere_in_the_question(ask, question):
    answer = ask(question)
    assert set(values(answer, "brand")) == {"나인블록"} and set(values(answer, "category_l2")) == {"후디"}
    assert "‘나인블록" in "".join(item["reason"]["text"] for item in answer["items"]) or "나인블록’" in answer["items"][0]["reason"]["text"]


@pytest.mark.parametrize("question", ["비행기 표 예매해줘", "asdfgh qwerty", "book me a flight", "십만원 이하 텐트", "만원짜리 양말"])
def test_answer_says_when_nothing_matches(ask, question):
    answer = ask(question)
    assert says_nothing_fits(answer)
    assert not any("65w" in item["reason"]["text"] for item in answer["items"])


@pytest.mark.parametrize("question, field, wanted", [
    ("10만원에서 20만원 사이 텐트", "category_l2", {"텐트"}), ("5만원 이하 후드티", "category_l2", {"후디"}), ("오만원대 후디", "category_l2", {"후디"}),
    ("무선 이어폰 케이스", "category_l2", {"이어폰 케이스"}), ("무선 이어폰 실리콘 케이스", "category_l2", {"이어폰 케이스"}),
    ("wireless earphones case", "category_l2", {"이어폰 케이스"}), ("무선 이어폰", "category_l2", {"무선 이어폰"}), ("이어버드", "category_l2", {"무선 이어폰"}),
    ("충전 케이블 말고 이어폰", "category_l2", {"무선 이어폰"}), ("요즘 캠핑 갈 때 쓸 가벼운 체어 없어?", "category_l2", {"체어"}),
    ("검정 후디", "colour", {"블랙"}), ("black hoodie", "colour", {"블랙"}), ("흰색 티셔츠", "colour", {"화이트"}), ("item_456", "product_id", {"item_456"})])
def test_every_item_matches_the_question(ask, question, field, wanted):
    answer = ask(question)
    assert set(values(answer, field)) == wanted
    assert not says_nothing_fits(answer)


@pytest.mark.parametrize("question", ["후디 빼고 상의", "tops except hoodies"])
def test_excluded_values_do_not_appear(ask, question):
    answer = ask(question, size=50)
    assert set(values(answer, "category_l1")) == {"상의"} and "후디" not in values(answer, "category_l2")


def test_answer_mentions_both_price_bounds(ask):
    assert "100,000원에서 200,000원 사이" in ask("10만원에서 20만원 사이 텐트")["answer"]["text"]


@pytest.mark.parametrize("question, field, reverse", [
    ("제일 싼 무선 이어폰", "price", False), ("cheapest wireless earphones", "price", False), ("가장 비싼 텐트", "price", True),
    ("most expensive tent", "price", True), ("가장 가벼운 체어", "weight_g", False), ("newest hoodie", "created_at", True)])
def test_superlative_sorts_the_items(ask, question, field, reverse):
    answer = ask(question)
    shown = values(answer, field)
    assert shown == sorted(shown, reverse=reverse)
    kind = values(answer, "category_l2")[0]
    everything = [s for s in values(ask(kind, size=100), field)]
    assert shown[0] == (max if reverse else min)(everything)
    for item in answer["items"]:
        assert sum(move["amount"] for move in item["ledger"]["moves"]) == pytest.approx(item["ledger"]["final"]["score"])


def test_expensive_is_not_read_as_cheap(ask):
    shown = values(ask("비싼 무선 이어폰"), "price")
    assert min(shown) > min(values(ask("무선 이어폰", size=100), "price"))
    assert ask("비싼 무선 이어폰")["intent"]["sort"] == "price_desc"


def test_answer_reports_an_ignored_dollar_bound(ask):
    answer = ask("chair under $50")
    assert answer["intent"]["price"] == {"min": None, "max": None} and answer["items"]
    assert "KRW" in answer["stages"][0]["why"] and "ignored" in answer["answer"]["text"]


def test_reasons_quote_words_from_the_question(ask):
    for question in ("가성비 미니멀한 반팔", "가벼운 캠핑 체어", "검은색 후드티"):
        reasons = [item["reason"]["text"].partition("‘")[2].partition("’")[0] for item in ask(question)["items"]]
        assert reasons[0], question
        for said in filter(None, reasons):
            assert all(word in question and len(word) > 1 for word in said.split(", ")), (question, said)


def test_outfit_matches_the_season(ask):
    answer = ask("가을 주말에 뭐 입을까요?", user_id="nobody-knows-me")
    assert len(answer["items"]) >= 3
    assert set(values(answer, "season")) <= {"가을", "사계절"}, values(answer, "season")


@pytest.mark.parametrize("question", ["추천해줘", "뭐 살까?", "내 취향에 맞는 거 보여줘", "심심한데 뭐 볼까", "what do you recommend for me?",
                                      "Show me something nice", "surprise me"])
def test_vague_question_gets_the_users_own_recommendations(ask, question):
    styles = {}
    for person, style in (("user_42", "아웃도어"), ("user_101", "스트리트")):
        answer = ask(question, user_id=person)
        assert answer["intent"]["open"]
        styles[person] = values(answer, "style")
        assert styles[person].count(style) >= 3, styles
        assert all(item["reason"]["text"] for item in answer["items"])
        assert not says_nothing_fits(answer)
    bounded = ask("3만원 이하로 추천해줘", user_id="user_42")
    assert len(bounded["items"]) == 5 and max(values(bounded, "price")) <= 30000


def test_vague_question_is_answered_without_events(shop_server, clients):
    http = clients.search.http
    lines = []
    for n in range(20):
        lines += [{"index": {"_index": "bare", "_id": f"b{n}"}}, {"title": f"thing {n}", "brand": f"m{n % 4}", "price": 1000 * (20 - n)}]
    assert not clients.search.bulk(body=lines, refresh=True)["errors"]

    def asked(question="추천해줘", **more):
        return http.post("/_trine/ask", body={"question": question, "index": "bare", "size": 3, **more})["items"]

    http.post("/_trine/prepare", body={"index": "bare"})
    assert len(asked()) == 3  # the index is not bound to a group
    clients.personalize.create_dataset_group(name="bare")
    http.put("/_trine/bindings/bare", body={"dataset_group_arn": "bare"})
    for person in ({}, {"user_id": "x"}, {"session_id": "s"}):
        for question in ("추천해줘", "인기 상품 보여줘", "what's new?"):
            items = asked(question, **person)
            assert len(items) == 3, (question, person)
            assert not any("인기" in item["reason"]["text"] or any(cause["amount"] <= 0 for cause in item["reason"]["because"]) for item in items if not person), items
        assert [item["source"]["price"] for item in asked("제일 싼 거 추천해줘", **person)] == [1000, 2000, 3000]
    assert {item["source"]["brand"] for item in asked(filter={"term": {"brand.keyword": "m3"}})} == {"m3"}
    assert asked(filter={"term": {"brand.keyword": "none"}}) == []


def test_popular_items_hardly_depend_on_the_user(ask):
    nobody = ask("인기 상품 보여줘")
    assert [item["reason"]["text"] for item in nobody["items"]] == ["많은 분이 찾는 인기 상품이어서 추천해 드려요."] * 5
    stranger = ask("추천해줘")
    assert values(stranger, "product_id") == values(nobody, "product_id")
    for person in ("user_42", "user_101"):
        own, popular = ask("추천해줘", user_id=person), ask("인기 상품 보여줘", user_id=person)
        shared = set(values(nobody, "product_id"))
        assert len(shared & set(values(popular, "product_id"))) >= 3 > len(shared & set(values(own, "product_id")))


def test_new_items_are_the_newest(ask):
    newest = sorted((json.loads(line) for line in open(SHOP / "products.ndjson", encoding="utf-8")), key=lambda p: p["created_at"])[-30:]
    for question in ("신상품 보여줘", "what's new?"):
        for person in ({}, {"user_id": "user_42"}):
            assert set(values(ask(question, **person), "product_id")) <= {product["product_id"] for product in newest}


def test_korean_answer_uses_korean_values(ask):
    for person in ("user_7", "user_42", "user_101"):
        for item in ask("추천해줘", user_id=person, size=20)["items"]:
            assert not re.search("[A-Za-z]{4}", re.sub("‘[^’]*’(을|를|에)", "", item["reason"]["text"])), item["reason"]["text"]


def test_english_answer_uses_english_values(ask):
    for person in ("user_7", "user_42", "user_101"):
        for item in ask("what do you recommend for me?", user_id=person, size=20)["items"]:
            assert not re.search("[가-힣]", item["reason"]["text"]), item["reason"]["text"]


def test_english_answer_uses_english_names(ask, clients):
    for item in ask("light camping chair", user_id="user_42")["items"]:
        assert not re.search("[가-힣]", item["reason"]["text"]), item["reason"]["text"]


def test_reasons_without_a_question_use_the_catalogues_language(ask, clients):
    body = {"user_id": "user_42", "item_ids": ["item_253"], "index": "products"}
    (item,) = clients.search.http.post("/_trine/reason", body=body)["items"]
    assert item["text"].endswith("추천해 드려요.")
    (item,) = clients.search.http.post("/_trine/reason", body={**body, "language": "en"})["items"]
    assert item["text"].startswith("Because ")


def test_personal_candidates_survive_many_equal_matches(shop_server, clients):
    """All 400 products match equally, and the user prefers only the last six."""
    http = clients.search.http
    lines = []
    for n in range(400):
        lines += [{"index": {"_index": "crowd", "_id": f"c{n}"}}, {"title": f"something nice {n}", "brand": "teal" if n >= 394 else f"b{n % 40}"}]
    assert not clients.search.bulk(body=lines, refresh=True)["errors"]
    clients.personalize.create_dataset_group(name="crowd")
    http.put("/_trine/bindings/crowd", body={"dataset_group_arn": "crowd"})
    events = [{"user_id": "t", "item_id": f"c{n}", "event_type": "Purchase", "timestamp": 1764000000 + n} for n in (394, 395, 396)]
    events += [{"user_id": f"u{n}", "item_id": f"c{n}", "event_type": "View", "timestamp": 1764000000 + n} for n in range(300)]
    http.post("/_trine/events", body={"dataset_group": "crowd", "events": events})
    http.post("/_trine/prepare", body={"index": "crowd"})
    ours = {f"c{n}" for n in range(394, 400)}
    answer = http.post("/_trine/ask", body={"question": "something nice", "index": "crowd", "user_id": "t", "size": 5})
    assert ours & {item["item_id"] for item in answer["items"]}, answer["intent"]
    answer = http.post("/_trine/ask", body={"question": "something nice", "index": "crowd", "user_id": "u7", "size": 5})
    assert not ours & {item["item_id"] for item in answer["items"]}
