"""Questions to the sample shop: what is found, what is not, and that the answer says which."""

import re

import pytest


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


NOTHING = ("딱 맞는 상품은 찾지 못했어요", "I found nothing that fits exactly")


@pytest.mark.parametrize("question", ["나인블록 후디", "후디 나인블록"])
def test_a_brand_is_found_wherever_it_stands(ask, question):
    answer = ask(question)
    assert set(values(answer, "brand")) == {"나인블록"} and set(values(answer, "category_l2")) == {"후디"}
    assert "‘나인블록" in "".join(item["reason"]["text"] for item in answer["items"]) or "나인블록’" in answer["items"][0]["reason"]["text"]


@pytest.mark.parametrize("question", ["비행기 표 예매해줘", "asdfgh qwerty", "book me a flight", "십만원 이하 텐트", "만원짜리 양말"])
def test_an_answer_without_what_was_asked_says_so(ask, question):
    answer = ask(question)
    assert answer["answer"]["text"].startswith(NOTHING)
    assert not any("65w" in item["reason"]["text"] for item in answer["items"])


@pytest.mark.parametrize("question, field, wanted", [
    ("10만원에서 20만원 사이 텐트", "category_l2", {"텐트"}), ("5만원 이하 후드티", "category_l2", {"후디"}), ("오만원대 후디", "category_l2", {"후디"}),
    ("무선 이어폰 케이스", "category_l2", {"이어폰 케이스"}), ("무선 이어폰 실리콘 케이스", "category_l2", {"이어폰 케이스"}),
    ("wireless earphones case", "category_l2", {"이어폰 케이스"}), ("무선 이어폰", "category_l2", {"무선 이어폰"}), ("이어버드", "category_l2", {"무선 이어폰"}),
    ("충전 케이블 말고 이어폰", "category_l2", {"무선 이어폰"}), ("요즘 캠핑 갈 때 쓸 가벼운 체어 없어?", "category_l2", {"체어"}),
    ("검정 후디", "colour", {"블랙"}), ("black hoodie", "colour", {"블랙"}), ("흰색 티셔츠", "colour", {"화이트"}), ("item_456", "product_id", {"item_456"})])
def test_everything_shown_is_what_was_asked(ask, question, field, wanted):
    answer = ask(question)
    assert set(values(answer, field)) == wanted
    assert not answer["answer"]["text"].startswith(NOTHING)


@pytest.mark.parametrize("question", ["후디 빼고 상의", "tops except hoodies"])
def test_what_is_not_wanted_is_not_there(ask, question):
    answer = ask(question, size=50)
    assert set(values(answer, "category_l1")) == {"상의"} and "후디" not in values(answer, "category_l2")


def test_both_price_bounds_are_said(ask):
    assert "100,000원에서 200,000원 사이" in ask("10만원에서 20만원 사이 텐트")["answer"]["text"]


@pytest.mark.parametrize("question, field, reverse", [
    ("제일 싼 무선 이어폰", "price", False), ("cheapest wireless earphones", "price", False), ("가장 비싼 텐트", "price", True),
    ("most expensive tent", "price", True), ("가장 가벼운 체어", "weight_g", False), ("newest hoodie", "created_at", True)])
def test_a_superlative_is_the_order(ask, question, field, reverse):
    answer = ask(question)
    shown = values(answer, field)
    assert shown == sorted(shown, reverse=reverse)
    kind = values(answer, "category_l2")[0]
    everything = [s for s in values(ask(kind, size=100), field)]
    assert shown[0] == (max if reverse else min)(everything)
    for item in answer["items"]:
        assert sum(move["amount"] for move in item["ledger"]["moves"]) == pytest.approx(item["ledger"]["final"]["score"])


def test_dear_is_not_cheap(ask):
    shown = values(ask("비싼 무선 이어폰"), "price")
    assert min(shown) > min(values(ask("무선 이어폰", size=100), "price"))
    assert ask("비싼 무선 이어폰")["intent"]["sort"] == "price_desc"


def test_a_bound_in_dollars_is_left_out_and_said(ask):
    answer = ask("chair under $50")
    assert answer["intent"]["price"] == {"min": None, "max": None} and answer["items"]
    assert "KRW" in answer["stages"][0]["why"] and "left out" in answer["answer"]["text"]


def test_reasons_are_words_of_the_question(ask):
    for question in ("가성비 미니멀한 반팔", "가벼운 캠핑 체어", "검은색 후드티"):
        reasons = [item["reason"]["text"].partition("‘")[2].partition("’")[0] for item in ask(question)["items"]]
        assert reasons[0], question
        for said in filter(None, reasons):
            assert all(word in question and len(word) > 1 for word in said.split(", ")), (question, said)


def test_an_outfit_is_for_the_season(ask):
    answer = ask("가을 주말에 뭐 입을까요?", user_id="nobody-knows-me")
    assert len(answer["items"]) >= 3
    assert set(values(answer, "season")) <= {"가을", "사계절"}, values(answer, "season")


def test_english_speaks_english_names(ask, clients):
    for item in ask("light camping chair", user_id="user_42")["items"]:
        assert not re.search("[가-힣]", item["reason"]["text"]), item["reason"]["text"]


def test_without_a_question_the_catalogues_language_is_spoken(ask, clients):
    body = {"user_id": "user_42", "item_ids": ["item_253"], "index": "products"}
    (item,) = clients.search.http.post("/_trine/reason", body=body)["items"]
    assert item["text"].endswith("추천해 드려요.")
    (item,) = clients.search.http.post("/_trine/reason", body={**body, "language": "en"})["items"]
    assert item["text"].startswith("Because ")
