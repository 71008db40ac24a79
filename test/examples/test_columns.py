"""Columns of the three-people program: a Hangul syllable takes two columns, no text is lost, no line is too wide."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "programs"))
import columns  # noqa: E402


@pytest.mark.parametrize("text,wide", [("", 0), ("abc", 3), ("무선 이어폰", 11), ("e\u0301", 1), ("A무", 3)])
def test_hangul_is_two_columns_wide(text, wide):
    assert columns.width(text) == wide


@pytest.mark.parametrize("limit", [2, 7, 20, 80])
@pytest.mark.parametrize("text", ["오버핏 기모 후디 크림 83,900원", "abcdefghijklmnopqrstuvwxyz가나다라마바사", "one\n\ntwo 셋", ""])
def test_wrap_keeps_every_character_and_the_limit(text, limit):
    lines = columns.wrap(text, limit)
    assert all(columns.width(line) <= limit for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_side_by_side_aligns_columns():
    rows = columns.side_by_side(["가나다 라마", "ab cd", "x"], 24, " | ").split("\n")
    assert rows == ["가나다 | ab cd  | x", "라마   |        |"]
