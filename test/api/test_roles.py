"""Roles of fields: inferred by name and by data, declared, shown, and used by questions and commands."""

import json
import subprocess

import pytest
from server_fixtures import Connection

ROWS = [
    {"상품명": "소리샘 무선 이어폰 라이트", "판매가": "12,900원", "상품분류": "디지털>이어폰", "상품 상세설명": "출퇴근에 쓰기 좋은 가벼운 무선 이어폰입니다. 생수처럼 맑은 소리."},
    {"상품명": "소리샘 무선 이어폰 프로", "판매가": "159,000원", "상품분류": "디지털>이어폰", "상품 상세설명": "소음을 줄여 주는 무선 이어폰입니다. 하루 종일 편합니다."},
    {"상품명": "제주 삼다수 2L 12병", "판매가": "12,000원 / 품절", "상품분류": "식품>생수", "상품 상세설명": "제주에서 온 물입니다. 온 가족이 마십니다."},
]


def load(server, index, rows, mappings=None):
    c = Connection(server.url)
    c.request("DELETE", f"/{index}")
    if mappings is not None:
        assert c.json("PUT", f"/{index}", {"mappings": mappings})[0] == 200
    lines = []
    for n, row in enumerate(rows):
        lines += [json.dumps({"index": {"_id": str(n)}}), json.dumps(row, ensure_ascii=False)]
    status, _, answer = c.request("POST", f"/{index}/_bulk?refresh=true", "\n".join(lines) + "\n")
    assert status == 200 and not json.loads(answer)["errors"], answer
    return c


def roles_of(answer):
    return {one["role"]: (one["field"], one["source"]) for one in answer["roles"]}


def ask(c, index, question, **more):
    assert c.json("POST", "/_trine/prepare", {"index": index})[0] == 200
    status, answer = c.json("POST", "/_trine/ask", {"question": question, "index": index, **more})
    assert status == 200, answer
    return answer


def run(binary, *arguments, stdin=None):
    return subprocess.run([str(binary), *map(str, arguments)], capture_output=True, text=stdin is None or isinstance(stdin, str), input=stdin, timeout=60)


def test_roles_are_inferred_and_shown(server, binary):
    c = load(server, "roles-cafe", ROWS)
    status, answer = c.json("GET", "/_trine/roles/roles-cafe")
    assert status == 200
    assert roles_of(answer) == {"title": ("상품명", "name"), "price": ("판매가", "name"), "category": ("상품분류", "name"),
                                "text": ("상품 상세설명", "name")}
    assert answer["currency"] == "KRW" and "%" in answer["currency_evidence"]
    assert [f["field"] for f in answer["facets"]] == ["상품분류"], "prose is never a facet"
    shown = run(binary, "roles", "roles-cafe", "--url", server.url)
    assert shown.returncode == 0 and "price     판매가  (name: its name (Cafe24, Smartstore))" in shown.stdout, shown.stdout
    assert "prices in KRW" in shown.stdout
    missing = run(binary, "roles", "roles-none", "--url", server.url)
    assert missing.returncode == 1 and "roles-none" in missing.stderr


def test_prices_kept_as_text_are_bounded_and_printed(server):
    c = load(server, "roles-cafe", ROWS)
    answer = ask(c, "roles-cafe", "무선 이어폰 2만원 이하")
    assert [i["item_id"] for i in answer["items"]] == ["0"], answer["answer"]["text"]
    assert "(12,900원)" in answer["answer"]["text"]
    assert ask(c, "roles-cafe", "생수")["items"][0]["item_id"] == "2", "a description is not a facet and does not cut the best hits away"
    assert ask(c, "roles-cafe", "제일 비싼 이어폰")["items"][0]["item_id"] == "1"


def test_declared_roles_take_effect_without_a_new_import(server):
    rows = [{"label": "red chair", "n": 10 + i, "kind": "chairs"} for i in range(4)]
    c = load(server, "roles-plain", rows)
    assert "price" not in roles_of(c.json("GET", "/_trine/roles/roles-plain")[1])
    before = ask(c, "roles-plain", "red chair under $12")
    assert len(before["items"]) == 4
    status, answer = c.json("PUT", "/roles-plain/_mapping", {"_meta": {"roles": {"price": "n", "title": ["label"]}, "currency": "USD", "owner": "me"}})
    assert status == 200, answer
    assert roles_of(c.json("GET", "/_trine/roles/roles-plain")[1])["price"] == ("n", "declared")
    after = c.json("POST", "/_trine/ask", {"question": "red chair under $12", "index": "roles-plain"})[1]
    assert {i["item_id"] for i in after["items"]} == {"0", "1"} and "($10)" in after["answer"]["text"], after["answer"]["text"]


@pytest.mark.parametrize("meta,nearest", [({"roles": {"prise": "n"}}, "price"), ({"roles": {"price": "m"}}, None), ({"roles": {"price": 5}}, None),
                                          ({"roles": {"title": "lable"}}, "label"), ({"currency": "gold"}, None)])
def test_unknown_roles_and_fields_are_refused(server, meta, nearest):
    c = load(server, "roles-refused", [{"label": "red chair", "n": 10}])
    status, answer = c.json("PUT", "/roles-refused/_mapping", {"_meta": meta})
    assert status == 400, answer
    if nearest:
        assert f"'{nearest}'" in json.dumps(answer, ensure_ascii=False)
    assert "_meta" not in c.json("GET", "/roles-refused/_mapping")[1]["roles-refused"]["mappings"]
    status, answer = c.json("PUT", "/roles-refused-new", {"mappings": {"_meta": meta, "properties": {"label": {"type": "text"}, "n": {"type": "long"}}}})
    assert status == 400, answer
    assert c.request("GET", "/roles-refused-new")[0] == 404


def test_a_binding_declares_roles(server):
    c = load(server, "roles-bound", [{"label": "red chair", "n": 10, "extra": "soft"}])
    assert c.json("POST", "/_trine/users", {"dataset_group": "roles-group", "create": True, "users": [{"id": "u"}]})[0] == 200
    bind = {"dataset_group_arn": "roles-group", "roles": {"title": "label", "price": ["n"]}, "currency": "usd"}
    status, answer = c.json("PUT", "/_trine/bindings/roles-bound", bind)
    assert status == 200, answer
    assert roles_of(answer)["price"] == ("n", "declared") and answer["currency"] == "USD"
    again = c.json("GET", "/_trine/bindings/roles-bound")[1]
    assert roles_of(again)["title"] == ("label", "declared") and again["currency_evidence"] == "the binding"
    for wrong in ({"roles": {"prize": "n"}}, {"roles": {"price": "nn"}}, {"roles": []}, {"currency": "gold"}, {"currency": 5}):
        status, answer = c.json("PUT", "/_trine/bindings/roles-bound", {**bind, **wrong})
        assert status == 400, (wrong, answer)
    assert "'price'" in c.json("PUT", "/_trine/bindings/roles-bound", {**bind, "roles": {"prize": "n"}})[1]["error"]["message"]
    assert c.json("PUT", "/_trine/bindings/roles-bound", {"dataset_group_arn": "roles-group", "fields": {"PRICE": "n"}})[0] == 200
    assert roles_of(c.json("GET", "/_trine/roles/roles-bound")[1])["price"] == ("n", "declared")
    assert c.json("POST", "/_trine/roles/roles-bound", {})[0] == 400


def test_import_declares_roles_and_says_what_became_what(server, binary, tmp_path):
    file = tmp_path / "goods.csv"
    file.write_text("code,이름표,값,메모\nA1,빨간 의자,12000,좋아요\nA2,파란 의자,15000,튼튼해요\n", encoding="utf-8")
    base = ["import", file, "--type", "documents", "--map", "_id=code", "--url", server.url]
    done = run(binary, *base, "--index", "roles-import", "--role", "price=값", "--role", "title=이름표")
    assert done.returncode == 0, done.stderr
    assert "title = 이름표 (declared)" in done.stderr and "price = 값 (declared)" in done.stderr, done.stderr
    found = run(binary, "search", "의자", "--index", "roles-import", "--url", server.url)
    assert "빨간 의자" in found.stdout, found.stdout
    for role, word in (("price=깂", "the file has no column"), ("prise=값", "'price'"), ("title=code", "id"), ("price", "NAME=COLUMN")):
        wrong = run(binary, *base, "--index", "roles-none", "--role", role)
        assert wrong.returncode == 2 and word in wrong.stderr, wrong.stderr
    lines = tmp_path / "goods.ndjson"
    lines.write_text('{"label":"lamp","cost":5}\n')
    done = run(binary, "import", lines, "--type", "documents", "--index", "roles-lines", "--url", server.url, "--role", "price=cost")
    assert done.returncode == 0 and "price = cost (declared)" in done.stderr, done.stderr
    wrong = run(binary, "import", lines, "--group", "g", "--url", server.url, "--role", "price=cost")
    assert wrong.returncode == 2 and "--type documents" in wrong.stderr


def test_import_from_standard_input_declares_roles(server, binary):
    """The columns are read from the start of the input, of which no row is lost."""
    rows = 60_000  # more than the part that is read in advance
    text = "code,label,cost\n" + "".join(f"A{n},chair number {n} of a long list,{n}\n" for n in range(rows))
    base = ["import", "-", "--type", "documents", "--map", "_id=code", "--url", server.url]
    done = run(binary, *base, "--index", "roles-stdin", "--role", "price=cost", stdin=text)
    assert done.returncode == 0 and "price = cost (declared)" in done.stderr, done.stderr
    assert f"{rows} rows: {rows} kept" in done.stdout, done.stdout
    wrong = run(binary, *base, "--index", "roles-none", "--role", "price=kost", stdin=text)
    assert wrong.returncode == 2 and "did you mean 'cost'" in wrong.stderr, wrong.stderr
    done = run(binary, "import", "-", "--type", "documents", "--index", "roles-stdin-json", "--url", server.url, "--role", "price=cost",
               stdin='[{"label":"lamp","cost":5},{"label":"rug","cost":6}]')
    assert done.returncode == 0 and "2 rows: 2 kept" in done.stdout, done.stderr


def test_eval_search_uses_the_fields_with_the_role_title(server, binary, tmp_path):
    load(server, "roles-eval", [{"상품명": "red chair", "판매가": 5}, {"상품명": "blue lamp", "판매가": 6}])
    (tmp_path / "queries.tsv").write_text("1\tlamp\n")
    (tmp_path / "qrels.tsv").write_text("1\t1\t1\n")
    base = ["eval", "search", "--queries", tmp_path / "queries.tsv", "--qrels", tmp_path / "qrels.tsv", "--url", server.url, "--json", "--index"]
    done = run(binary, *base, "roles-eval")
    assert done.returncode == 0 and "1" in done.stdout and "0.0" not in done.stdout, done.stdout + done.stderr
    load(server, "roles-eval-none", [{"n": 5}])
    none = run(binary, *base, "roles-eval-none")
    assert none.returncode == 2 and "--fields" in none.stderr, none.stderr


def test_delimiter_separated_tags_are_many_values(server):
    rows = [{"title": f"shirt {i}", "tags": tags} for i, tags in enumerate(["여름, 린넨", "여름, 면", "겨울, 면", "린넨", "겨울"])]
    c = load(server, "roles-tags", rows)
    assert {"field": "tags", "delimiter": ","} in c.json("GET", "/_trine/roles/roles-tags")[1]["facets"]
    answer = ask(c, "roles-tags", "린넨 shirt")
    assert answer["intent"]["facets"] == {"tags": ["린넨"]}
    assert {i["item_id"] for i in answer["items"]} >= {"0", "3"}


def test_the_signs_in_the_cells_of_a_file_tell_the_currency(server, binary, tmp_path):
    path = tmp_path / "goods.csv"
    path.write_text("번호,상품,판매가\n1,솔밭 텐트,\"12,900원\"\n2,솔밭 의자,\"29.900원\"\n3,솔밭 랜턴,\"30,000원\"\n", encoding="utf-8")
    c = Connection(server.url)
    c.request("DELETE", "/roles-won")
    done = run(binary, "import", str(path), "--type", "documents", "--index", "roles-won", "--map", "_id=번호", "--url", server.url)
    assert done.returncode == 0, done.stderr
    c.request("POST", "/roles-won/_refresh")
    answer = c.json("GET", "/_trine/roles/roles-won")[1]
    assert answer["currency"] == "KRW" and roles_of(answer)["title"] == ("상품", "name"), answer
    assert c.json("GET", "/roles-won/_doc/2")[1]["_source"]["판매가"] == 29900
    answer = ask(c, "roles-won", "솔밭 3만원 미만")
    assert {i["item_id"] for i in answer["items"]} == {"1", "2"} and "(29,900원)" in answer["answer"]["text"], answer["answer"]
    answer = ask(c, "roles-won", "솔밭 20달러 이하")
    assert "통화가 달라" in answer["answer"]["text"], answer["answer"]
