"""The chat APIs and /mcp with the unmodified clients openai, anthropic and mcp from PyPI."""

import asyncio
import json

import pytest

PROMPT = "- a: Blue tent, 100 USD\n- b: Red chair, 40 USD\n\nUser question: Which tent is there?"
TOOLS = ["ask", "explain", "recommend", "search"]


@pytest.fixture(scope="module")
def openai_client(server):
    openai = pytest.importorskip("openai")
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="local", max_retries=0)


@pytest.fixture(scope="module")
def anthropic_client(server):
    anthropic = pytest.importorskip("anthropic")
    return anthropic.Anthropic(base_url=server.url, api_key="local", max_retries=0)


def test_openai_chat(openai_client):
    raw = openai_client.chat.completions.with_raw_response.create(
        model="any", messages=[{"role": "developer", "content": "Be brief."}, {"role": "user", "content": PROMPT}], max_completion_tokens=200)
    answer = raw.parse()
    assert answer.choices[0].message.content and answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert raw.headers["x-trine-grounding"] in ("checked", "withheld", "nothing-to-check")
    assert raw.headers["x-trine-model"] == answer.model and raw.headers["x-request-id"]


def test_openai_stream_is_the_same_text(openai_client):
    messages = [{"role": "user", "content": [{"type": "text", "text": PROMPT}]}]
    whole = openai_client.chat.completions.create(model="any", messages=messages)
    chunks = list(openai_client.chat.completions.create(model="any", messages=messages, stream=True, stream_options={"include_usage": True}))
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole.choices[0].message.content
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens == whole.usage.total_tokens


def test_openai_json(openai_client):
    answer = openai_client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": "a tent below 100 USD"}], response_format={"type": "json_object"})
    assert isinstance(json.loads(answer.choices[0].message.content), dict)


def test_openai_errors(openai_client):
    import openai
    hello = [{"role": "user", "content": "hi"}]
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.chat.completions.create(model="any", messages=hello, n=2)
    assert refused.value.param == "n"
    with pytest.raises(openai.BadRequestError):
        openai_client.embeddings.create(model="trine-embed", input=[1, 2, 3])
    with pytest.raises(openai.NotFoundError):
        openai_client.models.retrieve("missing")


def test_openai_embeddings_and_models(openai_client):
    # The client asks for base64 unless it is told otherwise.
    packed = openai_client.embeddings.create(model="text-embedding-3-small", input=["tent", "chair", "..."], dimensions=64)
    plain = openai_client.embeddings.create(model="text-embedding-3-small", input="tent", dimensions=64, encoding_format="float")
    assert [d.index for d in packed.data] == [0, 1, 2]
    for one in packed.data:
        assert len(one.embedding) == 64 and sum(x * x for x in one.embedding) == pytest.approx(1, abs=1e-4)
    assert packed.data[0].embedding == pytest.approx(plain.data[0].embedding)
    ids = [m.id for m in openai_client.models.list()]
    assert "trine-embed" in ids and openai_client.models.retrieve(ids[0]).id == ids[0]


def test_anthropic_message_and_stream(anthropic_client):
    call = {"model": "claude-any", "max_tokens": 200, "system": "Be brief.", "messages": [{"role": "user", "content": PROMPT}]}
    whole = anthropic_client.messages.create(**call)
    assert whole.content[0].text and whole.stop_reason == "end_turn" and whole.usage.output_tokens > 0
    with anthropic_client.messages.stream(**call) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == whole.content[0].text and final.stop_reason == "end_turn"
    assert final.usage.output_tokens == whole.usage.output_tokens


def test_anthropic_counts_and_errors(anthropic_client):
    import anthropic
    hello = [{"role": "user", "content": "hello there"}]
    assert anthropic_client.messages.count_tokens(model="claude-any", messages=hello).input_tokens > 0
    assert [m.id for m in anthropic_client.models.list()]
    with pytest.raises(anthropic.BadRequestError) as refused:
        anthropic_client.messages.create(model="claude-any", max_tokens=5, messages=[{"role": "user", "content": " "}])
    assert refused.value.body["error"]["type"] == "invalid_request_error"


def test_mcp_tools(shop_server):
    pytest.importorskip("mcp")
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def run():
        async with streamable_http_client(f"{shop_server.url}/mcp") as (read, write):
            async with ClientSession(read, write) as session:
                info = await session.initialize()
                assert info.server_info.name == "trine"
                tools = await session.list_tools()
                await session.send_ping()
                found = await session.call_tool("search", {"index": "products", "query": "tent", "size": 3})
                asked = await session.call_tool("ask", {"index": "products", "question": "a tent for camping"})
                missing = await session.call_tool("search", {"index": "no-such-index", "query": "x"})
                return tools, found, asked, missing

    tools, found, asked, missing = asyncio.run(run())
    assert sorted(t.name for t in tools.tools) == TOOLS
    assert not found.is_error and json.loads(found.content[0].text) == found.structured_content
    assert not asked.is_error and "answer" in asked.structured_content
    assert missing.is_error
