"""The requests whose answers must survive an upgrade, and the comparison of two answers."""

import json
import urllib.error
import urllib.request

# Members that differ between two runs of the same program.
VOLATILE = {"took", "took_ms", "ms", "recommendation_id", "recommendationId", "uptime_in_millis", "weight_why", "stages", "version",
            "embedder", "max_score_time", "timestamp"}

HYBRID = {"hybrid": {"queries": [{"match": {"title": "캠핑 체어"}}, {"match": {"title": "light chair"}}]}}

REQUESTS = [
    ("GET", "/products/_count", None),
    ("GET", "/products/_doc/p3", None),
    ("GET", "/products/_doc/p11", None),  # deleted
    ("GET", "/products/_mapping", None),
    ("GET", "/_search/pipeline/join", None),
    ("POST", "/products/_search", {"query": {"match": {"title": "캠핑 체어"}}, "sort": ["_score", {"price": "asc"}]}),
    ("POST", "/products/_search", {"query": {"range": {"price": {"gte": 30000}}}, "sort": [{"price": "desc"}], "_source": ["title"]}),
    ("POST", "/products/_search?search_pipeline=join", {"query": HYBRID, "_source": False}),
    ("POST", "/goods/_search", {"query": {"term": {"brand": "Helinox"}}, "sort": [{"price": "asc"}]}),  # by alias
    ("GET", "/_trine/bindings/products", None),
    ("POST", "/recommenders-by-user", {"campaignArn": "arn:aws:personalize:us-east-1:123456789012:campaign/now", "userId": "u1", "numResults": 25}),
    ("POST", "/personalize/DescribeCampaign", {"campaignArn": "arn:aws:personalize:us-east-1:123456789012:campaign/now"}),
    ("POST", "/personalize/ListSolutionVersions", {"solutionArn": "arn:aws:personalize:us-east-1:123456789012:solution/for-you"}),
]


def send(url, method, path, body):
    """(status, parsed body). The two Personalize forms are spelled out here so that no AWS client is needed."""
    headers = {"Content-Type": "application/json"}
    if path == "/recommenders-by-user":
        path = "/recommendations"
    elif path.startswith("/personalize/"):
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"AmazonPersonalize.{path.rsplit('/', 1)[1]}"}
        path = "/"
    data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    request = urllib.request.Request(url + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def stable(value):
    """The value without its volatile members; times of resources are kept, because they are facts."""
    if isinstance(value, dict):
        return {key: stable(member) for key, member in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [stable(member) for member in value]
    return value


def answers(url):
    """The answers to REQUESTS, in order."""
    found = []
    for method, path, body in REQUESTS:
        status, answer = send(url, method, path, body)
        if "itemList" in answer:  # scores and order depend on today's date
            answer = {"items": sorted(item["itemId"] for item in answer["itemList"])}
        found.append({"request": f"{method} {path} {json.dumps(body, ensure_ascii=False)}", "status": status, "body": stable(answer)})
    return found
