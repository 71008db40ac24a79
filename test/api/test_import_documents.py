"""`trine import` of documents into a running server: types from the mapping, rejected rows, references, conditions, standard input."""

import csv
import io
import json
import os
import pathlib
import subprocess
import zipfile

import pytest
from server_fixtures import ROOT, Connection

BINARY = str(pathlib.Path(os.environ.get("TRINE_BINARY", ROOT / "build" / "release" / "trine")))


def run(server, folder, text, *options, name="goods.csv", stdin=False):
    """(exit code, printed JSON or None, standard error) of importing the text as documents."""
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    (folder / name).write_bytes(data)
    ran = subprocess.run([BINARY, "import", "-" if stdin else str(folder / name), "--type", "documents", "--url", server.url, "--json", *options],
                         input=data if stdin else None, capture_output=True, timeout=60, cwd=folder)
    return ran.returncode, json.loads(ran.stdout) if ran.stdout else None, ran.stderr.decode()


def sources(server, index):
    c = Connection(server.url)
    c.request("POST", f"/{index}/_refresh")
    answer = c.json("POST", f"/{index}/_search", {"size": 100, "sort": ["_id"]})[1]
    return {hit["_id"]: hit["_source"] for hit in answer["hits"]["hits"]}


def test_a_numeric_mapping_rejects_only_the_bad_rows(server, tmp_path):
    c = Connection(server.url)
    assert c.json("PUT", "/numeric", {"mappings": {"properties": {"판매가": {"type": "integer"}, "name": {"type": "keyword"}}}})[0] == 200
    text = "_id,name,판매가\n1,1.10,\"12,900원\"\n2,b,\"12,900원 / 품절\"\n3,c,5000\n"
    code, counts, _ = run(server, tmp_path, text, "--index", "numeric")
    assert code == 1 and (counts["kept"], counts["rejected"]) == (2, 1)
    with open(tmp_path / counts["reject_file"], encoding="utf-8", newline="") as file:
        (line, reason, raw), = csv.reader(file)
    assert line == "3" and "판매가 is not a number" in reason and "품절" in reason and raw == '2,b,"12,900원 / 품절"'
    assert sources(server, "numeric") == {"1": {"name": "1.10", "판매가": 12900}, "3": {"name": "c", "판매가": 5000}}


def test_the_report_names_the_cell_that_makes_a_column_text(server, tmp_path):
    text = "_id,판매가\n1,\"12,900원\"\n2,품절\n3,5000\n"
    (tmp_path / "goods.csv").write_text(text, encoding="utf-8")
    ran = subprocess.run([BINARY, "import", "goods.csv", "--type", "documents", "--index", "mixed", "--url", server.url], cwd=tmp_path,
                         capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0
    assert "columns: _id -> ID (id), 판매가 (text)" in ran.stderr
    assert "column 판매가 is text: line 3 has '품절'; 2 of 3 cells in the sample are numbers" in ran.stderr


def test_documents_that_the_server_rejects_are_in_the_reject_file(server, tmp_path):
    c = Connection(server.url)
    assert c.json("PUT", "/strict", {"mappings": {"properties": {"when": {"type": "date"}}}})[0] == 200
    lines = ['{"_id": "1", "when": "2026-11-22"}', '{"_id": "2", "when": "never"}', '{"_id": "3", "when": "2026-11-23"}']
    code, counts, _ = run(server, tmp_path, "\n".join(lines), "--index", "strict", name="x.ndjson")
    assert code == 1 and (counts["kept"], counts["rejected"]) == (2, 1)
    with open(tmp_path / counts["reject_file"], encoding="utf-8", newline="") as file:
        (line, reason, raw), = csv.reader(file)
    assert line == "2" and "when" in reason and raw == lines[1]
    assert run(server, tmp_path, "\n".join(lines), "--index", "strict", "--allow-rejects", "1", name="x.ndjson")[0] == 0


def test_unknown_names_fail_and_the_message_names_the_nearest(server, tmp_path):
    text = "product_id,title\np1,컵\n"
    code, counts, words = run(server, tmp_path, text, "--index", "unknown", "--map", "_id=prodct_id")
    assert code == 1 and counts is None and "did you mean 'product_id'?" in words
    code, counts, words = run(server, tmp_path, text, "--index", "unknown", "--where", "titel=x")
    assert code == 1 and counts is None and "did you mean 'title'?" in words
    assert Connection(server.url).request("GET", "/unknown")[0] == 404, "nothing was imported"


def test_values_of_events_are_in_one_currency(server, tmp_path):
    (tmp_path / "orders.csv").write_text('USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,paid\nu,i,1790000000,buy,"12,900원"\nu,i,1790000001,buy,$5\n')
    ran = subprocess.run([BINARY, "import", "orders.csv", "--group", "payers", "--map", "EVENT_VALUE=paid", "--url", server.url], cwd=tmp_path,
                         capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0 and "2 rows: 2 kept, 0 rejected" in ran.stdout + ran.stderr, ran.stdout + ran.stderr
    assert "1 values could not be parsed" in ran.stdout + ran.stderr and "another currency" in ran.stdout + ran.stderr, ran.stdout + ran.stderr


def test_the_imported_file_is_never_the_reject_file(server, tmp_path):
    text = "_id,name\n,a\n2,b\n"
    for given in ("goods.csv", str(tmp_path / "goods.csv"), "./goods.csv"):
        code, _, err = run(server, tmp_path, text, "--index", "overwritten", "--reject-file", given)
        assert code == 2 and "--reject-file" in err
        assert (tmp_path / "goods.csv").read_text(encoding="utf-8") == text


def test_a_column_named_twice_and_html_are_refused(server, tmp_path):
    code, _, err = run(server, tmp_path, "code,name\n1,a\n", "--index", "twice", "--map", "_id=code", "--map", "_id=name")
    assert code == 2 and "'_id'" in err
    code, _, err = run(server, tmp_path, "<html><body><table><tr><td>상품명</td></tr></table>", "--index", "twice", name="export.xls")
    assert code == 1 and "HTML" in err


def test_the_field_mapped_to_the_id_stays_for_the_binding(server, tmp_path):
    code, _, words = run(server, tmp_path, '{"product_id": "p1", "title": "컵"}', "--index", "bound", "--map", "_id=product_id", name="x.ndjson")
    assert code == 0, words
    assert sources(server, "bound") == {"p1": {"product_id": "p1", "title": "컵"}}


def test_conditions_leave_rows_out(server, tmp_path):
    text = "_id,주문상태\n1,배송완료\n2,취소\n3,반품요청\n4,결제완료\n"
    code, counts, words = run(server, tmp_path, text, "--index", "orders", "--where", "주문상태!=취소*|반품*")
    assert code == 0, words
    assert (counts["rows"], counts["kept"], counts["left_out"]) == (2, 2, 2)
    assert set(sources(server, "orders")) == {"1", "4"}


@pytest.mark.parametrize("name,text", [
    ("a.json", '[{"_id": "1", "t": "x"}, {"_id": "2", "t": "y"}]'),
    ("a.csv", "내보내기 2026-11-22\n\n_id,t,u\n1,x,\n2,y,\n"),
    ("a.csv", b"_id,t\r1,x\r2,y\r"),
    ("a.csv", "sep=;\r\n_id;t\r\n1;x\r\n2;y\r\n"),
])
@pytest.mark.parametrize("stdin", [False, True])
def test_reads_other_forms_from_files_and_standard_input(server, tmp_path, name, text, stdin):
    index = f"forms-{abs(hash((name, text, stdin))) % 1000000}"
    code, counts, words = run(server, tmp_path, text, "--index", index, name=name, stdin=stdin)
    assert code == 0, words
    assert sources(server, index) == {"1": {"t": "x"}, "2": {"t": "y"}}


def workbook(rows):
    """The bytes of a minimal .xlsx file with texts and numbers."""
    cells = "".join(f'<row r="{n}">' + "".join(
        f"<c><v>{v}</v></c>" if isinstance(v, (int, float)) else f'<c t="inlineStr"><is><t>{v}</t></is></c>' for v in row) + "</row>"
        for n, row in enumerate(rows, 1))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", '<workbook><sheets><sheet name="a" r:id="rId1"/></sheets></workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>')
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{cells}</sheetData></worksheet>")
    return out.getvalue()


def test_reads_workbooks(server, tmp_path):
    book = workbook([["상품 목록 2026-11-22"], ["_id", "상품명", "판매가"], ["1", "무선 이어폰", 12900], ["2", "컵, 머그", 0.5]])
    code, counts, words = run(server, tmp_path, book, "--index", "workbook", name="goods.xlsx")
    assert code == 0 and counts["skipped_lines"] == 1, words
    assert sources(server, "workbook") == {"1": {"상품명": "무선 이어폰", "판매가": 12900}, "2": {"상품명": "컵, 머그", "판매가": 0.5}}


def test_a_binding_names_fields_that_exist(server, tmp_path):
    assert run(server, tmp_path, '{"product_id": "p1", "title": "컵", "kind": "mug"}', "--index", "joined", "--map", "_id=product_id", name="x.ndjson")[0] == 0
    (tmp_path / "orders.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu,p1,1790000000,View\n")
    subprocess.run([BINARY, "import", "orders.csv", "--group", "joiners", "--url", server.url], cwd=tmp_path, check=True, capture_output=True)
    c = Connection(server.url)
    status, answer = c.json("PUT", "/_trine/bindings/joined", {"dataset_group_arn": "joiners", "item_id_field": "prodct_id"})
    assert status == 400 and "did you mean 'product_id'?" in answer["error"]["message"] and answer["error"]["where"] == "item_id_field"
    status, answer = c.json("PUT", "/_trine/bindings/joined", {"dataset_group_arn": "joiners", "fields": {"KIND": "knd"}})
    assert status == 400 and "did you mean 'kind'?" in answer["error"]["message"]
    assert c.json("PUT", "/_trine/bindings/joined", {"dataset_group_arn": "joiners", "item_id_field": "product_id", "fields": {"KIND": "kind"}})[0] == 200


def test_eval_search_checks_its_fields(server, tmp_path):
    assert run(server, tmp_path, "_id,title,brand\n1,camping chair,acme\n2,mug,blue\n", "--index", "judged")[0] == 0
    (tmp_path / "queries.tsv").write_text("q1\tacme chair\n")
    (tmp_path / "qrels.tsv").write_text("q1\t1\t1\n")

    def evaluate(fields):
        ran = subprocess.run([BINARY, "eval", "search", "--index", "judged", "--queries", "queries.tsv", "--qrels", "qrels.tsv", "--fields", fields,
                              "--url", server.url, "--json"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        return ran.returncode, json.loads(ran.stdout)["ndcg"] if ran.stdout else ran.stderr
    assert evaluate("title,brand") == (0, 1.0)
    assert evaluate("title^3,brand") == (0, 1.0)
    code, words = evaluate("titel")
    assert code == 2 and "the index has no field titel; did you mean 'title'?" in words
