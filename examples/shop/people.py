"""Makes the people of the sample shop, their preferences and their events.

A taste gives every product an affinity, which season and region multiply. People mostly follow their
taste, sometimes their second taste, and now and then neither, so their preferences are known. Used by
generate.py.
"""

import datetime

from catalogue import Dice

LIGHT, HEAVY = "light", "heavy"

# categories: weight by first level or by whole path (the longer match applies); all others weigh 0.
TASTES = {
    "street": {"people": 80, "styles": ["스트리트"], "ages": (16, 31), "women": .4, "region": "서울",
               "categories": {"상의": 3, "하의": 2.5, "아우터": 1.5, "신발": 2, "패션": 1.2}},
    "minimal": {"people": 75, "styles": ["미니멀"], "ages": (27, 48), "women": .6, "region": "서울",
                "categories": {"상의": 2.5, "하의": 2.5, "아우터": 1.8, "패션": 2.5, "신발": 1.5, "홈": .4}},
    "ultralight": {"people": 60, "styles": ["아웃도어"], "ages": (28, 56), "women": .35, "region": "강원", "load": LIGHT,
                   "categories": {"캠핑": 3, "아웃도어": 2, "신발>등산화": 1.2, "아우터": .6}},
    "family_camping": {"people": 30, "styles": [], "ages": (33, 47), "women": .5, "region": "경기", "load": HEAVY,
                       "categories": {"캠핑": 3, "키즈": .8}},
    "audio": {"people": 60, "styles": [], "ages": (18, 42), "women": .4, "region": "서울",
              "categories": {"오디오": 4, "오디오>무선 이어폰": 6, "디지털 액세서리": 1}},
    "cook": {"people": 35, "styles": [], "ages": (28, 60), "women": .6, "region": "경기",
             "categories": {"주방": 3, "도서>요리": 1, "홈": .6}},
    "beauty": {"people": 35, "styles": [], "ages": (18, 45), "women": .85, "region": "서울",
               "categories": {"뷰티": 3, "패션>여성": .7}},
    "parent": {"people": 25, "styles": [], "ages": (29, 44), "women": .6, "region": "경기",
               "categories": {"키즈": 3, "도서": .3, "홈": .4}},
    "pets": {"people": 25, "styles": [], "ages": (22, 55), "women": .6, "region": "부산", "categories": {"반려동물": 3}},
    "sport": {"people": 30, "styles": ["스포티"], "ages": (20, 45), "women": .5, "region": "부산",
              "categories": {"스포츠": 3, "신발>러닝화": 2, "아우터": 1, "오디오>무선 이어폰": .8, "아웃도어": .5}},
    "reader": {"people": 20, "styles": [], "ages": (24, 65), "women": .55, "region": "대전",
               "categories": {"도서": 3, "주방>커피용품": .5}},
    "none": {"people": 25, "styles": [], "ages": (18, 65), "women": .5, "region": "서울", "categories": {}},
    # One person: looks at charging cables all day, yet a search for earphones must return earphones.
    "cables": {"people": 0, "styles": [], "ages": (30, 30), "women": 0, "region": "서울",
               "categories": {"디지털 액세서리>충전 케이블": 3}},
}
REGIONS = {"서울": 30, "경기": 26, "부산": 12, "대구": 8, "대전": 7, "광주": 6, "강원": 6, "제주": 5}
# Categories that a region buys more of, with the factor.
REGION_LIFTS = {
    "제주": {"아우터>바람막이": 4, "뷰티>선케어": 4, "스포츠>수영": 3, "아웃도어>배낭": 2},
    "부산": {"스포츠>수영": 4, "뷰티>선케어": 3, "하의>반바지": 3},
    "강원": {"아우터>패딩": 4, "캠핑>침낭": 3, "아웃도어>등산 의류": 3, "신발>등산화": 3},
    "대구": {"홈>침구": 1.5, "하의>반바지": 3, "뷰티>선케어": 2},
    "서울": {"오디오>무선 이어폰": 1.5, "패션>셋업": 1.5},
}
SEASON_OF_MONTH = ["겨울", "겨울", "봄", "봄", "봄", "여름", "여름", "여름", "가을", "가을", "가을", "겨울"]
OPPOSITE = {"여름": "겨울", "겨울": "여름", "봄": "가을", "가을": "봄"}
# Categories that people add after buying from a category.
COMPLEMENTS = {
    "캠핑>텐트": ["캠핑>침낭", "캠핑>랜턴", "캠핑>체어"], "캠핑>체어": ["캠핑>테이블", "캠핑>랜턴"],
    "캠핑>침낭": ["캠핑>랜턴"], "오디오>무선 이어폰": ["디지털 액세서리>이어폰 케이스", "디지털 액세서리>충전 케이블"],
    "오디오>헤드폰": ["디지털 액세서리>충전 케이블"], "상의>후디": ["하의>조거팬츠", "하의>카고팬츠", "신발>스니커즈"],
    "하의>슬랙스": ["상의>셔츠", "상의>니트", "신발>로퍼"], "패션>셋업": ["상의>티셔츠", "신발>로퍼"],
    "아우터>코트": ["상의>니트", "하의>슬랙스"], "주방>커피용품": ["주방>컵·머그", "도서>요리"],
    "반려동물>강아지": ["반려동물>산책용품"], "스포츠>요가": ["스포츠>홈트레이닝"], "신발>러닝화": ["아우터>바람막이"],
    "아웃도어>배낭": ["아웃도어>물병", "아웃도어>등산스틱"], "뷰티>스킨케어": ["뷰티>선케어"],
}
NAMED = {
    "user_42": {"taste": "ultralight", "age": 34, "gender": "남성", "region": "서울"},
    "user_123": {"taste": "audio", "age": 27, "gender": "여성", "region": "서울"},
    "user_200": {"taste": "cables", "age": 30, "gender": "남성", "region": "서울"},
    "user_street": {"taste": "street", "age": 22, "gender": "남성", "region": "서울"},
    "user_minimal": {"taste": "minimal", "age": 34, "gender": "여성", "region": "서울"},
}
NEW_PEOPLE = [f"user_{n}" for n in range(491, 499)]  # known attributes, no events
CONSUMED = {"뷰티", "반려동물", "디지털 액세서리"}        # bought again and again


def make_people(count=500):
    """Returns a list of {user_id, age, gender, region, membership, taste, second, activity}."""
    dice = Dice("shop people")
    bag = [taste for taste, spec in TASTES.items() for _ in range(spec["people"])]
    bag = dice.take(bag, len(bag))
    ids = [f"user_{n}" for n in range(1, count - 1)] + ["user_street", "user_minimal"]
    people = []
    for user_id, taste in zip(ids, bag):
        named = NAMED.get(user_id)
        taste = named["taste"] if named else taste
        spec = TASTES[taste]
        regions = {name: share * (2.2 if name == spec["region"] else 1) for name, share in REGIONS.items()}
        person = {"user_id": user_id, "age": dice.whole(*spec["ages"]),
                  "gender": "여성" if dice.chance(spec["women"]) else "남성",
                  "region": dice.weighted(list(regions), list(regions.values())),
                  "membership": dice.weighted(["일반", "실버", "골드", "VIP"], [55, 25, 14, 6]), "taste": taste,
                  "second": dice.pick([t for t in TASTES if t not in (taste, "none", "cables")])
                  if not named and taste != "none" and dice.chance(.3) else None,
                  "activity": 6.0 if named else dice.pick([.4, .7, 1, 1, 1.4, 2, 3])}
        if named:
            person.update(age=named["age"], gender=named["gender"], region=named["region"])
        if user_id in NEW_PEOPLE:
            person["activity"] = 0
        people.append(person)
    return people


def is_light(product, medians):
    return product["weight_g"] < medians[product["category"]]


def category_medians(products):
    grams = {}
    for product in products:
        grams.setdefault(product["category"], []).append(product["weight_g"])
    return {category: sorted(values)[len(values) // 2] for category, values in grams.items()}


def affinity(product, taste, medians):
    """Returns the affinity of a taste to a product (0 or more), without season and region."""
    spec = TASTES[taste]
    if not spec["categories"]:
        return 1.0
    weights = spec["categories"]
    weight = weights.get(product["category"], weights.get(product["category_l1"], 0))
    if spec["styles"] and product["style"] not in spec["styles"]:
        weight *= .04
    load = spec.get("load")
    if load and product["category_l1"] == "캠핑" and is_light(product, medians) != (load == LIGHT):
        weight *= .06
    return weight


def season_factor(product, month):
    season = SEASON_OF_MONTH[month - 1]
    if product["season"] == "사계절":
        return 1.0
    return 3.0 if product["season"] == season else .12 if product["season"] == OPPOSITE[season] else .6


class Shoppers:
    """Draws shopping trips. An object makes one history and cannot be reused."""

    def __init__(self, products, people, end, new_items):
        self.dice = Dice("shop events")
        self.products = [p for p in products if p["product_id"] not in new_items]
        self.people, self.end = people, end
        self.medians = category_medians(products)
        self.appeal = [self.dice.pick([.5, .7, 1, 1, 1.3, 1.8, 2.6]) for _ in self.products]
        self.likes = {taste: [affinity(p, taste, self.medians) * a for p, a in zip(self.products, self.appeal)]
                      for taste in TASTES}
        self.live_from = [datetime.datetime.strptime(p["created_at"], "%Y-%m-%dT%H:%M:%SZ") for p in self.products]
        self.bought, self.events, self.seen = {}, [], set()

    def history(self, count):
        """Returns `count` events as (user_id, item_id, epoch seconds, type, value), oldest first."""
        activity = [person["activity"] for person in self.people]
        while len(self.events) < count:
            self._trip(self.dice.weighted(self.people, activity))
        return sorted(self.events[:count], key=lambda e: (e[2], e[0], e[1], e[3]))

    def _moment(self):
        """Draws a time in the last year: somewhat more often recently, and most often on evenings in Seoul."""
        days = int(365 * self.dice.uniform(0, 1) ** 1.25) + 1
        hour = self.dice.weighted(range(24), [2, 1, 1, 1, 1, 1, 2, 4, 5, 5, 6, 6, 8, 7, 6, 6, 6, 7, 8, 10, 13, 14, 11, 4])
        # `end` is midnight in Seoul, so hours are added to the start of a Seoul day.
        return self.end - datetime.timedelta(days=days) + datetime.timedelta(
            hours=hour, minutes=self.dice.whole(0, 29), seconds=self.dice.whole(0, 59))

    def _weights(self, person, taste, moment):
        month = (moment + datetime.timedelta(hours=9)).month
        lifts = REGION_LIFTS.get(person["region"], {})
        bought = self.bought.get(person["user_id"], ())
        return [0 if like == 0 or live > moment or p["product_id"] in bought
                else like * season_factor(p, month) * lifts.get(p["category"], 1)
                * (.04 if p["gender"] == "여성" and person["gender"] == "남성" else 1)
                for p, like, live in zip(self.products, self.likes[taste], self.live_from)]

    def _trip(self, person):
        """Makes one visit: views a few products of one taste, may buy one, and may add a complement."""
        mood = self.dice.uniform(0, 1)
        taste = person["taste"]
        if person["second"] and mood < .2:
            taste = person["second"]
        elif mood > .9:
            taste = "none"
        moment = self._moment()
        weights = self._weights(person, taste, moment)
        wanted = self.dice.weighted(self.products, weights)
        if wanted is None:
            return
        # The rest of the visit stays near the first product's category.
        near = [w * (5 if p["category"] == wanted["category"] else 1) for p, w in zip(self.products, weights)]
        looked = [wanted]
        for _ in range(self.dice.whole(1, 6)):
            other = self.dice.weighted(self.products, near)
            if other not in looked:
                looked.append(other)
        keen = .16 if taste == "none" and person["taste"] != "none" else .42
        for product in looked:
            moment = self._look(person, product, moment, keen)

    def _look(self, person, product, moment, keen):
        moment = self._record(person, product, moment, "View")
        if not self.dice.chance(keen):
            return moment
        moment = self._record(person, product, moment, "Click")
        if not self.dice.chance(.42):
            return moment
        moment = self._record(person, product, moment, "AddToCart")
        if not self.dice.chance(.72):
            return moment
        moment = self._record(person, product, moment, "Purchase")
        if product["category_l1"] not in CONSUMED:
            self.bought.setdefault(person["user_id"], set()).add(product["product_id"])
        return self._complement(person, product, moment)

    def _complement(self, person, product, moment):
        paths = COMPLEMENTS.get(product["category"])
        if not paths or not self.dice.chance(.5):
            return moment
        path = self.dice.pick(paths)
        taste = person["taste"] if person["taste"] != "none" else "none"
        weights = [(.05 + like) * a if p["category"] == path and live <= moment else 0
                   for p, like, a, live in zip(self.products, self.likes[taste], self.appeal, self.live_from)]
        other = self.dice.weighted(self.products, weights)
        if other is None or other["product_id"] in self.bought.get(person["user_id"], ()):
            return moment
        moment = self._record(person, other, moment, "View")
        if self.dice.chance(.35):
            moment = self._record(person, other, moment, "Purchase")
            self.bought.setdefault(person["user_id"], set()).add(other["product_id"])
        return moment

    def _record(self, person, product, moment, kind):
        second = int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())
        while (person["user_id"], second) in self.seen:
            second += 1
        self.seen.add((person["user_id"], second))
        value = str(product["price"]) if kind == "Purchase" else ""
        self.events.append((person["user_id"], product["product_id"], second, kind, value))
        return datetime.datetime.fromtimestamp(second, datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(
            seconds=self.dice.whole(8, 95))
