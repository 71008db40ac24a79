"""The Bedrock API in front of an outside model: tools are called, and each failure of the provider is the exception that clients know."""

import contextlib
import http.server
import json
import threading
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

import local_server

CLAUDE = "anthropic.claude-3-haiku-20240307-v1:0"
TOOLS = {"tools": [{"toolSpec": {"name": "stock", "description": "the stock of an item", "inputSchema": {"json": {"type": "object", "properties": {"id": {"type": "string"}}}}}}]}
USAGE = {"prompt_tokens": 11, "completion_tokens": 7}
CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "stock", "arguments": '{"id":"chair_2"}'}}


class Provider:
    """Chat completions in OpenAI's format on a loopback port. `answer(handler, body)` writes the whole response. Use as a context."""

    def __init__(self):
        self.answer, self.bodies = None, []
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                provider.bodies.append(body)
                with contextlib.suppress(OSError):
                    provider.answer(self, body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def send(handler, status, kind, data, length=None):
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(data) if length is None else length))
    handler.end_headers()
    handler.wfile.write(data)


def completion(message, reason="stop"):
    """Answers with the message, whole or as a stream, as the request wants it. Texts are sent character by character."""

    def answer(handler, body):
        if not body.get("stream"):
            whole = {"choices": [{"message": {"role": "assistant", **message}, "finish_reason": reason}], "usage": USAGE}
            return send(handler, 200, "application/json", json.dumps(whole).encode())
        events = [{"choices": [{"delta": {"content": c}}]} for c in message.get("content") or ""]
        events += [{"choices": [{"delta": {"tool_calls": message["tool_calls"]}}]}] if "tool_calls" in message else []
        events += [{"choices": [{"delta": {}, "finish_reason": reason}]}, {"choices": [], "usage": USAGE}]
        return send(handler, 200, "text/event-stream", "".join(f"data: {json.dumps(e, ensure_ascii=False)}\n\n" for e in events).encode() + b"data: [DONE]\n\n")

    return answer


def failure(status, **headers):
    def answer(handler, _):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        data = json.dumps({"error": {"message": "scripted", "type": "x", "code": None}}).encode()
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def cut(handler, body):
    """Some text, then the connection ends in the middle of the answer."""
    data = b'data: {"choices":[{"delta":{"content":"Hello "}}]}\n\n' if body.get("stream") else b'{"choices":[{"mess'
    send(handler, 200, "text/event-stream" if body.get("stream") else "application/json", data, length=len(data) + 100)
    handler.close_connection = True


def silent(handler, body):
    if body.get("stream"):
        send(handler, 200, "text/event-stream", b'data: {"choices":[{"delta":{"content":"Hello "}}]}\n\n', length=10_000)
        handler.wfile.flush()
    time.sleep(6)


@pytest.fixture
def provider():
    with Provider() as running:
        yield running


@pytest.fixture
def runtime(binary, tmp_path, provider):
    server = local_server.LocalServer(binary, tmp_path / "data", log=tmp_path / "server.log", options=(
        "--llm-url", provider.url, "--llm-model", "scripted", "--llm-timeout-ms", "2500"))
    yield boto3.client("bedrock-runtime", endpoint_url=server.url, config=Config(retries={"max_attempts": 0}, read_timeout=30))
    assert server.stop() == 0


def user(text):
    return [{"role": "user", "content": [{"text": text}]}]


def converse(runtime, text="Hello?", **more):
    return runtime.converse(modelId=CLAUDE, messages=user(text), **more)


def stream(runtime, text="Hello?", **more):
    return list(runtime.converse_stream(modelId=CLAUDE, messages=user(text), **more)["stream"])


def claude(text="Hello?", **more):
    return json.dumps({"anthropic_version": "v", "max_tokens": 99, "messages": [{"role": "user", "content": text}], **more})


def test_text_passes_through_unchanged_whole_and_streamed(runtime, provider):
    provider.answer = completion({"content": "안녕하세요 👋 무엇을 찾으세요?"})
    answer = converse(runtime, "안녕")
    assert answer["output"]["message"]["content"] == [{"text": "안녕하세요 👋 무엇을 찾으세요?"}] and answer["stopReason"] == "end_turn"
    assert (answer["usage"]["inputTokens"], answer["usage"]["outputTokens"]) == (11, 7)
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-trine-model"] == "scripted" and headers["x-trine-grounding"] == "nothing-to-check"
    events = stream(runtime, "안녕")
    assert "".join(e["contentBlockDelta"]["delta"]["text"] for e in events if "contentBlockDelta" in e) == "안녕하세요 👋 무엇을 찾으세요?"
    assert events[-1]["metadata"]["usage"]["outputTokens"] == 7


def test_offered_tools_reach_the_model_and_its_calls_the_client(runtime, provider):
    provider.answer = completion({"content": None, "tool_calls": [CALL]}, "tool_calls")
    answer = converse(runtime, toolConfig={**TOOLS, "toolChoice": {"any": {}}})
    assert answer["stopReason"] == "tool_use"
    assert answer["output"]["message"]["content"] == [{"toolUse": {"toolUseId": "call_1", "name": "stock", "input": {"id": "chair_2"}}}]
    sent = provider.bodies[-1]
    assert sent["tools"][0]["function"]["name"] == "stock" and sent["tools"][0]["function"]["parameters"]["properties"] and sent["tool_choice"] == "required"

    body = claude(tools=[{"name": "stock", "input_schema": {"type": "object"}}])
    invoked = json.loads(runtime.invoke_model(modelId=CLAUDE, body=body)["body"].read())
    assert invoked["stop_reason"] == "tool_use"
    assert invoked["content"] == [{"type": "tool_use", "id": "call_1", "name": "stock", "input": {"id": "chair_2"}}]


@pytest.mark.parametrize("choice", [{"auto": {}}, {"any": {}}])
def test_calls_of_tools_are_streamed(runtime, provider, choice):
    provider.answer = completion({"content": "Let me look.", "tool_calls": [CALL]}, "tool_calls")
    events = stream(runtime, toolConfig={**TOOLS, "toolChoice": choice})
    text = "".join(e["contentBlockDelta"]["delta"].get("text", "") for e in events if "contentBlockDelta" in e)
    starts = [e["contentBlockStart"] for e in events if "contentBlockStart" in e]
    inputs = [e["contentBlockDelta"]["delta"]["toolUse"]["input"] for e in events if "toolUse" in e.get("contentBlockDelta", {}).get("delta", {})]
    assert text == "Let me look." and starts == [{"start": {"toolUse": {"toolUseId": "call_1", "name": "stock"}}, "contentBlockIndex": 1}]
    assert json.loads("".join(inputs)) == {"id": "chair_2"} and events[-2]["messageStop"]["stopReason"] == "tool_use"
    assert [e["contentBlockStop"]["contentBlockIndex"] for e in events if "contentBlockStop" in e] == [0, 1]


def test_results_of_tools_reach_the_model(runtime, provider):
    provider.answer = completion({"content": "There are 3."})
    messages = [*user("How many?"), {"role": "assistant", "content": [{"toolUse": {"toolUseId": "call_1", "name": "stock", "input": {"id": "chair_2"}}}]},
                {"role": "user", "content": [{"toolResult": {"toolUseId": "call_1", "content": [{"json": {"stock": 3}}]}}]}]
    assert runtime.converse(modelId=CLAUDE, messages=messages, toolConfig=TOOLS)["output"]["message"]["content"] == [{"text": "There are 3."}]
    sent = provider.bodies[-1]["messages"]
    assert [m["role"] for m in sent] == ["user", "assistant", "tool"]
    assert sent[1]["tool_calls"][0]["id"] == sent[2]["tool_call_id"] == "call_1" and json.loads(sent[2]["content"]) == {"stock": 3}


def test_prices_that_are_not_in_the_prompt_do_not_leave(runtime, provider):
    provider.answer = completion({"content": "The folding chair costs 39,000 won. The folding chair costs 12,345 won."})
    prompt = "- chair_2: Folding chair, 39000 won\n\nWhich chair do you recommend?"
    for text in (converse(runtime, prompt)["output"]["message"]["content"][0]["text"],
                 "".join(e["contentBlockDelta"]["delta"]["text"] for e in stream(runtime, prompt) if "contentBlockDelta" in e)):
        assert "12,345" not in text, text
    assert converse(runtime, prompt)["ResponseMetadata"]["HTTPHeaders"]["x-trine-grounding"] in ("checked", "withheld")


FAULTS = {"busy": (failure(429, Retry_After="60"), "ThrottlingException", 429, "throttlingException"),
          "broken": (failure(500), "ServiceUnavailableException", 503, "serviceUnavailableException"),
          "cut": (cut, "ServiceUnavailableException", 503, "serviceUnavailableException"),
          "silent": (silent, "ModelTimeoutException", 408, None)}


@pytest.mark.parametrize("fault", FAULTS)
def test_failures_of_the_provider_are_exceptions_of_bedrock(runtime, provider, fault):
    provider.answer, name, status, event = FAULTS[fault]
    for call in (lambda: converse(runtime), lambda: runtime.invoke_model(modelId=CLAUDE, body=claude())):
        with pytest.raises(ClientError) as caught:
            call()
        assert (caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]) == (name, status)
    with pytest.raises(EventStreamError) as caught:
        stream(runtime)
    assert caught.value.response["Error"]["Code"] == (event or "modelStreamErrorException")
    with pytest.raises(EventStreamError) as caught:
        list(runtime.invoke_model_with_response_stream(modelId=CLAUDE, body=claude())["body"])
    assert caught.value.response["Error"]["Code"] == (event or "modelTimeoutException")


def test_text_before_a_cut_is_delivered(runtime, provider):
    provider.answer = cut
    received = []
    with pytest.raises(EventStreamError):
        for event in runtime.converse_stream(modelId=CLAUDE, messages=user("Hello?"))["stream"]:
            received.append(event)
    assert "".join(e["contentBlockDelta"]["delta"]["text"] for e in received if "contentBlockDelta" in e).strip() == "Hello"
    assert not any("messageStop" in e for e in received), "an answer that was cut has no end"
