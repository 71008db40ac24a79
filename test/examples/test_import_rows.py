"""`trine import` of unusual rows: each invalid row is rejected with its line number, and the others are kept."""

import csv
import gzip
import json
import os
import subprocess

import pytest

BINARY = os.environ.get("TRINE_BINARY")
COLUMNS = ["--map", "USER_ID=who", "--map", "ITEM_ID=what", "--map", "TIMESTAMP=when", "--map", "EVENT_TYPE=how", "--map", "EVENT_VALUE=worth"]
GOOD = "1,a,2026-11-22,Buy,1"

pytestmark = pytest.mark.skipif(not BINARY, reason="TRINE_BINARY is not set")


def run(folder, text, *options, encoding="utf-8"):
    """(exit code, printed JSON, standard error) of importing the text as events."""
    file = folder / "rows.csv"
    file.write_bytes(text.encode(encoding))
    ran = subprocess.run([BINARY, "import", str(file), "--group", "g", "--data-dir", str(folder / "data"), "--json",
                          "--reject-file", str(folder / "rejected.csv"), *options], text=True, capture_output=True, timeout=60)
    return ran.returncode, json.loads(ran.stdout) if ran.stdout else None, ran.stderr


@pytest.mark.parametrize("row,why", [
    ("1,a,2026-11-22,,1", "EVENT_TYPE is empty"),
    ("1,a,1969-01-01,Buy,1", "cannot parse TIMESTAMP (expected a time since 1970-01-01"),
    ("1,a,9999-01-01,Buy,1", "TIMESTAMP is out of range"),
    ("1,a,yesterday,Buy,1", "cannot parse TIMESTAMP"),
    (f"1,a,2026-11-22,{'B' * 300},1", "EVENT_TYPE is too long"),
    ("1,a", "2 cells"),
    (",a,2026-11-22,Buy,1", "USER_ID is empty"),
])
def test_rejects_only_the_invalid_row(tmp_path, row, why):
    code, counts, _ = run(tmp_path, f"who,what,when,how,worth\n{GOOD}\n{row}\n2{GOOD[1:]}\n", *COLUMNS)
    assert code == 1, "a rejected row must not look like success"
    assert (counts["rows"], counts["kept"], counts["rejected"]) == (3, 2, 1)
    with open(tmp_path / "rejected.csv", encoding="utf-8", newline="") as file:
        (line, reason, raw), = csv.reader(file)
    assert line == "3" and why in reason and raw == row


def test_missing_event_type_error_says_how_to_set_one(tmp_path):
    code, counts, words = run(tmp_path, "who,what,when\n1,a,2026-11-22\n", *COLUMNS[:6])
    assert code == 1 and counts["kept"] == 0
    assert "--set EVENT_TYPE=" in (tmp_path / "rejected.csv").read_text(encoding="utf-8"), words


def test_imports_a_korean_cash_register_file_in_cp949(tmp_path):
    text = "고객,상품,일자,금액\r\n홍길동,무선 이어폰,20261122,\"12,900원\"\r\n"
    code, counts, words = run(tmp_path, text, "--map", "USER_ID=고객", "--map", "ITEM_ID=상품", "--map", "TIMESTAMP=일자",
                              "--map", "EVENT_VALUE=금액", "--set", "EVENT_TYPE=Purchase", "--time-zone", "KST", encoding="cp949")
    assert code == 0 and counts["kept"] == 1, words


@pytest.mark.parametrize("text,words", [
    ("", "the CSV file is empty"),
    ("who,what\n1,a\n", "no column for TIMESTAMP (mapped to when); it has: who, what"),
    ("who,what,when,what\n1,a,2026-11-22,b\n", "a column twice, got what"),
])
def test_unreadable_file_reports_the_reason(tmp_path, text, words):
    code, counts, error = run(tmp_path, text, *COLUMNS[:6], "--set", "EVENT_TYPE=Buy")
    assert code == 1 and counts is None and words in error


def test_an_unwritable_reject_file_is_an_error(tmp_path):
    (tmp_path / "rejected.csv").mkdir()
    code, counts, error = run(tmp_path, f"who,what,when,how,worth\n{GOOD}\n1,a\n", *COLUMNS)
    assert code == 1 and counts is None
    assert "cannot write the reject file" in error and "rejected.csv" in error


@pytest.mark.parametrize("allowed,code", [("0", 1), ("1", 1), ("2", 0), ("5", 0)])
def test_allow_rejects_decides_the_status(tmp_path, allowed, code):
    text = f"who,what,when,how,worth\n{GOOD}\n1,a\n1,a,never,Buy,1\n"
    assert run(tmp_path, text, *COLUMNS, "--allow-rejects", allowed)[0] == code


def test_a_broken_byte_does_not_change_the_encoding(tmp_path):
    rows = "".join(f"고객{n},상품{n},2026-11-22,구매,1\n" for n in range(2000)).encode()
    text = b"who,what,when,how,worth\n" + rows.replace("구매".encode(), "구".encode() + b"\xff", 1)
    file = tmp_path / "rows.csv"
    file.write_bytes(text)
    ran = subprocess.run([BINARY, "import", str(file), "--group", "g", "--data-dir", str(tmp_path / "data"), "--json", *COLUMNS],
                         text=True, capture_output=True, timeout=60)
    counts = json.loads(ran.stdout)
    assert (ran.returncode, counts["kept"], counts["broken"], counts["encoding"]) == (0, 2000, 1, "utf-8")


def test_an_unknown_encoding_is_an_error_that_names_the_byte(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_bytes(b"who,what,when,how,worth\n" + "лёгкое,a,2026-11-22,Buy,1\n".encode("cp1251"))
    command = [BINARY, "import", str(file), "--group", "g", "--data-dir", str(tmp_path / "data"), *COLUMNS]
    ran = subprocess.run(command, text=True, capture_output=True, timeout=60)
    assert ran.returncode == 1 and "byte 0xEB at position 24" in ran.stderr and "tried utf-8" in ran.stderr
    file.write_bytes(b"who,what,when,how,worth\n" + "café,a,2026-11-22,Buy,1\n".encode("latin-1"))
    ran = subprocess.run([*command, "--encoding", "latin-1"], text=True, capture_output=True, timeout=60)
    assert ran.returncode == 0 and "encoding: iso-8859-1" in ran.stderr, ran.stderr


def test_a_truncated_file_is_an_error_that_says_what_was_imported(tmp_path):
    rows = "".join(f"u{n},i{n},{1_790_000_000 + n},View\n" for n in range(20_000))
    packed = gzip.compress(("who,what,when,how\n" + rows).encode())
    (tmp_path / "rows.csv.gz").write_bytes(packed[:-20])
    ran = subprocess.run([BINARY, "import", str(tmp_path / "rows.csv.gz"), "--group", "g", "--data-dir", str(tmp_path / "data"), *COLUMNS[:8]],
                         text=True, capture_output=True, timeout=60)
    assert ran.returncode == 1 and "it ends inside a member" in ran.stderr and "rows were imported before the error" in ran.stderr, ran.stderr
