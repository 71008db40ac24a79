"""The options of outside language models, from the command line to the provider's socket and back."""

import concurrent.futures
import json
import os
import subprocess
import time

import pytest

import local_server
from scripted_provider import ScriptedProvider
from server_fixtures import Connection

MODEL = "/model/anthropic.claude-3-haiku-20240307-v1%3A0/invoke"
KEY = "sk-secret-0123456789"


@pytest.fixture
def provider():
    with ScriptedProvider() as running:
        yield running


@pytest.fixture
def serve(binary, tmp_path):
    """Starts servers with options; each is stopped at the end."""
    started = []

    def start(*options, env=None):
        number = len(started)
        started.append(local_server.LocalServer(binary, tmp_path / f"data{number}", log=tmp_path / f"server{number}.log",
                                                options=[str(o) for o in options], env=env))
        return started[-1]

    yield start
    codes = [server.stop() for server in started]
    assert not any(codes), codes


def ask(server, text="Write a slogan.", **more):
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 50, "messages": [{"role": "user", "content": text}], **more}
    connection = Connection(server.url)
    status, answer = connection.json("POST", MODEL, body)
    connection.http.close()
    return status, answer


def openai(provider, *more):
    return ("--llm-url", provider.url + "/v1", "--llm-model", "m1", *more)


def metric(server, name):
    connection = Connection(server.url)
    _, _, text = connection.request("GET", "/_trine/metrics")
    connection.http.close()
    return [line.rsplit(" ", 1)[1] for line in text.splitlines() if line.startswith(name)]


def test_the_configured_model_answers(serve, provider, tmp_path):
    key = tmp_path / "key"
    key.write_text(KEY + "\n")
    key.chmod(0o600)
    server = serve(*openai(provider, "--llm-key-file", key, "--llm-price-input", 3, "--llm-price-output", 15))
    status, answer = ask(server, system="Be short.")
    assert status == 200, answer
    assert answer["content"][0]["text"] == "scripted answer"
    assert answer["usage"] == {"input_tokens": 10, "output_tokens": 5}
    path, headers, body = provider.requests[-1]
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == "Bearer " + KEY
    assert body["model"] == "m1" and body["max_tokens"] == 50
    assert body["messages"][0] == {"role": "system", "content": "Be short."}
    assert "the model m1 by openai" in server.output()
    assert float(metric(server, "trine_llm_money_total")[0]) == pytest.approx((10 * 3 + 5 * 15) / 1e6)
    connection = Connection(server.url)
    assert connection.json("GET", "/_trine/health")[1]["language_provider"] == "m1"
    connection.http.close()


def test_the_key_is_never_shown(serve, provider, tmp_path):
    key = tmp_path / "key"
    key.write_text(KEY)
    key.chmod(0o600)
    server = serve(*openai(provider, "--llm-key-file", key))
    provider.failures = [(401, json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}))] * 3
    status, answer = ask(server)
    assert status >= 400
    assert KEY not in json.dumps(answer) and KEY not in server.output()
    key.chmod(0o644)
    with pytest.raises(RuntimeError, match="chmod 600"):
        serve(*openai(provider, "--llm-key-file", key))


def test_failures_of_the_provider_are_errors_in_time(serve, provider):
    server = serve(*openai(provider, "--llm-timeout-ms", 300))
    provider.failures = [(503, '{"error":{"code":503,"message":"Loading model"}}')]
    assert ask(server)[0] == 200  # sent again
    provider.delay = 3
    start = time.monotonic()
    status, answer = ask(server)
    assert status >= 400 and time.monotonic() - start < 2, answer


def test_kinds_of_providers(serve, provider):
    server = serve("--llm-kind", "anthropic", "--llm-url", provider.url, "--llm-model", "claude")
    assert ask(server)[1]["content"][0]["text"] == "scripted answer"
    assert provider.requests[-1][0] == "/v1/messages"
    aws = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "SECRET", "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
           "AWS_CONFIG_FILE": os.devnull}
    server = serve("--llm-kind", "bedrock", "--llm-url", provider.url, "--llm-model", "amazon.nova-lite-v1:0",
                   "--llm-region", "eu-west-1", env=aws)
    assert ask(server)[1]["content"][0]["text"] == "scripted answer"
    path, headers, body = provider.requests[-1]
    assert path.startswith("/model/amazon.nova-lite-v1%3A0/converse")
    assert "Credential=AKID/" in headers["authorization"] and "/eu-west-1/bedrock/aws4_request" in headers["authorization"]
    assert body["messages"] == [{"role": "user", "content": [{"text": "Write a slogan."}]}]


def test_calls_at_the_same_time_are_bounded(serve, provider):
    provider.delay = .05
    server = serve(*openai(provider, "--llm-concurrency", 2))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert [status for status, _ in pool.map(lambda _: ask(server), range(8))] == [200] * 8
    assert provider.most_at_once <= 2


def test_budgets_are_kept(serve, provider):
    server = serve(*openai(provider, "--llm-tokens-per-day", 60))  # about 5 tokens and 50 at most
    assert ask(server)[0] == 200
    status, answer = ask(server)
    assert status == 429, answer
    server = serve(*openai(provider, "--llm-money-per-day", .0006, "--llm-price-output", 10))  # 50 tokens are 0.0005
    provider.usage = (10, 30)
    assert ask(server)[0] == 200
    assert ask(server)[0] == 429
    assert len(provider.requests) == 2


def test_features_are_configured_or_found_out(serve, provider):
    server = serve(*openai(provider, "--llm-supports", "system_role=no"))
    assert ask(server, system="Be short.")[0] == 200
    assert provider.requests[-1][2]["messages"] == [{"role": "user", "content": "Be short.\n\nWrite a slogan."}]
    server = serve(*openai(provider))
    provider.failures = [(500, '{"error":{"message":"System role not supported"}}')]
    assert ask(server, system="Be short.")[0] == 200
    assert provider.requests[-1][2]["messages"] == [{"role": "user", "content": "Be short.\n\nWrite a slogan."}]
    assert ask(server, system="Be short.")[0] == 200
    assert len(provider.requests) == 4  # not tried again


@pytest.mark.parametrize("options, words", [
    (("--llm-url", "http://127.0.0.1:1/v1"), ["--llm-model"]),
    (("--llm-url", "ftp://127.0.0.1", "--llm-model", "m"), ["url"]),
    (("--llm-model", "m"), ["url"]),
    (("--llm-model", "m", "--llm-url", "http://h/v1", "--llm-supports", "images=yes"), ["--llm-supports", "images=yes"]),
    (("--llm-model", "m", "--llm-url", "http://h/v1", "--llm-money-per-day", "1"), ["money_per_day"]),
    (("--llm-kind", "other"), ["--llm-kind", "bedrock"]),
    (("--llm-concurrency", "0"), ["--llm-concurrency"]),
])
def test_wrong_options_are_named(binary, tmp_path, options, words):
    done = subprocess.run([binary, "serve", "--port", "0", "--data-dir", tmp_path / "data", *options], capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 2, done
    for word in words:
        assert word in done.stderr, done.stderr


def test_doctor_calls_the_model(binary, provider, tmp_path):
    def doctor(*options):
        done = subprocess.run([binary, "doctor", "--json", "--data-dir", tmp_path / "data", *options], capture_output=True, text=True,
                              timeout=60, check=False)
        return done.returncode, [f for f in json.loads(done.stdout)["findings"] if f["what"].startswith("language")]

    assert doctor() == (0, [{"status": "ok", "what": "language: built-in rules, always available"}])
    code, findings = doctor(*openai(provider))
    assert code == 0 and findings[0]["what"].startswith("language: the model m1 answers within"), findings
    provider.failures = [(404, '{"error":{"message":"model m1 not found"}}')]
    code, findings = doctor(*openai(provider))
    assert code == 1 and findings[0]["status"] == "bad" and "model m1 not found" in findings[0]["what"], findings
