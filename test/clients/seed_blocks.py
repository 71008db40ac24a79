#!/usr/bin/env python3
"""Extracts the Python code blocks of a Markdown document and runs them, unchanged, against a server.

    AWS_ENDPOINT_URL=http://127.0.0.1:9200 python3 test/clients/seed_blocks.py DOCUMENT.md

Before each block a preamble defines the names that the document leaves undefined (an OpenSearch
client, a metadata look-up, the objects of its pseudocode) as thin wrappers of calls to the same
server, and nothing else. The shop must be loaded (examples/programs/demo_setup.py). Prints one line
per block; the exit code is 1 if a block failed.
"""

import json
import os
import pathlib
import re
import sys
import traceback
import types

FENCE = re.compile(r"^```python[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
CLAUDE = "anthropic.claude-3-sonnet-20240229-v1:0"
RERANK_ARN = "arn:aws:personalize:us-east-1:123456789:campaign/my-rerank-campaign"


def blocks(text):
    """The code blocks of a Markdown text: (first line number, code), in order."""
    return [(text.count("\n", 0, match.start(1)) + 1, match.group(1)) for match in FENCE.finditer(text)]


def _search_client(endpoint):
    from opensearchpy import OpenSearch
    return OpenSearch(hosts=[endpoint], timeout=60)


def _meta_of(client):
    def get_item_meta(item_id):
        source = client.get(index="products", id=item_id)["_source"]
        return f"{source['title']} ({source['category']}, {source['style']}, {source['price']:,}원)"
    return get_item_meta


class Llm:
    """The pseudocode's `llm`: the intent endpoint, and the answer of a chat model."""

    def __init__(self, client, bedrock):
        self._client, self._bedrock = client, bedrock

    def parse_intent(self, question):
        return self._client.http.post("/_trine/intent", body={"question": question, "index": "products"})

    def generate_reason(self, user_profile, top_items):
        lines = "\n".join(f"- {item['itemId']}: {_meta_of(self._client)(item['itemId'])}" for item in top_items)
        prompt = f"{lines}\n\n{user_profile}\n위 상품을 추천하는 이유를 알려 주세요."
        body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 512, "messages": [{"role": "user", "content": prompt}]}
        answer = self._bedrock.invoke_model(modelId=CLAUDE, body=json.dumps(body))
        return json.loads(answer["body"].read())["content"][0]["text"]


class Search:
    """The pseudocode's `opensearch`: one hybrid query built from an intent."""

    def __init__(self, client, bedrock):
        self._client, self._bedrock = client, bedrock

    def hybrid_search(self, intent):
        words = " ".join(intent["keywords"] + intent["expansions"])
        body = json.dumps({"inputText": words, "dimensions": 256})
        vector = json.loads(self._bedrock.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=body)["body"].read())["embedding"]
        query = {"hybrid": {"queries": [{"multi_match": {"query": words, "fields": ["title^2", "description"]}},
                                        {"knn": {"embedding": {"vector": vector, "k": 50}}}]}}
        normalise = {"phase_results_processors": [{"normalization-processor": {}}]}
        hits = self._client.search(index="products", body={"query": query, "search_pipeline": normalise})["hits"]["hits"]
        return [{"item_id": hit["_source"]["product_id"]} for hit in hits]


class Personalize:
    """The pseudocode's `personalize`: one ranking call."""

    def __init__(self, runtime):
        self._runtime = runtime

    def re_rank(self, user_id, item_list):
        answer = self._runtime.get_personalized_ranking(campaignArn=RERANK_ARN, userId=user_id, inputList=item_list)
        return answer["personalizedRanking"]


def preamble(endpoint):
    """The names that the document uses without defining them."""
    import boto3
    client = _search_client(endpoint)
    bedrock = boto3.client("bedrock-runtime")
    return {
        "client": client, "get_item_meta": _meta_of(client), "llm": Llm(client, bedrock), "opensearch": Search(client, bedrock),
        "personalize": Personalize(boto3.client("personalize-runtime")), "user_id": "user_42",
        "user_query": "요즘 캠핑 갈 때 쓸 가벼운 체어 없어?", "user_profile": "가벼운 장비를 좋아하는 백패커", "__name__": "seed",
    }


def run_blocks(text, endpoint, name="document"):
    """Runs every block; definitions of a block are visible to the next ones. Returns a list of
    {line, code, error (None or a traceback), names}."""
    names, results = preamble(endpoint), []
    for line, code in blocks(text):
        result = types.SimpleNamespace(line=line, code=code, error=None, names=names)
        try:
            # Makes the line numbers in a traceback those of the document.
            exec(compile("\n" * (line - 1) + code, name, "exec"), names)  # pylint: disable=exec-used
        except Exception:  # an exception that the block raises is its result
            result.error = traceback.format_exc()
        results.append(result)
    return results


def title_of(code):
    comment = next((l for l in code.splitlines() if l.startswith("#")), "")
    return comment.lstrip("# ") or code.strip().splitlines()[0]


def main():
    if len(sys.argv) != 2 or "AWS_ENDPOINT_URL" not in os.environ:
        print(__doc__, file=sys.stderr)
        return 2
    for name, value in (("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local"), ("AWS_DEFAULT_REGION", "us-east-1")):
        os.environ.setdefault(name, value)
    path = pathlib.Path(sys.argv[1])
    results = run_blocks(path.read_text(encoding="utf-8"), os.environ["AWS_ENDPOINT_URL"], str(path))
    for result in results:
        print(f"{'failed' if result.error else 'ok':6} line {result.line}: {title_of(result.code)}")
        if result.error:
            print(result.error, file=sys.stderr)
    if not results:
        print(f"no ```python block in {path}", file=sys.stderr)
    return 1 if not results or any(result.error for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
