"""Hybrid search against the answers of a real 3.1 node (hybrid-golden.json): scores as they are printed, errors word for word.

`same` must match; `better` must give the sane answer; `exact-or-better` must match, or be the improvement named here, or be what the
later version 3.2 answers. The file is beside the repository; TRINE_REFERENCE names its folder (default ../shared/reference).
"""

import json
import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = pathlib.Path(os.environ.get("TRINE_REFERENCE", ROOT.parent / "shared" / "reference")) / "hybrid-golden.json"
pytestmark = pytest.mark.skipif(not GOLDEN.exists(), reason=f"{GOLDEN} does not exist")
CASES = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else []

# Intended differences: hits, and the reason.
IMPROVED = {
    "min_score cuts on the sum of the raw scores": (
        [("d1", "1.0")], "min_score is compared with the score that the hit shows, as since 3.5"),
    "two shards, rrf: ranks are per shard in 3.1": (
        [("d1", "0.032786883"), ("d3", "0.032002047"), ("d2", "0.016129032"), ("d4", "0.015873017")],
        "ranks are global, as since 3.5"),
}
# Features that are rejected with a 400 which names them.
NOT_BUILT = {"collapse": "collapsing is not built yet"}


def sub_queries(case):
    count = case.get("sub_queries", max((len(doc.get("scores", [])) for doc in case["docs"]), default=0))
    queries = []
    for j in range(count):
        clauses = [{"constant_score": {"filter": {"term": {"id": doc["id"]}}, "boost": doc["scores"][j]}}
                   for doc in case["docs"] if j < len(doc.get("scores", [])) and doc["scores"][j] is not None]
        queries.append({"dis_max": {"queries": clauses}} if clauses else {"match_none": {}})
    return queries


def with_hybrid(value, hybrid):
    """`value` with `hybrid` in place of every "$hybrid"."""
    if value == "$hybrid":
        return hybrid
    if isinstance(value, dict):
        return {key: with_hybrid(one, hybrid) for key, one in value.items()}
    if isinstance(value, list):
        return [with_hybrid(one, hybrid) for one in value]
    return value


def run(connection, case, index, window):
    """(request, status, body) of the last request; numbers with a fraction stay text."""
    connection.json("DELETE", f"/{index}?ignore_unavailable=true")
    status, made = connection.json("PUT", f"/{index}", {
        "settings": {"number_of_shards": case.get("shards", 1), "index.search.fusion_window": window},
        "mappings": {"properties": {"id": {"type": "keyword"}, "group": {"type": "keyword"}, "price": {"type": "integer"}}}})
    assert status == 200, made
    lines = []
    for doc in case["docs"]:
        action = {"_index": index, "_id": doc["id"], **({"routing": doc["routing"]} if "routing" in doc else {})}
        lines += [{"index": action}, {key: doc[key] for key in ("id", "group", "price") if key in doc}]
    status, _, text = connection.request("POST", "/_bulk?refresh=true", "".join(json.dumps(line) + "\n" for line in lines))
    assert status == 200 and json.loads(text)["errors"] is False, text
    target = f"/{index}/_search"
    if case["pipeline"] is not None:
        status, body = connection.json("PUT", f"/_search/pipeline/{index}", case["pipeline"], parse_float=str)
        if status != 200:
            return "pipeline", status, body
        target += f"?search_pipeline={index}"
    hybrid = {"hybrid": {"queries": sub_queries(case), **case.get("hybrid", {})}}
    query = with_hybrid(case["query"], hybrid) if "query" in case else hybrid
    status, body = connection.json("POST", target, {"query": query, **case.get("body", {})}, parse_float=str)
    return "search", status, body


def grouped(hits):
    """Hits with equal scores have no defined order, so they are sorted here; hits sorted by fields keep theirs."""
    out = []
    for hit in hits:
        score = hit.get("_score")
        if out and score is not None and out[-1][0] == score and "sort" not in hit:
            out[-1][1].append(hit["_id"])
        else:
            out.append((score, [hit["_id"]], hit.get("sort")))
    return [(score, sorted(ids), sort) for score, ids, sort in out]


def difference(expected, at, status, body):
    """The first difference, or None."""
    if status != expected["status"]:
        return f"status {status}: {json.dumps(body)[:600]}"
    if expected["status"] == 200:
        hits = body["hits"]
        for name, got, wanted in (("hits", grouped(hits["hits"]), grouped(expected["hits"])),
                                  ("total", hits["total"], expected["total"]),
                                  ("max_score", hits["max_score"], expected["max_score"])):
            if got != wanted:
                return f"{name}: {got} is not {wanted}"
        return None
    error = body["error"]
    if at != expected["at"]:
        return f"the {at} request failed: {error}"
    got = {"type": error["type"], "reason": error["reason"]}
    for name in ("type", "reason"):
        if got[name] != expected[name]:
            return f"{name}: {got[name]!r} is not {expected[name]!r}"
    for name, found in (("root_cause", (error.get("root_cause") or [{}])[0]), ("caused_by", error.get("caused_by", {}))):
        wanted = expected.get(name)
        if wanted and any(found.get(key) != wanted[key] for key in ("type", "reason")):
            return f"{name}: {found} is not {wanted}"
    return None


def shown(body):
    return [(hit["_id"], hit["_score"]) for hit in body["hits"]["hits"]]


def depends_on_size(case):
    return "pagination_depth" not in case.get("hybrid", {}) and {"size", "from"} & set(case.get("body", {}))


@pytest.mark.parametrize("window", ["size", 1000])
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_matches_golden_answer(connection, case, window):
    for feature, why in NOT_BUILT.items():
        if feature in case.get("body", {}):
            pytest.skip(f"{case['name']}: {why}")
    if window != "size" and depends_on_size(case):
        pytest.skip(f"{case['name']}: depends on a window of the request's size")
    at, status, body = run(connection, case, f"golden-{CASES.index(case)}", window)
    if case["compat"] == "better":
        assert status == 200, body
        assert shown(body) == [tuple(pair) for pair in case["sane"]]
        return
    wrong = difference(case["expect"], at, status, body)
    if wrong and case["compat"] == "exact-or-better":
        if case["name"] in IMPROVED:
            assert status == 200 and shown(body) == IMPROVED[case["name"]][0], body
            return
        if "expect_3_2" in case:
            wrong = difference(case["expect_3_2"], at, status, body)
    assert not wrong, wrong
