"""boto3 against every operation of Bedrock: all model families, Converse, both streams, with answers that fit the service model."""

import json
import pathlib
import re
import sys
import urllib.request

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.eventstream import EventStreamBuffer
from botocore.exceptions import ClientError, EventStreamError

import local_server
import service_model

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scripted_provider import ScriptedProvider  # noqa: E402

CLAUDE = "anthropic.claude-3-sonnet-20240229-v1:0"
ITEMS = "- item_1: 오버핏 후디, 30000원\n- item_2: 카고팬츠, 45000원\n\n사용자의 질문: \"4만원 이하 후디 있어요?\""
TOOLS = {"tools": [{"toolSpec": {"name": "stock", "description": "Stock of a product",
                                 "inputSchema": {"json": {"type": "object", "properties": {"id": {"type": "string"}}}}}}]}


def said(text):
    return [{"role": "user", "content": [{"text": text}]}]


FAMILIES = {
    CLAUDE: ({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 200, "messages": [{"role": "user", "content": ITEMS}]},
             lambda a: a["content"][0]["text"]),
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0": (
        {"anthropic_version": "2099-01-01", "max_tokens": 200, "messages": [{"role": "user", "content": ITEMS}]},
        lambda a: a["content"][0]["text"]),
    "anthropic.claude-v2:1": ({"prompt": f"\n\nHuman: {ITEMS}\n\nAssistant:", "max_tokens_to_sample": 200}, lambda a: a["completion"]),
    "amazon.titan-text-express-v1": ({"inputText": ITEMS, "textGenerationConfig": {"maxTokenCount": 200}},
                                     lambda a: a["results"][0]["outputText"]),
    "amazon.nova-lite-v1:0": ({"schemaVersion": "messages-v1", "messages": said(ITEMS), "inferenceConfig": {"maxTokens": 200}},
                              lambda a: a["output"]["message"]["content"][0]["text"]),
    "meta.llama3-8b-instruct-v1:0": ({"prompt": ITEMS, "max_gen_len": 200}, lambda a: a["generation"]),
    "mistral.mistral-7b-instruct-v0:2": ({"prompt": f"<s>[INST] {ITEMS} [/INST]", "max_tokens": 200}, lambda a: a["outputs"][0]["text"]),
    "mistral.mistral-large-2402-v1:0": ({"messages": [{"role": "user", "content": ITEMS}], "max_tokens": 200},
                                        lambda a: a["choices"][0]["message"]["content"]),
    "cohere.command-text-v14": ({"prompt": ITEMS, "max_tokens": 200}, lambda a: a["generations"][0]["text"]),
    "cohere.command-r-v1:0": ({"message": ITEMS, "max_tokens": 200}, lambda a: a["text"]),
}


def part_of(chunk):
    """The text of a chunk of any family."""
    return (chunk.get("delta", {}).get("text") or chunk.get("completion") or chunk.get("outputText") or chunk.get("generation")
            or chunk.get("contentBlockDelta", {}).get("delta", {}).get("text")
            or (chunk.get("outputs") or [{}])[0].get("text") or (chunk.get("choices") or [{"message": {}}])[0]["message"].get("content")
            or (chunk.get("text") if "is_finished" in chunk else None) or "")


@pytest.mark.parametrize("model", FAMILIES)
def test_every_family_answers_whole_and_as_a_stream(clients, model):
    body, text_of = FAMILIES[model]
    whole = clients.bedrock.invoke_model(modelId=model, body=json.dumps(body))
    assert whole["contentType"] == "application/json"
    headers = whole["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["x-trine-model"], headers["x-trine-grounding"]) == ("trine-builtin-1", "checked")
    text = text_of(json.loads(whole["body"].read()))
    assert "후디" in text and "30,000" in text
    stream = clients.bedrock.invoke_model_with_response_stream(modelId=model, body=json.dumps(body))
    assert stream["contentType"] == "application/json"
    assert stream["ResponseMetadata"]["HTTPHeaders"]["x-trine-grounding"] == "checked"
    chunks = [json.loads(event["chunk"]["bytes"]) for event in stream["body"]]
    assert "".join(map(part_of, chunks)) == text
    assert chunks[-1]["amazon-bedrock-invocationMetrics"]["outputTokenCount"] > 0


@pytest.mark.parametrize("model, body, size", [
    ("amazon.titan-embed-text-v1", {"inputText": "체어"}, 1536),
    ("amazon.titan-embed-text-v2:0", {"inputText": "체어", "dimensions": 256}, 256),
    ("cohere.embed-multilingual-v3", {"texts": ["체어"], "input_type": "search_query"}, 1024),
    ("amazon.nova-2-multimodal-embeddings-v1:0", {"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {
        "embeddingPurpose": "GENERIC_INDEX", "embeddingDimension": 1024, "text": {"truncationMode": "END", "value": "체어"}}}, 1024)])
def test_embeddings(clients, model, body, size):
    answer = json.loads(clients.bedrock.invoke_model(modelId=model, body=json.dumps(body))["body"].read())
    vector = answer["embedding"] if "embedding" in answer else answer["embeddings"][0]
    vector = vector["embedding"] if isinstance(vector, dict) else vector
    assert len(vector) == size and abs(sum(x * x for x in vector) - 1) < 1e-3


def test_rerank_orders_documents(clients):
    body = {"query": "가벼운 캠핑 체어", "documents": ["고속 충전 케이블", "캠핑 체어 경량"], "top_n": 2, "api_version": 2}
    response = clients.bedrock.invoke_model(modelId="cohere.rerank-v3-5:0", body=json.dumps(body))
    results = json.loads(response["body"].read())["results"]
    assert [r["index"] for r in results] == [1, 0] and results[0]["relevance_score"] > results[1]["relevance_score"]


def test_converse(clients):
    answer = clients.bedrock.converse(
        modelId=CLAUDE, messages=said(ITEMS), system=[{"text": "짧게 답하세요."}], inferenceConfig={"maxTokens": 200, "temperature": 0.0},
        performanceConfig={"latency": "standard"}, requestMetadata={"team": "shop"}, additionalModelRequestFields={"top_k": 3})
    assert "후디" in answer["output"]["message"]["content"][0]["text"] and answer["stopReason"] == "end_turn"
    assert answer["usage"]["totalTokens"] == answer["usage"]["inputTokens"] + answer["usage"]["outputTokens"] > 0
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-trine-grounding"] == "checked"
    arn = "arn:aws:bedrock:ap-northeast-2:123456789012:inference-profile/apac." + CLAUDE
    assert clients.bedrock.converse(modelId=arn, messages=said(ITEMS))["output"] == answer["output"]


def test_converse_answers_from_documents(clients):
    document = {"format": "md", "name": "policy", "source": {"bytes": "반품은 구매 후 7일 안에 할 수 있습니다.".encode()}}
    answer = clients.bedrock.converse(modelId="amazon.nova-pro-v1:0", messages=[
        {"role": "user", "content": [{"text": "반품은 며칠 안에 할 수 있나요?"}, {"document": document}]}])
    assert "7일" in answer["output"]["message"]["content"][0]["text"]
    pdf = {**document, "format": "pdf"}
    with pytest.raises(clients.bedrock.exceptions.ValidationException, match="not supported"):
        clients.bedrock.converse(modelId=CLAUDE, messages=[{"role": "user", "content": [{"text": "x"}, {"document": pdf}]}])


def test_converse_stream(clients):
    whole = clients.bedrock.converse(modelId=CLAUDE, messages=said(ITEMS))
    response = clients.bedrock.converse_stream(modelId=CLAUDE, messages=said(ITEMS))
    events = list(response["stream"])
    names = [next(iter(event)) for event in events]
    assert names[0] == "messageStart" and names[-3:] == ["contentBlockStop", "messageStop", "metadata"]
    text = "".join(e["contentBlockDelta"]["delta"]["text"] for e in events if "contentBlockDelta" in e)
    assert text == whole["output"]["message"]["content"][0]["text"]
    assert events[-1]["metadata"]["usage"] == whole["usage"]


def raw_events(server, path, body):
    """The messages of a stream as they are sent, before botocore drops what it does not know."""
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    buffer = EventStreamBuffer()
    with urllib.request.urlopen(request, timeout=60) as response:
        buffer.add_data(response.read())
    return [(event.headers[":event-type"], json.loads(event.payload)) for event in buffer]


@pytest.mark.parametrize("operation, path, body, member", [
    ("ConverseStream", f"/model/{CLAUDE}/converse-stream", {"messages": said(ITEMS)}, "stream"),
    ("InvokeModelWithResponseStream", f"/model/{CLAUDE}/invoke-with-response-stream", FAMILIES[CLAUDE][0], "body")])
def test_events_fit_the_service_model(clients, server, operation, path, body, member):
    union = clients.bedrock.meta.service_model.operation_model(operation).output_shape.members[member]
    for name, payload in raw_events(server, path, body):
        assert not service_model.problems(union.members[name], payload, name)


def test_demanded_tools_are_refused_clearly(clients):
    demand = {**TOOLS, "toolChoice": {"any": {}}}
    for call in (clients.bedrock.converse, clients.bedrock.converse_stream):
        with pytest.raises(clients.bedrock.exceptions.ValidationException, match="does not call tools"):
            call(modelId=CLAUDE, messages=said("재고 있어요?"), toolConfig=demand)
    answer = clients.bedrock.converse(modelId=CLAUDE, messages=said(ITEMS), toolConfig=TOOLS)
    assert answer["stopReason"] == "end_turn", "offered tools need not be used"


def test_tool_results_are_read(clients):
    messages = said("재고 있어요?") + [
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "stock", "input": {"id": "a"}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "content": [{"json": {"stock": 3}}]}}]}]
    assert clients.bedrock.converse(modelId=CLAUDE, messages=messages, toolConfig=TOOLS)["stopReason"] == "end_turn"
    with pytest.raises(clients.bedrock.exceptions.ValidationException, match="toolConfig"):
        clients.bedrock.converse(modelId=CLAUDE, messages=messages)


def test_stop_sequences_and_limits(clients):
    stopped = clients.bedrock.converse(modelId=CLAUDE, messages=said(ITEMS), inferenceConfig={"stopSequences": ["후디"]})
    assert stopped["stopReason"] == "stop_sequence"
    short = clients.bedrock.converse(modelId=CLAUDE, messages=said(ITEMS), inferenceConfig={"maxTokens": 3})
    assert short["stopReason"] == "max_tokens" and short["usage"]["outputTokens"] <= 3


def test_counts_tokens_as_the_answer_does(clients):
    count = clients.bedrock.count_tokens(modelId=CLAUDE, input={"converse": {"messages": said(ITEMS)}})["inputTokens"]
    assert count == clients.bedrock.converse(modelId=CLAUDE, messages=said(ITEMS))["usage"]["inputTokens"]
    body = json.dumps(FAMILIES[CLAUDE][0]).encode()
    assert clients.bedrock.count_tokens(modelId=CLAUDE, input={"invokeModel": {"body": body}})["inputTokens"] == count


def test_guardrail_checks_grounding(clients):
    def apply(text):
        return clients.bedrock.apply_guardrail(guardrailIdentifier="any", guardrailVersion="DRAFT", source="OUTPUT", content=[
            {"text": {"text": "The tent costs 20000 won.", "qualifiers": ["grounding_source"]}},
            {"text": {"text": "How much is the tent?", "qualifiers": ["query"]}}, {"text": {"text": text}}])

    assert apply("The tent costs 20000 won.")["action"] == "NONE"
    blocked = apply("The tent costs 20000 won. It weighs 500 g.")
    assert blocked["action"] == "GUARDRAIL_INTERVENED" and blocked["outputs"][0]["text"].strip() == "The tent costs 20000 won."
    with pytest.raises(clients.bedrock.exceptions.ValidationException, match="INPUT"):
        clients.bedrock.apply_guardrail(guardrailIdentifier="any", guardrailVersion="1", source="INPUT", content=[{"text": {"text": "x"}}])


def test_lists_and_describes_models(clients):
    summaries = clients.models.list_foundation_models()["modelSummaries"]
    for summary in summaries:
        assert clients.models.get_foundation_model(modelIdentifier=summary["modelId"])["modelDetails"] == summary
        assert clients.models.get_foundation_model(modelIdentifier=summary["modelArn"])["modelDetails"] == summary
    embedding = clients.models.list_foundation_models(byProvider="Cohere", byOutputModality="EMBEDDING")["modelSummaries"]
    assert {m["modelId"] for m in embedding} == {"cohere.embed-english-v3", "cohere.embed-multilingual-v3"}
    with pytest.raises(clients.models.exceptions.ResourceNotFoundException):
        clients.models.get_foundation_model(modelIdentifier="nobody.no-such-model")


def test_asynchronous_invocations_are_refused(clients):
    with pytest.raises(clients.bedrock.exceptions.ValidationException, match="asynchronous"):
        clients.bedrock.start_async_invoke(modelId=CLAUDE, modelInput={}, outputDataConfig={"s3OutputDataConfig": {"s3Uri": "s3://b-b/k"}})
    with pytest.raises(clients.bedrock.exceptions.ValidationException, match="asynchronous"):
        clients.bedrock.list_async_invokes()


def test_a_bearer_token_needs_no_signature(server):
    """As boto3 sends it with AWS_BEARER_TOKEN_BEDROCK, which it does over TLS only."""
    request = urllib.request.Request(f"{server.url}/model/{CLAUDE}/converse", json.dumps({"messages": said(ITEMS)}).encode(),
                                     {"Content-Type": "application/json", "Authorization": "Bearer token"})
    with urllib.request.urlopen(request, timeout=60) as response:
        assert json.loads(response.read())["stopReason"] == "end_turn"


# --- an outside model


class Provider(ScriptedProvider):
    """Streams `events` of chat completions, and answers with `message` to requests without a stream."""

    events, message = [], {}

    def _openai(self, body):
        if body.get("stream"):
            return "text/event-stream", "".join(f"data: {json.dumps(event)}\n\n" for event in self.events)
        return "application/json", json.dumps({"choices": [{"message": self.message, "finish_reason": "tool_calls"}],
                                               "usage": {"prompt_tokens": 3, "completion_tokens": 2}})


@pytest.fixture(scope="module")
def provider():
    with Provider() as running:
        yield running


@pytest.fixture(scope="module")
def outside(binary, provider, tmp_path_factory):
    """A Bedrock client of a server that asks the provider."""
    folder = tmp_path_factory.mktemp("outside")
    running = local_server.LocalServer(binary, folder / "data", log=folder / "server.log",
                                       options=("--llm-url", provider.url + "/v1", "--llm-model", "m", "--llm-timeout-ms", "3000"))
    yield service_model.watch(boto3.client("bedrock-runtime", endpoint_url=running.url, config=Config(retries={"max_attempts": 0})))
    assert running.stop() == 0


def test_tools_of_an_outside_model(outside, provider):
    call = {"id": "call_1", "type": "function", "function": {"name": "stock", "arguments": "{\"id\": \"7\"}"}}
    provider.message = {"role": "assistant", "content": None, "tool_calls": [call]}
    answer = outside.converse(modelId=CLAUDE, messages=said("재고 있어요?"), toolConfig={**TOOLS, "toolChoice": {"any": {}}})
    assert answer["stopReason"] == "tool_use"
    assert answer["output"]["message"]["content"] == [{"toolUse": {"toolUseId": "call_1", "name": "stock", "input": {"id": "7"}}}]
    assert provider.requests[-1][2]["tools"][0]["function"]["name"] == "stock"
    events = list(outside.converse_stream(modelId=CLAUDE, messages=said("재고 있어요?"), toolConfig={**TOOLS, "toolChoice": {"any": {}}})["stream"])
    assert {"contentBlockStart": {"start": {"toolUse": {"toolUseId": "call_1", "name": "stock"}}, "contentBlockIndex": 0}} in events
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}],
            "tools": [{"name": "stock", "input_schema": {"type": "object"}}]}
    claude = json.loads(outside.invoke_model(modelId=CLAUDE, body=json.dumps(body))["body"].read())
    assert claude["content"] == [{"type": "tool_use", "id": "call_1", "name": "stock", "input": {"id": "7"}}]


def test_a_failure_in_the_middle_of_a_stream_is_an_exception_event(outside, provider):
    provider.events = [{"choices": [{"delta": {"content": "Hello"}}]}, {"error": {"message": "out of memory"}}]
    seen = []
    with pytest.raises(EventStreamError, match="serviceUnavailableException"):
        for event in outside.converse_stream(modelId=CLAUDE, messages=said("Hi"))["stream"]:
            seen.append(next(iter(event)))
    assert seen == ["messageStart", "contentBlockDelta"]
    body = json.dumps(FAMILIES["meta.llama3-8b-instruct-v1:0"][0])
    with pytest.raises(EventStreamError, match="serviceUnavailableException"):
        list(outside.invoke_model_with_response_stream(modelId="meta.llama3-8b-instruct-v1:0", body=body)["body"])


def test_a_dead_provider_is_a_modelled_exception(outside, provider):
    provider.failures = [(500, "{}")] * 20
    with pytest.raises(outside.exceptions.ServiceUnavailableException):
        outside.converse(modelId=CLAUDE, messages=said("Are you there?"))


# --- constraints of the service model

GOOD = {
    "Converse": {"modelId": CLAUDE, "messages": said("x"), "system": [{"text": "s"}], "toolConfig": TOOLS,
                 "outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": "{}"}}}}},
    "CountTokens": {"modelId": CLAUDE, "input": {"converse": {"messages": said("x")}}},
    "ApplyGuardrail": {"guardrailIdentifier": "any", "guardrailVersion": "1", "source": "OUTPUT", "content": [
        {"text": {"text": "a", "qualifiers": ["grounding_source"]}}, {"text": {"text": "a"}}]},
    "ListFoundationModels": {},
}
# Not checked: names that change nothing, texts of unions that are refused anyway, and patterns of ids in the path.
NOT_CHECKED = re.compile(r"modelId|projectIdentifier|promptVariables|requestMetadata|guardrail(Identifier|Version): |guardrailConfig|"
                         r"\.strict|\.ttl|\.type: enum$|\.context|\.citations|byProvider|\.effort|toolUse|bytes: min|\.description: min")


def code_of(client, operation, request):
    try:
        getattr(client, xform_name(operation))(**request)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


@pytest.mark.parametrize("operation", GOOD)
def test_judges_requests_as_the_service_model_says(server, operation):
    from test_service_model import violations
    service = "bedrock" if operation == "ListFoundationModels" else "bedrock-runtime"
    client = boto3.client(service, endpoint_url=server.url, config=Config(retries={"max_attempts": 0}, parameter_validation=False))
    shape = client.meta.service_model.operation_model(operation).input_shape
    good = GOOD[operation]
    assert code_of(client, operation, good) == ""
    accepted, tried = [], 0
    for where, request in violations(shape, good, lambda v: v, ""):
        if NOT_CHECKED.search(where):
            continue
        tried += 1
        try:
            if code_of(client, operation, request) != "ValidationException":
                accepted.append(where)
        except (ValueError, TypeError, AttributeError):
            continue  # boto3 cannot send it
    assert tried > 0 and not accepted, f"{operation} accepts {accepted}"

