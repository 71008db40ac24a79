"""Malformed requests to every API: malformed.tsv has the expected status and error type of each.

The columns, separated by tabs, are method, path, headers ("name: value", separated by "; "), body, status and error type. "-" means empty; as
an error type, it means any. The method PZ calls the Personalize control plane, with the operation as the path. In paths and bodies, %%HH is a
byte, %%{text*N} is text repeated N times, and $NAME is a name from the fixture `world`. If _bulk returns 200, the error of its first item counts.

After each line the server must still answer, on the same connection unless the server closed it.
"""

import json
import pathlib
import re

import pytest
from server_fixtures import Connection, local_server

TABLE = pathlib.Path(__file__).resolve().parent / "malformed.tsv"
REPEAT = re.compile(r"%%\{(.*?)\*(\d+)\}")
BYTE = re.compile(rb"%%([0-9A-Fa-f]{2})")
ARN = "arn:aws:personalize:us-east-1:123456789012:"
INTERACTIONS = json.dumps({"type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
                           "fields": [{"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
                                      {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"}]})


def lines():
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        parts = line.split("\t")
        assert len(parts) == 6, f"{TABLE.name}:{number} has {len(parts)} columns"
        yield number, *parts


LINES = list(lines())


def test_golden_table_has_enough_requests():
    assert len(LINES) >= 200
    assert len({line[1:] for line in LINES}) == len(LINES), "a line occurs twice"


def expand(text, names):
    if text == "-":
        return b""
    for name, value in names.items():
        text = text.replace("$" + name, value)
    text = REPEAT.sub(lambda m: m.group(1) * int(m.group(2)), text)
    return BYTE.sub(lambda m: bytes([int(m.group(1), 16)]), text.encode())


@pytest.fixture(scope="module")
def own_server(binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("malformed")
    running = local_server.LocalServer(binary, folder / "data", log=folder / "server.log")
    yield running
    code = running.stop()
    assert code == 0, f"SIGTERM gave exit code {code}:\n{running.output()[-3000:]}"


def control(connection, operation, body):
    status, _, text = connection.request("POST", "/", json.dumps(body), {"X-Amz-Target": "AmazonPersonalize." + operation,
                                                                         "Content-Type": "application/x-amz-json-1.1"})
    assert status == 200, f"{operation}: {status} {text}"
    return json.loads(text) if text else {}


def wait_active(connection, operation, member, arn):
    import time
    until = time.monotonic() + 120
    while time.monotonic() < until:
        found = control(connection, operation, {member + "Arn": arn})[member]
        if found["status"] == "ACTIVE":
            return arn
        assert "FAILED" not in found["status"], found
        time.sleep(.05)
    raise AssertionError(f"{arn} did not become ACTIVE")


def campaign(connection, group, recipe, solution, name):
    made = control(connection, "CreateSolution", {"name": solution, "datasetGroupArn": group,
                                                  "recipeArn": "arn:aws:personalize:::recipe/" + recipe})["solutionArn"]
    wait_active(connection, "DescribeSolution", "solution", made)
    version = control(connection, "CreateSolutionVersion", {"solutionArn": made})["solutionVersionArn"]
    wait_active(connection, "DescribeSolutionVersion", "solutionVersion", version)
    arn = control(connection, "CreateCampaign", {"name": name, "solutionVersionArn": version, "minProvisionedTPS": 1})["campaignArn"]
    return made, version, wait_active(connection, "DescribeCampaign", "campaign", arn)


@pytest.fixture(scope="module")
def world(own_server):
    """Two indexes (one strict), a dataset group with events, two campaigns, a filter and a pipeline. Returns the names used in the table."""
    c = Connection(own_server.url)
    properties = {"title": {"type": "text"}, "tag": {"type": "keyword"}, "price": {"type": "integer"}, "at": {"type": "date"},
                  "on": {"type": "boolean"}, "vector": {"type": "knn_vector", "dimension": 3,
                                                        "method": {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"}}}
    assert c.json("PUT", "/m", {"mappings": {"properties": properties}})[0] == 200
    assert c.json("PUT", "/strict", {"mappings": {"dynamic": "strict", "properties": {"title": {"type": "text"}}}})[0] == 200
    assert c.json("PUT", "/m/_doc/here?refresh=true", {"title": "here", "price": 3, "tag": "t", "vector": [1, 2, 3]})[0] == 201
    group = control(c, "CreateDatasetGroup", {"name": "g"})["datasetGroupArn"]
    wait_active(c, "DescribeDatasetGroup", "datasetGroup", group)
    schema = control(c, "CreateSchema", {"name": "sch", "schema": INTERACTIONS})["schemaArn"]
    dataset = control(c, "CreateDataset", {"name": "d0", "schemaArn": schema, "datasetGroupArn": group,
                                           "datasetType": "Interactions"})["datasetArn"]
    control(c, "CreateEventTracker", {"name": "YOUR_TRACKING_ID", "datasetGroupArn": group})
    events = [{"user_id": f"u{n % 7}", "item_id": f"i{n * n % 11}", "event_type": "View", "timestamp": 1764000000 + n} for n in range(100)]
    assert c.json("POST", "/_trine/events", {"dataset_group": "g", "events": events})[0] == 200
    assert c.json("PUT", "/_trine/bindings/m", {"dataset_group_arn": "g"})[0] == 200
    solution, version, ranking = campaign(c, group, "aws-personalized-ranking", "ranking", "my-campaign")
    _, _, for_you = campaign(c, group, "aws-user-personalization", "people", "for-you")
    made = control(c, "CreateFilter", {"name": "f", "datasetGroupArn": group,
                                       "filterExpression": "INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($TYPE)"})["filterArn"]
    processor = {"personalized_search_ranking": {"campaign_arn": ranking, "recipe": "aws-personalized-ranking", "weight": 0.3}}
    assert c.json("PUT", "/_search/pipeline/personal", {"response_processors": [processor]})[0] == 200
    return {"GROUP": group, "SCHEMA": schema, "DATASET": dataset, "SOLUTION": solution, "VERSION": version, "CAMPAIGN": ranking,
            "FORYOU": for_you, "FILTER": made, "ROLE": "arn:aws:iam::123456789012:role/R"}


def test_unknown_item_id_field_of_a_pipeline_is_named(own_server, world):
    c = Connection(own_server.url)
    def search(field):
        processor = {"personalized_search_ranking": {"campaign_arn": world["CAMPAIGN"], "recipe": "aws-personalized-ranking", "weight": 0.3,
                                                     "item_id_field": field}}
        assert c.json("PUT", "/_search/pipeline/by-field", {"response_processors": [processor]})[0] == 200
        return c.json("POST", "/m/_search?search_pipeline=by-field", {"query": {"match_all": {}},
                                                                      "ext": {"personalize_request_parameters": {"user_id": "u1"}}})
    status, answer = search("titel")
    assert status == 400 and "the field titel does not exist; did you mean 'title'?" in answer["error"]["reason"], answer
    assert search("title")[0] == 200


def bulk_error(answer):
    for item in answer.get("items", [])[:1]:
        for outcome in item.values():
            return outcome.get("error")
    return None


def types_of(answer):
    """Every error type that the answer contains, outermost first."""
    if not isinstance(answer, dict):
        return []
    if "__type" in answer:
        return [answer["__type"]]
    error = bulk_error(answer) if "items" in answer else answer.get("error")
    if not isinstance(error, dict):
        return []
    if "kind" in error:
        return [error["kind"]]
    found = [error.get("type")] + [cause.get("type") for cause in error.get("root_cause", [])]
    if isinstance(error.get("caused_by"), dict):
        found.append(error["caused_by"].get("type"))
    return found


@pytest.fixture(scope="module")
def wire(own_server):
    """A list with one connection, which `send` replaces after the server closed it."""
    return [Connection(own_server.url)]


def send(wire, url, method, path, headers, body):
    import http.client
    for attempt in (0, 1):
        try:
            return wire[0].request(method, path, body or None, headers)
        except (http.client.HTTPException, OSError):
            if attempt:
                raise
            wire[0] = Connection(url)


@pytest.mark.parametrize("number,method,path,headers,body,status,kind", LINES, ids=[f"{line[0]}-{line[1]}-{line[2][:40]}" for line in LINES])
def test_rejects_malformed_request(number, method, path, headers, body, status, kind, world, wire, own_server):
    given = dict(pair.split(": ", 1) for pair in headers.split("; ")) if headers != "-" else {}
    if method == "PZ":
        given = {"X-Amz-Target": "AmazonPersonalize." + path, "Content-Type": "application/x-amz-json-1.1", **given}
        method, path = "POST", "/"
    names = world
    target = expand(path, names).decode("latin-1")
    data = expand(body, names)
    got, answer_headers, text = send(wire, own_server.url, method, target, given, data)
    place = f"{TABLE.name}:{number} {method} {target[:120]} {data[:300]!r}"
    assert got == int(status), f"{place}\nexpected {status} {kind}, got {got} {text[:500]}"
    assert len(text) < 100_000, f"{place}\nan error of {len(text)} bytes"
    if method == "HEAD":
        assert text == ""
    elif "json" in {k.lower(): v for k, v in answer_headers.items()}.get("content-type", ""):
        answer = json.loads(text)
        if kind != "-":
            assert kind in types_of(answer), f"{place}\nexpected {kind}, got {text[:500]}"
        if "__type" in answer:
            lower = {k.lower(): v for k, v in answer_headers.items()}
            assert lower.get("x-amzn-errortype") == answer["__type"], place
            assert lower.get("x-amzn-requestid"), place
    else:
        assert kind == "-", f"{place}\nexpected {kind}, got {text[:500]}"
    healthy = send(wire, own_server.url, "GET", "/m/_doc/here", {}, b"")
    assert healthy[0] == 200, f"{place}\nafterwards a valid request gets {healthy[0]} {healthy[2][:300]}"
