"""Claims: names of products that consist of several words, words that name no product, and the conditions of outfits."""

import pytest
from test_claims import FITS, ask, load, said

SHOP = [
    {"title": "Lumebelle Shampoo", "category": "Beauty > Hair", "price": 9500, "stock": 4},
    {"title": "Lumebelle Hair Dryer", "category": "Beauty > Appliances", "price": 60000, "stock": 4},
    {"title": "Lumebelle Hair Dryer Pro", "category": "Beauty > Appliances", "price": 160000, "stock": 0},
    {"title": "해든 볼펜", "category": "문구>볼펜", "price": 1500, "stock": 3},
    {"title": "해든 볼펜 리필심", "category": "문구>리필", "price": 700, "stock": 3},
    {"title": "온결 코트", "category": "의류>코트", "price": 89000, "size": "M,L", "colour": "블랙", "stock": 3},
    {"title": "온결 긴 코트", "category": "의류>코트", "price": 389000, "size": "XL", "colour": "그린", "stock": 0},
    {"title": "온결 티셔츠", "category": "의류>티셔츠", "price": 19000, "size": "S", "colour": "그린", "stock": 2},
    {"title": "온결 모자", "category": "의류>모자", "price": 15000, "colour": "블랙", "stock": 2},
]


@pytest.fixture(scope="module")
def shop(server):
    return load(server, "claims-conditions", SHOP)


def asked(shop, question):
    return ask(shop, question, "claims-conditions")


@pytest.mark.parametrize("question,ids", [("hair dryer", ["1", "2"]), ("hair dryer under 100,000 won", ["1"]), ("볼펜 리필심", ["4"]), ("볼펜", ["3"]), ("M사이즈 코트", ["5"]), ("코트 XL사이즈", ["6"])])
def test_a_compound_need_not_be_in_the_category_of_its_first_word(shop, question, ids):
    text, shown, _, intent = asked(shop, question)
    count = len(ids)
    assert sorted(shown[:count]) == ids and any(claim in text for claim in FITS) and intent["unchecked"] == [], (text, intent)
    assert f"상품 {count}개" in text or f"{count} product" in text, text


@pytest.mark.parametrize("question", ["코트 30만원까지 가능해요", "코트 30만원 이하 ㄱㄱ", "30만원 이하의 코트를 찾고 있습니다"])
def test_a_predicate_is_not_the_product(shop, question):
    text, shown, _, intent = asked(shop, question)
    assert shown[0] == "5" and "6" not in shown and "딱 맞는 상품은 찾지 못했어요" not in text, (text, intent)


@pytest.mark.parametrize("question,ids", [("available hair dryer", {"1"}), ("hair dryer available?", {"1"}), ("hair dryer available in red", {"1", "2"})])
def test_available_asks_for_stock(shop, question, ids):
    _, shown, _, intent = asked(shop, question)
    assert set(shown) >= ids and ("2" in shown) == ("2" in ids) and intent["in_stock"] == (len(ids) == 1), intent


@pytest.mark.parametrize("question,never", [("블랙 빼고 코디 추천해줘", {"5", "8"}), ("5만원 이하로 뭐 입을까?", {"5", "6"}), ("재고 있는 걸로 코디해줘", {"6"}), ("블랙 코디 추천해줘", {"6", "7"})])
def test_an_outfit_meets_the_conditions(shop, question, never):
    text, shown, _, _ = asked(shop, question)
    assert shown and not set(shown) & never and "맞춰 입어 보세요" in text, (text, shown)


def test_an_outfit_names_what_it_cannot_check(shop):
    text, _, _, intent = asked(shop, "나이키 코디 추천해줘")
    assert "나이키" in [part["text"] for part in intent["unchecked"]] and "‘나이키’" in text, (text, intent)


def test_the_lightest_of_a_list_comes_first(server):
    text = said(server, "- a: 코트 하나, 무게 900g\n- b: 코트 둘, 무게 700g\n- c: 코트 셋\n\n질문: 가장 가벼운 코트")
    assert text.index("코트 둘") < text.index("코트 하나"), text
    text = said(server, "- a: Coat one, 900 g, vinyl\n\nQuestion: vinyl record 180g")
    assert not any(claim in text for claim in FITS) and "Going by the rest" not in text, text


@pytest.mark.parametrize("question,fits", [("네이비나 그레이 티셔츠", {"하나", "둘"}), ("티셔츠 네이비 또는 그레이", {"하나", "둘"}), ("바람골 또는 온결 티셔츠", {"둘", "셋"}), ("navy 티셔츠", {"하나"}), ("red, navy or gray 티셔츠", {"하나", "둘", "셋"}), ("티셔츠 레드, 그레이 또는 블랙", {"둘", "셋"})])
def test_alternatives_of_a_list(server, question, fits):
    items = "- a: 해든 네이비 티셔츠 하나, 10,000원\n- b: 온결 그레이 티셔츠 둘, 10,000원\n- c: 바람골 레드 티셔츠 셋, 10,000원\n\n질문: "
    text = said(server, items + question)
    claimed = {name for name in ("하나", "둘", "셋") if f"티셔츠 {name} (" in text}
    assert claimed == fits and any(claim in text for claim in FITS), text


KINDS = [
    {"title": "필담 노트북 파우치 핑크", "category": "문구>파우치"}, {"title": "필담 화장품 파우치", "category": "문구>파우치"},
    {"title": "Corven Cordless Drill 20V - Orange", "category": "Power Tools"}, {"title": "Corven Drill Bit Set 10 pcs - Orange", "category": "Accessories"},
    {"title": "Stonebridge Drill Pro", "category": "Power Tools"}, {"title": "Stonebridge Coffee Grinder"}, {"title": "Oak Coffee Mug"},
    {"title": "Linen Desk Lamp"}, {"title": "Desk Lamp Linen"}, {"title": "Linen Shirt"}, {"title": "Shirt with Desk Print"}]


@pytest.mark.parametrize("question,fits", [("drills", {"2", "4"}), ("drill", {"2", "4"}), ("drill bit", {"3"}), ("lamp", {"7", "8"}), ("shirt", {"9", "10"}), ("coffee mug", {"6"})])
def test_a_product_fits_if_its_title_is_headed_by_the_word(server, question, fits):
    text, shown, _, intent = ask(load(server, "claims-kinds", KINDS), question, "claims-kinds")
    count = len(fits)
    assert set(shown[:count]) == fits and intent["unchecked"] == [], (text, intent)
    assert f"{count} product" in text and any(claim in text for claim in FITS), text


def test_what_only_belongs_to_a_thing_is_not_claimed(server):
    shop = load(server, "claims-kinds", KINDS)
    text, shown, _, intent = ask(shop, "노트북", "claims-kinds")
    assert shown == ["0"] and "딱 맞는 상품은 찾지 못했어요" in text and intent["unchecked"] == [], (text, intent)
    text, shown, why, intent = ask(shop, "coffee", "claims-kinds")
    assert set(shown) == {"5", "6"} and intent["unchecked"] == [{"text": "coffee", "about": "kind"}], (text, intent)
    assert "I could not tell whether these are ‘coffee’ or something that goes with it." in text and not any(claim in text for claim in FITS), text


def test_what_only_belongs_to_a_listed_thing_is_not_claimed(server):
    text = said(server, "- a: 해든 볼펜 블랙, 1,000원\n- b: 해든 볼펜 리필심, 500원\n\n질문: 볼펜")
    assert "1. 해든 볼펜 블랙" in text and "2. " not in text and "해든 볼펜 리필심: 찾으시는 종류의 상품이 아니어서" in text, text
    text = said(server, "- a: 필담 노트북 파우치, 1,000원\n- b: 필담 파우치, 500원\n\n질문: 노트")
    assert "‘노트’ 자체인지" in text and not any(claim in text for claim in FITS), text
    text = said(server, "- a: Hair Dryer, $20\n- b: Hair Dryer Pro, $30\n- c: Case for a hair dryer, $5\n\nQuestion: hair dryer")
    assert "1. Hair Dryer" in text and "2. Hair Dryer Pro" in text and "3. " not in text, text


@pytest.mark.parametrize("question,ids", [("wooden or steel tent", {"0", "1", "2"}), ("red, blue or green stool", {"3", "4"})])
def test_alternatives_of_a_catalogue_without_values(server, question, ids):
    titles = ["Wooden tent", "Steel tent", "Wooden steel tent", "Red stool", "Green stool", "Black stool"]
    text, shown, _, _ = ask(load(server, "claims-or", [{"title": title} for title in titles]), question, "claims-or")
    assert set(shown[:len(ids)]) == ids and f"are {len(ids)} products that fit" in text, (text, shown)


@pytest.mark.parametrize("question,fits", [("Sorella Bay or Lumebelle shampoo", {"1", "2"}), ("Lumebelle or Sorella Bay shampoo", {"1", "2"}), ("Verdanne or Lumebelle conditioner", {"5"}), ("shampoo set", {"1", "2", "3"})])
def test_names_of_several_words_are_alternatives(server, question, fits):
    titles = {"1": "Sorella Bay Vegan Shampoo", "2": "Lumebelle Shampoo", "3": "Verdanne Shampoo", "4": "Sorella Bay Conditioner", "5": "Lumebelle Conditioner"}
    text = said(server, "".join(f"- item{n}: {title}, ${n}\n" for n, title in titles.items()) + "\nQuestion: " + question)
    claimed = {n for n, title in titles.items() if f". {title} ($" in text}
    assert claimed == fits, text


def test_and_is_no_alternative(server):
    text = said(server, "- a: Waterproof tent, $20\n- b: Foldable tent, $20\n- c: Waterproof foldable tent, $30\n\nQuestion: waterproof and foldable tent")
    assert "1. Waterproof foldable tent" in text and "2. " not in text, text


@pytest.mark.parametrize("prices,question,fits", [
    ([12.5, 8.0, 90.0], "lamp under £20", False), ([12.5, 8.0, 90.0], "lamp under $20", False), ([12.5, 8.0, 90.0], "lamp under 20", True), ([15, 8, 90], "lamp up to 20 euros", False),
    ([15000, 8000, 90000], "lamp 2만원 이하", True), ([300, 150, 900], "lamp 500원 이하", False), ([12.5, 8.0, 90.0], "lamp over $10 and under $20", False)])
def test_amounts_are_not_claimed_in_an_unknown_currency(server, prices, question, fits):
    shop = load(server, "claims-unknown-currency", [{"title": f"lamp {n}", "price": price} for n, price in enumerate(prices)])
    text, shown, why, intent = ask(shop, question, "claims-unknown-currency")
    assert shown and "2" not in shown, (text, shown)
    notes = "The currency of the prices is not known, so I only compared the numbers" in text or "상품 가격의 통화를 알 수 없어" in text
    assert (any(claim in text for claim in FITS), notes, "the currency of the prices is unknown" in why) == (fits, not fits, not fits), (text, why)
    assert {part["about"] for part in intent["unchecked"]} == (set() if fits else {"unknown_currency"}), intent


@pytest.mark.parametrize("items,question,fits", [
    ('[{"title": "Lamp", "price": 12.5}, {"title": "Tall lamp", "price": 90.0}]', "lamp under £20", False), ("- a: Lamp, $12.50\n- b: Tall lamp, $90.00", "lamp under $20", True),
    ('[{"title": "Lamp", "price": 12000}, {"title": "Tall lamp", "price": 90000}]', "lamp 2만원 이하", True)])
def test_amounts_are_not_claimed_in_an_unknown_currency_of_a_list(server, items, question, fits):
    text = said(server, items + "\n\nQuestion: " + question)
    assert "1. Lamp" in text and "2. " not in text and any(claim in text for claim in FITS) == fits, text


FLUIDS = [
    {"title": "Verdanne Perfume 30ml", "category": "Beauty > Fragrance", "weight": "120 g"}, {"title": "Verdanne Perfume 100 ml", "category": "Beauty > Fragrance", "weight": "300 g"},
    {"title": "Night Serum 1.7 fl oz", "category": "Beauty > Skin", "weight": "90 g"}, {"title": "Night Serum 3.4 fl oz", "category": "Beauty > Skin", "weight": "160 g"},
    {"title": "Ironvale Hammer", "category": "Tools", "weight": "400 g"}, {"title": "Corven Hammer", "category": "Tools", "weight": "900 g"}]


@pytest.mark.parametrize("question,shown_first,unchecked", [
    ("perfume up to 1.7 oz", {"0", "1"}, ["up to 1.7 oz"]), ("serum under 2 oz", {"2", "3"}, ["under 2 oz"]), ("serum under 2 fl oz", {"2"}, []), ("hammer under 20 oz", {"4"}, []),
    ("perfume under 200 g", {"0"}, [])])
def test_ounces_of_what_is_sold_by_volume_are_not_a_mass(server, question, shown_first, unchecked):
    text, shown, _, intent = ask(load(server, "claims-ounces", FLUIDS), question, "claims-ounces")
    assert set(shown[:len(shown_first)]) == shown_first and [part["text"] for part in intent["unchecked"]] == unchecked, (text, shown, intent)
    assert any(claim in text for claim in FITS) == (not unchecked), text
