"""Makes the products of the sample shop from the word lists beside this file.

The same word lists and seed give the same products with every Python 3, because only `random.random()` is
used, whose sequence is guaranteed. Used by generate.py.
"""

import datetime
import pathlib
import random

STYLE_EN = {"스트리트": "street", "미니멀": "minimal", "아웃도어": "outdoor", "스포티": "sporty",
            "캐주얼": "casual", "클래식": "classic", "내추럴": "natural", "모던": "modern", "키치": "playful"}
SEASON_EN = {"봄": "spring", "여름": "summer", "가을": "autumn", "겨울": "winter", "사계절": "all seasons"}
GENDER_EN = {"여성": "women", "남성": "men", "공용": "unisex"}
WORN = {"상의", "하의", "아우터", "신발", "패션"}

COLOURS = {
    "mono": [("블랙", "black"), ("화이트", "white"), ("차콜", "charcoal"), ("그레이", "grey"), ("아이보리", "ivory"),
             ("네이비", "navy")],
    "street": [("블랙", "black"), ("레드", "red"), ("코발트블루", "cobalt blue"), ("퍼플", "purple"), ("라임", "lime"),
               ("워싱그레이", "washed grey"), ("크림", "cream")],
    "earth": [("카키", "khaki"), ("올리브", "olive"), ("샌드", "sand"), ("블랙", "black"), ("오렌지", "orange")],
    "denim": [("인디고", "indigo"), ("라이트블루", "light blue"), ("블랙", "black"), ("워싱그레이", "washed grey")],
    "soft": [("아이보리", "ivory"), ("라벤더", "lavender"), ("민트", "mint"), ("핑크", "pink"), ("베이지", "beige")],
    "sport": [("네온옐로", "neon yellow"), ("블랙", "black"), ("스카이블루", "sky blue"), ("화이트", "white")],
    "tech": [("블랙", "black"), ("화이트", "white"), ("실버", "silver"), ("네이비", "navy")],
    "wood": [("월넛", "walnut"), ("내추럴우드", "natural wood"), ("오크", "oak")],
    "none": [],
}
BRANDS = {
    "street": [("골목상회", "Golmok"), ("오프비트서울", "Offbeat Seoul"), ("나인블록", "Nine Block"), ("스모크덕", "Smokeduck")],
    "minimal": [("여백", "Yeobaek"), ("담담", "Damdam"), ("라인앤폼", "Line & Form"), ("서재의옷", "Seojae")],
    "mixed": [("데이노트", "Daynote"), ("오늘의옷장", "Oneul"), ("리버사이드", "Riverside")],
    "soft": [("봄결", "Bomgyeol"), ("메이로하", "Mayroha"), ("오늘의옷장", "Oneul")],
    "outdoor": [("솔밭", "Solbat"), ("노마드포레", "Nomad Foret"), ("하이릿지", "High Ridge"), ("바람길", "Baramgil"),
                ("캠프온달", "Camp Ondal")],
    "sport": [("페이스온", "Paceon"), ("움직임", "Umjigim"), ("스플래시웍스", "Splashworks")],
    "audio": [("소리담", "Soridam"), ("웨이브핏", "Wavefit"), ("음결", "Eumgyeol"), ("에코노트", "Econote")],
    "digital": [("루멘코", "Lumenco"), ("링크온", "Linkon"), ("전선상점", "Jeonseon")],
    "home": [("온기살림", "Ongi"), ("한결리빙", "Hangyeol Living"), ("나무와결", "Namu & Gyeol")],
    "beauty": [("살결", "Salgyeol"), ("초록뜰", "Chorok"), ("누리봄", "Nuribom")],
    "books": [("느린책방", "Slow Press"), ("오름출판", "Oreum Press")],
    "kids": [("콩나무", "Kongnamu"), ("아기자기", "Agijagi")],
    "pets": [("멍냥이네", "Meongnyang"), ("포포하우스", "Popo House")],
}
EDITIONS = {"books": [("", ""), ("개정판", "Revised Edition"), ("큰글자판", "Large Print")],
            "pets": [("", ""), ("대용량", "Value Pack"), ("소용량", "Small Pack")]}
FITS = {"스트리트": [("오버핏", "oversized"), ("루즈핏", "loose")], "미니멀": [("레귤러핏", "regular"), ("슬림핏", "slim")]}
OTHER_FITS = [("레귤러핏", "regular"), ("루즈핏", "loose"), ("슬림핏", "slim")]

STYLE_LINES = {
    "스트리트": [("스트리트 무드를 좋아한다면 그냥 지나치기 어렵습니다.", "Hard to pass by if you like street style."),
             ("편하고 힙한 스트리트 코디의 중심이 됩니다.", "The centre of an easy street outfit."),
             ("주말 거리에서 입기 좋은 스트리트 아이템입니다.", "A street piece to wear at the weekend.")],
    "미니멀": [("군더더기 없는 미니멀 코디에 잘 맞습니다.", "Right for a minimal outfit without excess."),
            ("모노톤으로 맞춰 입으면 더 단정합니다.", "Neater still in one tone from head to toe."),
            ("주말에도 차분하게 입을 수 있는 미니멀 아이템입니다.", "A minimal piece for a calm weekend.")],
    "아웃도어": [("산과 캠핑장 어디서나 든든합니다.", "Dependable on the hill and at camp.")],
    "스포티": [("움직임이 많은 날에 어울립니다.", "For days with a lot of movement.")],
    "클래식": [("유행을 타지 않아 오래 입습니다.", "Outlives the trends.")],
    "캐주얼": [("매일 손이 가는 편안한 한 벌입니다.", "An easy piece for every day.")],
}
SEASON_LINES = {
    "봄": [("봄바람이 부는 날에 가볍게 어울립니다.", "Light enough for a breezy spring day.")],
    "여름": [("무더운 여름에도 산뜻합니다.", "Fresh even in the heat of summer.")],
    "가을": [("선선해지는 가을에 꺼내기 좋습니다.", "One to take out as autumn cools.")],
    "겨울": [("찬 바람 부는 겨울에 특히 손이 갑니다.", "Most welcome when the winter wind blows.")],
}


class Dice:
    """Repeatable random choices, based on random() only."""

    def __init__(self, seed):
        self._rng = random.Random(seed)

    def chance(self, p):
        return self._rng.random() < p

    def uniform(self, low, high):
        return low + (high - low) * self._rng.random()

    def whole(self, low, high):
        """Returns an integer from low to high, both inclusive."""
        return low + int(self._rng.random() * (high - low + 1))

    def pick(self, things):
        return things[int(self._rng.random() * len(things))]

    def weighted(self, things, weights):
        """Returns one of `things` by weight, or None if no weight is positive."""
        total = sum(weights)
        if total <= 0:
            return None
        mark = self._rng.random() * total
        for thing, weight in zip(things, weights):
            mark -= weight
            if mark < 0:
                return thing
        return things[-1]

    def take(self, things, count):
        """Returns `count` different elements in random order."""
        rest = list(things)
        return [rest.pop(int(self._rng.random() * len(rest))) for _ in range(min(count, len(rest)))]


def _span(text):
    low, high = text.split("-")
    return int(low), int(high)


def read_words(folder):
    """Reads the shelves of the shop: a list of {category, ..., variants, features} in file order."""
    shelves = []
    for name in ("words_wear.txt", "words_goods.txt"):
        for line in (pathlib.Path(folder) / name).read_text(encoding="utf-8").splitlines():
            if not line or line.startswith("#"):
                continue
            cells = [cell.strip() for cell in line[1:].split("|")]
            if line[0] == "=":
                category, category_en, count, brands, colours, gender = cells
                shelves.append({"category": category, "category_en": category_en, "count": int(count), "brands": brands,
                                "colours": colours, "gender": gender, "variants": [], "features": []})
            elif line[0] == "v":
                ko, en, style, season, grams, price, lead, lead_en = cells
                shelves[-1]["variants"].append({"name": (ko, en), "style": style, "season": season, "grams": _span(grams),
                                                "price": _span(price), "lead": (lead, lead_en)})
            elif line[0] == "f":
                shelves[-1]["features"].append(tuple(cells))
            else:
                raise ValueError(f"{name}: a line starts with =, v, f or #, not: {line}")
    return shelves


def _weight_line(grams):
    text = f"{grams}g" if grams < 1000 else f"{grams / 1000:.1f}kg"
    text_en = f"{grams} g" if grams < 1000 else f"{grams / 1000:.1f} kg"
    return f"무게는 {text}입니다.", f"Weighs {text_en}."


def _describe(dice, shelf, variant, grams):
    lines = [variant["lead"]] + dice.take(shelf["features"], dice.whole(1, 2))
    level_one = shelf["category"].split(">")[0]
    if level_one in WORN:
        if dice.chance(.75):
            lines.append(dice.pick(STYLE_LINES.get(variant["style"], STYLE_LINES["캐주얼"])))
        elif variant["season"] in SEASON_LINES:
            lines.append(dice.pick(SEASON_LINES[variant["season"]]))
    elif level_one in ("캠핑", "아웃도어", "오디오"):
        lines.append(_weight_line(grams))
    return " ".join(line[0] for line in lines), " ".join(line[1] for line in lines)


def _title(dice, brand, variant, shelf, colour, taken):
    """Returns an unused title: the plain one, else with the colour or edition, else with the model year."""
    endings = [("", "")]
    if shelf["brands"] in EDITIONS:
        endings = EDITIONS[shelf["brands"]]
    elif colour:
        endings = [colour] if dice.chance(.55) else [("", ""), colour]
    for year in ("", "2026", "2025", "시즌2"):
        for ending in endings:
            words = [brand[0], variant["name"][0], ending[0], year]
            if shelf["brands"] == "books":
                words = words[1:]
            title = " ".join(word for word in words if word)
            if title not in taken:
                taken.add(title)
                english = [brand[1] if shelf["brands"] != "books" else "", variant["name"][1],
                           ending[1].title(), "Season 2" if year == "시즌2" else year]
                return title, " ".join(word for word in english if word)
    return None


def _price(dice, span):
    return dice.whole(span[0] * 10, span[1] * 10) * 100 if span[1] < 30 else dice.whole(*span) * 1000 - 100


def make_products(folder, end, new_in):
    """Returns all products in order, with ids from item_101 on. `end` is the last instant of the data. The last
    product of each category in `new_in` was added days before it, the others up to 14 months earlier."""
    dice = Dice("shop products")
    products, taken = [], set()
    for shelf in read_words(folder):
        for n in range(shelf["count"]):
            variant = shelf["variants"][n % len(shelf["variants"])]
            brands = BRANDS["street" if variant["style"] == "스트리트" and shelf["brands"] in ("mixed", "street", "outdoor")
                            else "minimal" if variant["style"] == "미니멀" and shelf["brands"] in ("mixed", "street", "soft")
                            else "mixed" if shelf["brands"] in ("street", "minimal") and variant["style"] not in ("스트리트", "미니멀")
                            else shelf["brands"]]
            palette = COLOURS["mono" if variant["style"] == "미니멀" and shelf["colours"] in ("street", "soft", "sport") else shelf["colours"]]
            title = None
            while title is None:
                brand = dice.pick(brands)
                colour = dice.pick(palette) if palette else None
                title = _title(dice, brand, variant, shelf, colour, taken)
            grams = dice.whole(*variant["grams"])
            text = _describe(dice, shelf, variant, grams)
            is_new = shelf["category"] in new_in and n == shelf["count"] - 1
            created = end - datetime.timedelta(days=dice.whole(2, 9) if is_new else dice.whole(370, 430) if dice.chance(.8)
                                               else dice.whole(40, 360), minutes=dice.whole(0, 600))
            product = {
                "product_id": f"item_{101 + len(products)}", "title": title[0], "title_en": title[1],
                "description": text[0], "description_en": text[1], "brand": brand[0], "brand_en": brand[1],
                "category": shelf["category"], "category_en": shelf["category_en"],
                "category_l1": shelf["category"].split(">")[0], "category_l2": shelf["category"].split(">")[1],
                "price": _price(dice, variant["price"]), "weight_g": grams,
                "season": variant["season"], "season_en": SEASON_EN[variant["season"]],
                "style": variant["style"], "style_en": STYLE_EN[variant["style"]],
                "gender": shelf["gender"], "gender_en": GENDER_EN[shelf["gender"]],
                "stock": 0 if dice.chance(.04) else dice.whole(3, 240),
                "created_at": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            if colour:
                product["colour"], product["colour_en"] = colour
            if product["category_l1"] in ("상의", "하의", "아우터", "패션") and product["category_l2"] != "잡화":
                product["fit"], product["fit_en"] = dice.pick(FITS.get(variant["style"], OTHER_FITS))
            products.append(product)
    return products
