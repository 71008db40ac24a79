"""Runs the code blocks of documents outside the repository unchanged. Skipped if the documents are missing."""

import os
import pathlib

import pytest
import seed_blocks
from conftest import ROOT

SEED = pathlib.Path(os.environ.get("TRINE_SEED", ROOT.parent / "shared" / "seed")) / "personalize-opensearch-llm.md"


def test_extraction_keeps_the_code_and_the_line_numbers():
    text = "a\n\n```python\nx = 1\n```\n```\nnot code\n```\n```json\n{}\n```\n\n```python\n# two\ny = 2\n\n```\n"
    assert seed_blocks.blocks(text) == [(4, "x = 1\n"), (14, "# two\ny = 2\n\n")]
    assert seed_blocks.title_of("# two\ny = 2\n") == "two"


def test_failing_block_is_reported_with_its_line(monkeypatch):
    monkeypatch.setattr(seed_blocks, "preamble", lambda endpoint: {})
    results = seed_blocks.run_blocks("\n\n```python\nx = 1\n```\n```python\ny = x / 0\n```\n", "", "doc.md")
    assert [bool(r.error) for r in results] == [False, True]
    assert 'File "doc.md", line 7' in results[1].error


@pytest.fixture(scope="module")
def results(request):
    if not SEED.exists():
        pytest.skip(f"{SEED} does not exist")
    server = request.getfixturevalue("shop_server")
    os.environ["AWS_ENDPOINT_URL"] = server.url
    try:
        yield seed_blocks.run_blocks(SEED.read_text(encoding="utf-8"), server.url, SEED.name)
    finally:
        del os.environ["AWS_ENDPOINT_URL"]


def test_every_code_block_runs(results):
    assert len(results) == 5
    assert [f"line {r.line}\n{r.error}" for r in results if r.error] == []


def test_code_blocks_create_the_expected_resources(results):
    names = results[-1].names
    hits = names["response"]["hits"]["hits"]
    assert hits and hits[0]["_source"]["category"] == "오디오>무선 이어폰"
    assert all(hit["_source"]["category"] != "디지털 액세서리>충전 케이블" for hit in hits)
    assert len(names["rec_items"]) == 5 and "{rag_retrieved_docs}" in names["prompt"]
    assert any(item in names["answer"] or names["get_item_meta"](item).split(" (")[0] in names["answer"] for item in names["rec_items"])
    assert isinstance(names["explanation"], str) and names["explanation"]
    assert len(names["ranked"]) == len(names["candidates"])
