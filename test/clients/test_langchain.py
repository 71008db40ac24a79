"""LangChain's Bedrock classes, unchanged. Skipped by name if langchain-aws is not installed."""

import pytest

langchain_aws = pytest.importorskip("langchain_aws", reason="langchain-aws is not installed")

CLAUDE = "anthropic.claude-3-sonnet-20240229-v1:0"
ITEMS = "- item_1: 오버핏 후디, 30000원\n- item_2: 카고팬츠, 45000원\n\n사용자의 질문: \"4만원 이하 후디 있어요?\""


@pytest.fixture(scope="module")
def at(server):
    return {"endpoint_url": server.url, "region_name": "ap-northeast-2"}


def text_of(content):
    """The text of a message, which is a string or a list of blocks."""
    return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)


@pytest.mark.parametrize("model", [CLAUDE, "amazon.nova-lite-v1:0", "meta.llama3-8b-instruct-v1:0", "mistral.mistral-7b-instruct-v0:2",
                                   "mistral.mistral-large-2402-v1:0", "amazon.titan-text-express-v1"])
@pytest.mark.parametrize("kind", ["ChatBedrock", "ChatBedrockConverse"])
def test_chat_whole_and_as_a_stream(at, kind, model):
    chat = getattr(langchain_aws, kind)(model=model, **at)
    text = text_of(chat.invoke(ITEMS).content)
    assert "후디" in text and "30,000" in text
    assert "".join(text_of(part.content) for part in chat.stream(ITEMS)) == text


@pytest.mark.parametrize("model", ["anthropic.claude-v2:1", "amazon.titan-text-express-v1", "cohere.command-text-v14",
                                   "meta.llama3-8b-instruct-v1:0", "mistral.mistral-7b-instruct-v0:2"])
def test_prompts_whole_and_as_a_stream(at, model):
    llm = langchain_aws.BedrockLLM(model=model, **at)
    text = llm.invoke(ITEMS)
    assert "후디" in text and "".join(llm.stream(ITEMS)) == text


@pytest.mark.parametrize("kind", ["ChatBedrock", "ChatBedrockConverse"])
def test_offered_tools_are_accepted(at, kind):
    tool = {"name": "stock", "description": "Stock of a product", "parameters": {"type": "object", "properties": {"id": {"type": "string"}}}}
    assert "후디" in text_of(getattr(langchain_aws, kind)(model=CLAUDE, **at).bind_tools([tool]).invoke(ITEMS).content)


@pytest.mark.parametrize("model, size", [("amazon.titan-embed-text-v2:0", 1024), ("amazon.titan-embed-text-v1", 1536),
                                         ("cohere.embed-multilingual-v3", 1024)])
def test_embeddings(at, model, size):
    embeddings = langchain_aws.BedrockEmbeddings(model_id=model, **at)
    assert len(embeddings.embed_query("체어")) == size
    assert [len(vector) for vector in embeddings.embed_documents(["a", "b"])] == [size, size]
