"""opensearch-py from PyPI, unchanged: requests are accepted, responses have the members that it reads, errors become its exceptions."""

import datetime
import uuid

import pytest
from opensearchpy import ConflictError, NotFoundError, OpenSearch, RequestError, TransportError, helpers


@pytest.fixture(scope="module")
def search(clients):
    return clients.search


@pytest.fixture
def index(search):
    """A new index, which is deleted afterwards."""
    name = f"t-{uuid.uuid4().hex[:12]}"
    search.indices.create(index=name, body={"mappings": {"properties": {
        "title": {"type": "text"}, "제목": {"type": "text", "analyzer": "korean"}, "tag": {"type": "keyword"},
        "price": {"type": "integer"}, "rating": {"type": "double"}, "live": {"type": "boolean"}, "at": {"type": "date"}}}})
    yield name
    search.indices.delete(index=name, params={"ignore_unavailable": "true"})


def put(search, index, **documents):
    for name, source in documents.items():
        search.index(index=index, id=name, body=source)
    search.indices.refresh(index=index)


def ids(answer):
    return [hit["_id"] for hit in answer["hits"]["hits"]]


# --- the server itself


def test_root_returns_the_version(search):
    info = search.info()
    assert info["version"]["distribution"] == "opensearch"
    assert info["version"]["number"].startswith("3.")
    assert search.ping() is True


def test_cluster_health(search):
    health = search.cluster.health()
    assert health["status"] in ("green", "yellow") and health["timed_out"] is False and health["number_of_nodes"] == 1


def test_cat_indices_as_json_and_as_text(search, index):
    rows = search.cat.indices(format="json")
    row = next(row for row in rows if row["index"] == index)
    assert row["docs.count"] == "0" and row["status"] == "open"
    text = search.cat.indices(index=index, params={"v": "true"})
    assert text.splitlines()[0].split()[:3] == ["health", "status", "index"] and index in text
    assert search.cat.count(index=index, format="json")[0]["count"] == "0"


def test_unknown_route_is_400(search):
    with pytest.raises(RequestError):
        search.http.get("/products/_no_such_thing")


# --- indices


def test_reads_existence_mapping_and_settings_of_an_index(search, index):
    assert search.indices.exists(index=index) is True
    assert search.indices.exists(index="no-such-index") is False
    found = search.indices.get(index=index)[index]
    assert found["mappings"]["properties"]["price"] == {"type": "integer"}
    assert found["settings"]["index"]["number_of_shards"] == "1"
    assert search.indices.get_mapping(index=index)[index]["mappings"]["properties"]["tag"]["type"] == "keyword"


def test_mapping_accepts_new_fields_but_no_changes(search, index):
    assert search.indices.put_mapping(index=index, body={"properties": {"more": {"type": "long"}}})["acknowledged"]
    assert search.indices.get_mapping(index=index)[index]["mappings"]["properties"]["more"]["type"] == "long"
    with pytest.raises(RequestError) as caught:
        search.indices.put_mapping(index=index, body={"properties": {"price": {"type": "keyword"}}})
    assert caught.value.error == "illegal_argument_exception"


def test_rejects_duplicate_and_invalid_index_names(search, index):
    with pytest.raises(RequestError) as caught:
        search.indices.create(index=index)
    assert caught.value.status_code == 400 and caught.value.error == "resource_already_exists_exception"
    with pytest.raises(RequestError) as caught:
        search.indices.create(index="UPPER")
    assert caught.value.error == "invalid_index_name_exception"


def test_missing_index_is_404(search):
    for call in (lambda: search.search(index="no-such-index", body={}), lambda: search.indices.get(index="no-such-index"),
                 lambda: search.indices.delete(index="no-such-index"), lambda: search.count(index="no-such-index"),
                 lambda: search.get(index="no-such-index", id="1")):
        with pytest.raises(NotFoundError) as caught:
            call()
        assert caught.value.status_code == 404 and caught.value.error == "index_not_found_exception"
        assert caught.value.info["error"]["index"] == "no-such-index"


def test_aliases(search, index):
    alias = f"alias-{index}"
    search.indices.update_aliases(body={"actions": [{"add": {"index": index, "alias": alias}}]})
    assert search.indices.exists_alias(name=alias) is True
    assert list(search.indices.get_alias(name=alias)) == [index]
    put(search, alias, a={"title": "through the alias"})
    assert ids(search.search(index=alias, body={"query": {"match": {"title": "alias"}}})) == ["a"]
    search.indices.delete_alias(index=index, name=alias)
    assert search.indices.exists_alias(name=alias) is False


def test_first_write_creates_index_and_mapping(search):
    name = f"t-{uuid.uuid4().hex[:12]}"
    search.index(index=name, id="1", body={"name": "chair", "grams": 900, "ratio": .5, "at": "2026-11-22T00:00:00Z"}, refresh=True)
    properties = search.indices.get_mapping(index=name)[name]["mappings"]["properties"]
    assert properties["name"] == {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}}
    assert (properties["grams"]["type"], properties["ratio"]["type"], properties["at"]["type"]) == ("long", "float", "date")
    search.indices.delete(index=name)


# --- documents


def test_create_read_update_delete(search, index):
    made = search.index(index=index, id="1", body={"title": "무선 이어폰"})
    assert (made["result"], made["_version"], made["_primary_term"]) == ("created", 1, 1)
    found = search.get(index=index, id="1")
    assert found["found"] is True and found["_source"] == {"title": "무선 이어폰"} and found["_seq_no"] == made["_seq_no"]
    again = search.index(index=index, id="1", body={"title": "헤드폰"})
    assert (again["result"], again["_version"]) == ("updated", 2) and again["_seq_no"] > made["_seq_no"]
    assert search.exists(index=index, id="1") is True
    assert search.get_source(index=index, id="1") == {"title": "헤드폰"}
    gone = search.delete(index=index, id="1")
    assert gone["result"] == "deleted" and gone["_version"] == 3
    assert search.exists(index=index, id="1") is False
    with pytest.raises(NotFoundError) as caught:
        search.get(index=index, id="1")
    assert caught.value.info["found"] is False
    with pytest.raises(NotFoundError) as caught:
        search.delete(index=index, id="1")
    assert caught.value.info["result"] == "not_found"


def test_generates_missing_document_ids(search, index):
    made = search.index(index=index, body={"title": "x"})
    assert len(made["_id"]) == 20 and search.exists(index=index, id=made["_id"])


@pytest.mark.parametrize("name", ["1 /x", "한글/아이디", "a+b%20c", "q?x=1#y", "🙂"])
def test_accepts_ids_with_special_characters(search, index, name):
    search.index(index=index, id=name, body={"title": name}, refresh=True)
    assert search.get(index=index, id=name)["_id"] == name
    assert ids(search.search(index=index, body={"query": {"ids": {"values": [name]}}})) == [name]


def test_get_is_realtime_and_search_waits_for_refresh(search, index):
    search.indices.put_settings(index=index, body={"index": {"refresh_interval": "-1"}})
    search.index(index=index, id="1", body={"title": "now"})
    assert search.get(index=index, id="1")["found"]
    assert search.count(index=index)["count"] == 0
    search.indices.refresh(index=index)
    assert search.count(index=index)["count"] == 1


def test_wait_for_returns_once_the_document_is_searchable(search, index):
    search.index(index=index, id="1", body={"title": "soon"}, refresh="wait_for")
    assert search.count(index=index)["count"] == 1


def test_second_create_is_a_conflict(search, index):
    search.create(index=index, id="1", body={"title": "x"})
    with pytest.raises(ConflictError) as caught:
        search.create(index=index, id="1", body={"title": "y"})
    assert caught.value.status_code == 409 and caught.value.error == "version_conflict_engine_exception"


def test_optimistic_concurrency(search, index):
    first = search.index(index=index, id="1", body={"n": 1})
    search.index(index=index, id="1", body={"n": 2}, if_seq_no=first["_seq_no"], if_primary_term=first["_primary_term"])
    with pytest.raises(ConflictError):
        search.index(index=index, id="1", body={"n": 3}, if_seq_no=first["_seq_no"], if_primary_term=first["_primary_term"])
    assert search.get(index=index, id="1")["_source"] == {"n": 2}


def test_partial_update(search, index):
    search.index(index=index, id="1", body={"title": "a", "price": 1})
    assert search.update(index=index, id="1", body={"doc": {"price": 2}})["result"] == "updated"
    assert search.update(index=index, id="1", body={"doc": {"price": 2}})["result"] == "noop"
    assert search.get(index=index, id="1")["_source"] == {"title": "a", "price": 2}
    assert search.update(index=index, id="2", body={"doc": {"price": 3}, "doc_as_upsert": True})["result"] == "created"
    with pytest.raises(NotFoundError) as caught:
        search.update(index=index, id="none", body={"doc": {"price": 3}})
    assert caught.value.error == "document_missing_exception"


def test_mget(search, index):
    put(search, index, a={"price": 1}, b={"price": 2})
    docs = search.mget(index=index, body={"ids": ["b", "none", "a"]})["docs"]
    assert [d["_id"] for d in docs] == ["b", "none", "a"] and [d["found"] for d in docs] == [True, False, True]
    assert docs[2]["_source"] == {"price": 1}


def test_error_for_an_invalid_value_contains_the_field_name(search, index):
    with pytest.raises(RequestError) as caught:
        search.index(index=index, id="1", body={"price": "twenty"})
    assert caught.value.error == "mapper_parsing_exception"
    assert "failed to parse field [price] of type [integer] in document with id '1'" in caught.value.info["error"]["reason"]
    assert search.exists(index=index, id="1") is False


# --- bulk


def test_bulk_with_numeric_ids(search, index):
    answer = search.bulk(body=[{"index": {"_index": index, "_id": 1}}, {"price": 1}, {"create": {"_index": index, "_id": 2}},
                               {"price": 2}], refresh=True)
    assert answer["errors"] is False
    assert [next(iter(item.values()))["_id"] for item in answer["items"]] == ["1", "2"]
    assert search.get(index=index, id=1)["_source"] == {"price": 1}


def test_bulk_reports_each_item(search, index):
    put(search, index, a={"price": 1})
    answer = search.bulk(index=index, body=[
        {"create": {"_id": "a"}}, {"price": 2}, {"update": {"_id": "none"}}, {"doc": {"price": 1}}, {"delete": {"_id": "none"}},
        {"index": {"_id": "b"}}, {"price": "twenty"}, {"index": {"_id": "c"}}, {"price": 3}])
    assert answer["errors"] is True
    items = [next(iter(item.items())) for item in answer["items"]]
    assert [(kind, item["status"]) for kind, item in items] == [("create", 409), ("update", 404), ("delete", 404), ("index", 400), ("index", 201)]
    assert [item.get("error", {}).get("type") for _, item in items] == [
        "version_conflict_engine_exception", "document_missing_exception", None, "mapper_parsing_exception", None]


def test_helpers_bulk(search, index):
    count, errors = helpers.bulk(search, ({"_index": index, "_id": n, "title": f"문서 {n}", "price": n} for n in range(1203)),
                                 refresh=True)
    assert (count, errors) == (1203, [])
    assert search.count(index=index)["count"] == 1203
    with pytest.raises(helpers.BulkIndexError) as caught:
        helpers.bulk(search, [{"_index": index, "_id": "x", "price": "twenty"}, {"_index": index, "_id": "y", "price": 1}])
    assert len(caught.value.errors) == 1


def test_helpers_streaming_and_parallel_bulk(search, index):
    actions = [{"_op_type": "index", "_index": index, "_id": str(n), "price": n} for n in range(300)]
    assert sum(ok for ok, _ in helpers.streaming_bulk(search, actions, chunk_size=50)) == 300
    actions = [{"_op_type": "delete", "_index": index, "_id": str(n)} for n in range(300)]
    assert sum(ok for ok, _ in helpers.parallel_bulk(search, actions, chunk_size=50, thread_count=4)) == 300
    search.indices.refresh(index=index)
    assert search.count(index=index)["count"] == 0


def test_rejects_malformed_bulk_bodies(search):
    for body in ('{"nonsense":{}}\n', '{"index":{"_index":"x"}}', "not json\n"):
        with pytest.raises(RequestError):
            search.transport.perform_request("POST", "/_bulk", body=body)


# --- search


@pytest.fixture(scope="module")
def shop_index(search):
    """A few products for the queries below."""
    name = f"t-{uuid.uuid4().hex[:12]}"
    search.indices.create(index=name, body={"mappings": {"properties": {
        "title": {"type": "text", "analyzer": "korean"}, "title_en": {"type": "text", "analyzer": "english"}, "tag": {"type": "keyword"},
        "price": {"type": "integer"}, "at": {"type": "date"}, "live": {"type": "boolean"},
        "vector": {"type": "knn_vector", "dimension": 3, "method": {"name": "hnsw", "engine": "lucene", "space_type": "l2"}}}}})
    rows = [("chair", "초경량 캠핑 체어", "ultralight camping chairs", "camp", 89000, [0, 0, 1]),
            ("table", "캠핑 테이블", "folding camping table", "camp", 59000, [0, 1, 1]),
            ("buds", "노이즈캔슬링 무선 이어폰", "noise cancelling wireless earphones", "audio", 159000, [1, 0, 0]),
            ("cable", "고속 충전 케이블", "fast charging cable for earphones", "digital", 9900, [1, 1, 0])]
    helpers.bulk(search, [{"_index": name, "_id": i, "title": t, "title_en": e, "tag": g, "price": p, "vector": v, "live": p > 50000,
                           "at": datetime.date(2026, 11, 1 + n).isoformat()} for n, (i, t, e, g, p, v) in enumerate(rows)], refresh=True)
    yield name
    search.indices.delete(index=name)


@pytest.mark.parametrize("query,expected", [
    ({"match": {"title": "무선 이어폰"}}, {"buds"}),
    ({"match": {"title": {"query": "캠핑 체어", "operator": "and"}}}, {"chair"}),
    ({"match": {"title_en": "chair"}}, {"chair"}),
    ({"multi_match": {"query": "camping 이어폰", "fields": ["title", "title_en^2"]}}, {"chair", "table", "buds"}),
    ({"multi_match": {"query": "camping", "fields": ["title*"], "type": "most_fields"}}, {"chair", "table"}),
    ({"match_phrase": {"title_en": "wireless earphones"}}, {"buds"}),
    ({"match_phrase": {"title_en": "earphones wireless"}}, set()),
    ({"term": {"tag": "camp"}}, {"chair", "table"}),
    ({"terms": {"tag": ["audio", "digital"]}}, {"buds", "cable"}),
    ({"range": {"price": {"gte": 59000, "lt": 159000}}}, {"chair", "table"}),
    ({"range": {"at": {"gt": "2026-11-02"}}}, {"buds", "cable"}),
    ({"prefix": {"tag": "ca"}}, {"chair", "table"}),
    ({"exists": {"field": "title"}}, {"chair", "table", "buds", "cable"}),
    ({"term": {"live": False}}, {"cable"}),
    ({"ids": {"values": ["buds", "none"]}}, {"buds"}),
    ({"match_all": {}}, {"chair", "table", "buds", "cable"}),
    ({"match_none": {}}, set()),
    ({"bool": {"must": {"term": {"tag": "camp"}}, "must_not": [{"match": {"title": "테이블"}}]}}, {"chair"}),
    ({"bool": {"should": [{"term": {"tag": "audio"}}, {"term": {"tag": "digital"}}], "filter": {"range": {"price": {"lte": 10000}}},
               "minimum_should_match": 1}}, {"cable"}),
    ({"constant_score": {"filter": {"term": {"tag": "audio"}}, "boost": 2}}, {"buds"}),
    ({"function_score": {"query": {"term": {"tag": "camp"}}, "field_value_factor": {"field": "price", "modifier": "log1p"}}},
     {"chair", "table"}),
    ({"knn": {"vector": {"vector": [1, 0, 0], "k": 2}}}, {"buds", "cable"}),
    ({"knn": {"vector": {"vector": [1, 0, 0], "k": 1, "filter": {"term": {"tag": "camp"}}}}}, {"chair", "table"}),
])
def test_queries(search, shop_index, query, expected):
    found = ids(search.search(index=shop_index, body={"query": query}))
    if "knn" in query and "filter" in query["knn"]["vector"]:
        assert len(found) == 1 and set(found) <= expected
    else:
        assert set(found) == expected and len(found) == len(expected)


def test_search_response_has_every_member(search, shop_index):
    answer = search.search(index=shop_index, body={"query": {"match": {"title": "캠핑"}}, "size": 1})
    assert answer["timed_out"] is False and answer["_shards"]["failed"] == 0 and isinstance(answer["took"], int)
    assert answer["hits"]["total"] == {"value": 2, "relation": "eq"}
    hit = answer["hits"]["hits"][0]
    assert answer["hits"]["max_score"] == hit["_score"] > 0 and hit["_index"] == shop_index


def test_search_supports_sort_from_size_and_source(search, shop_index):
    answer = search.search(index=shop_index, body={"sort": [{"price": "desc"}], "from": 1, "size": 2, "_source": ["price"]})
    assert ids(answer) == ["chair", "table"]
    assert [hit["sort"] for hit in answer["hits"]["hits"]] == [[89000], [59000]]
    assert answer["hits"]["hits"][0]["_source"] == {"price": 89000} and answer["hits"]["hits"][0]["_score"] is None


def test_explain_and_count(search, shop_index):
    hit = search.search(index=shop_index, body={"query": {"match": {"title": "이어폰"}}, "explain": True})["hits"]["hits"][0]
    assert abs(hit["_explanation"]["value"] - hit["_score"]) < 1e-6 and hit["_explanation"]["details"]
    assert search.count(index=shop_index, body={"query": {"term": {"tag": "camp"}}})["count"] == 2


def test_hybrid_search_with_a_pipeline(search, shop_index):
    search.http.put("/_search/pipeline/t-hybrid", body={"phase_results_processors": [{"normalization-processor": {
        "normalization": {"technique": "min_max"}, "combination": {"technique": "arithmetic_mean", "parameters": {"weights": [.4, .6]}}}}]})
    query = {"hybrid": {"queries": [{"match": {"title": "이어폰"}}, {"knn": {"vector": {"vector": [1, 0, 0], "k": 4}}}]}}
    hits = search.search(index=shop_index, body={"query": query}, params={"search_pipeline": "t-hybrid"})["hits"]["hits"]
    assert hits[0]["_id"] == "buds" and abs(hits[0]["_score"] - 1) < 1e-6
    assert [h["_score"] for h in hits] == sorted((h["_score"] for h in hits), reverse=True)
    assert "t-hybrid" in search.http.get("/_search/pipeline/t-hybrid")
    search.http.delete("/_search/pipeline/t-hybrid")
    with pytest.raises(NotFoundError):
        search.http.get("/_search/pipeline/t-hybrid")
    with pytest.raises(RequestError) as caught:
        search.search(index=shop_index, body={"query": query}, params={"search_pipeline": "t-hybrid"})
    assert "t-hybrid" in caught.value.info["error"]["reason"]


@pytest.mark.parametrize("body,kind", [
    ({"query": {"foo": {"a": 1}}}, "parsing_exception"),
    ({"query": {"match": {"title": {"query": "x", "no_such_option": 1}}}}, "parsing_exception"),
    ({"from": 9000, "size": 2000}, "search_phase_execution_exception"),
    ({"sort": [{"no_such_field": "asc"}]}, "search_phase_execution_exception"),
])
def test_invalid_search_bodies_are_400(search, shop_index, body, kind):
    with pytest.raises(RequestError) as caught:
        search.search(index=shop_index, body=body)
    assert caught.value.status_code == 400 and caught.value.error == kind


def test_unknown_parameter_is_400(search, shop_index):
    with pytest.raises(RequestError) as caught:
        search.search(index=shop_index, body={}, params={"no_such_parameter": "1"})
    assert "unrecognized parameter: [no_such_parameter]" in caught.value.info["error"]["reason"]


def test_invalid_json_is_400(search, shop_index):
    for body in ('{"query":', "[1,2]", '{"query":{"match_all":{}}} trailing'):
        with pytest.raises(RequestError):
            search.transport.perform_request("POST", f"/{shop_index}/_search", body=body)


def test_analyze(search):
    tokens = search.indices.analyze(body={"analyzer": "standard", "text": "Quick 무선 이어폰"})["tokens"]
    assert [t["token"] for t in tokens] == ["quick", "무선", "이어폰"]
    assert [(t["start_offset"], t["end_offset"], t["position"]) for t in tokens] == [(0, 5, 0), (6, 8, 1), (9, 12, 2)]
    korean = [t["token"] for t in search.indices.analyze(body={"analyzer": "korean", "text": "이어폰을 샀다"})["tokens"]]
    assert "이어폰" in korean


def test_scan_and_scroll_see_one_snapshot(search, index):
    other = f"{index}-b"
    helpers.bulk(search, [{"_index": i, "_id": f"{i}-{n}", "price": n, "title": "x " * (n % 5)} for i in (index, other) for n in range(700)], refresh=True)
    try:
        found = [hit["_id"] for hit in helpers.scan(search, index=f"{index}*", size=150)]
        assert len(found) == 1400 == len(set(found))
        page = search.search(index=f"{index}*", body={"sort": [{"price": "desc"}], "size": 500}, params={"scroll": "1m"})
        search.index(index=index, id="late", body={"price": 9999}, refresh=True)
        search.delete(index=other, id=f"{other}-3", refresh=True)
        prices = []
        while page["hits"]["hits"]:
            prices += [hit["_source"]["price"] for hit in page["hits"]["hits"]]
            page = search.scroll(body={"scroll_id": page["_scroll_id"], "scroll": "1m"})
        assert prices == sorted([*range(700), *range(700)], reverse=True)
        scroll_id = page["_scroll_id"]
        assert search.clear_scroll(scroll_id=scroll_id)["num_freed"] == 1
        with pytest.raises(NotFoundError):
            search.scroll(body={"scroll_id": scroll_id, "scroll": "1m"})
    finally:
        search.indices.delete(index=other)


# --- transport


def test_gzip_requests_and_responses(server, shop_index):
    packed = OpenSearch(hosts=[server.url], http_compress=True, max_retries=0)
    assert set(ids(packed.search(index=shop_index, body={"query": {"match": {"title": "캠핑"}}}))) == {"chair", "table"}
    count, errors = helpers.bulk(packed, ({"_index": "t-packed", "_id": n, "title": "무선 이어폰 " * 50} for n in range(200)), refresh=True)
    assert (count, errors) == (200, [])
    packed.indices.delete(index="t-packed")


def test_head_response_has_no_body(search, index):
    """A body after a HEAD response would be read as the start of the next response."""
    put(search, index, a={"price": 7})
    for _ in range(20):
        assert search.exists(index=index, id="a") is True
        assert search.exists(index=index, id="none") is False
        assert search.get(index=index, id="a")["_source"] == {"price": 7}
        assert search.indices.exists(index="no-such-index") is False


def test_threads_can_share_a_client(search, index):
    import concurrent.futures
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: search.index(index=index, id=str(n), body={"price": n})["result"], range(200)))
    assert results == ["created"] * 200
    search.indices.refresh(index=index)
    assert search.count(index=index)["count"] == 200


def test_invalid_requests_are_never_500(search, index):
    """Invalid requests are the caller's mistake, so their status is 4xx."""
    for method, url, body in (("POST", f"/{index}/_search", {"query": {"bool": {"must": 7}}}), ("PUT", f"/{index}/_doc/1", "[]"),
                              ("POST", "/_aliases", {"actions": "x"}), ("PUT", "/_search/pipeline/x", {"response_processors": 3}),
                              ("POST", "/_analyze", {"text": {"a": 1}}), ("POST", "/_mget", {"docs": "x"})):
        with pytest.raises(TransportError) as caught:
            search.transport.perform_request(method, url, body=body)
        assert 400 <= caught.value.status_code < 500, (method, url)
