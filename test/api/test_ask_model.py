"""Questions with an outside language model, which is scripted: what it answers, when, and what people see of it."""

import concurrent.futures
import http.server
import json
import re
import subprocess
import threading
import time

import pytest
from server_fixtures import Connection, local_server

PRODUCTS = [("redc", "Red Chair", 10), ("bluec", "Blue Chair", 12), ("redl", "Red Lamp", 20), ("woolc", "Round Carpet", 30)]
ROLE_EVENTS = [("lamp_lover", "redl"), ("carpet_lover", "woolc")]


class Provider:
    """A server that speaks as OpenAI's chat completions do. `answer(prompt)` words answers; proposals are empty."""

    def __init__(self):
        self.answer, self.seconds, self.prompts, self.gate = lambda prompt: "The Red Chair costs 10.", 0, [], None
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                proposal = "response_format" in body
                prompt = body["messages"][-1]["content"]
                provider.prompts.append((proposal, body["messages"]))
                if not proposal and provider.gate is not None:
                    provider.gate.wait(20)
                time.sleep(provider.seconds)
                text = "{}" if proposal else provider.answer(prompt)
                usage = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}
                if body.get("stream"):
                    chunks = [{"choices": [{"index": 0, "delta": {"content": part}, "finish_reason": None}]} for part in re.findall(r"\s*\S+", text)]
                    chunks += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": usage}]
                    data = "".join("data: " + json.dumps(chunk) + "\n\n" for chunk in chunks) + "data: [DONE]\n\n"
                    self.reply(data.encode(), "text/event-stream")
                else:
                    message = {"role": "assistant", "content": text}
                    self.reply(json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage}).encode(),
                               "application/json")

            def reply(self, data, content_type):
                self.send_response(200)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.request_queue_size = 128
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Shop:
    def __init__(self, binary, folder, provider, *options):
        model = ("--llm-url", provider.url, "--llm-model", "scripted", "--llm-price-input", "2", "--llm-price-output", "4")
        self.running = local_server.LocalServer(binary, folder / "data", log=folder / "server.log", options=(*model, *options))
        self.connection = Connection(self.running.url)
        lines = []
        for number, title, price in PRODUCTS:
            lines += [json.dumps({"index": {"_index": "shop", "_id": number}}), json.dumps({"title": title, "price": price})]
        assert self.connection.request("POST", "/_bulk?refresh=true", "\n".join(lines) + "\n")[0] == 200
        events = [{"user_id": user, "item_id": item, "event_type": "view"} for user, item in ROLE_EVENTS]
        self.post("events", dataset_group="shop", create=True, events=events)
        status, _, text = self.connection.request("PUT", "/_trine/bindings/shop", json.dumps({"dataset_group_arn": "shop"}))
        assert status == 200, text
        self.post("prepare", index="shop")

    def post(self, endpoint, **body):
        status, _, text = self.connection.request("POST", "/_trine/" + endpoint, json.dumps(body))
        assert status == 200, text
        return json.loads(text)

    def ask(self, question="chair", user="lamp_lover", **more):
        return self.post("ask", question=question, index="shop", user_id=user, **more)


def stage(answer, name="answer"):
    return next(one for one in answer["stages"] if one["name"] == name)


@pytest.fixture(scope="module")
def provider():
    made = Provider()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shop(binary, tmp_path_factory, provider):
    made = Shop(binary, tmp_path_factory.mktemp("shop"), provider)
    yield made
    assert made.running.stop() == 0


@pytest.fixture(autouse=True)
def plain(provider):
    provider.answer, provider.seconds, provider.gate = lambda prompt: "The Red Chair costs 10.", 0, None
    provider.prompts.clear()


def test_the_model_words_the_answer_and_its_cost_is_shown(shop, provider):
    answer = shop.ask("a chair")
    assert answer["answer"]["text"] == "The Red Chair costs 10." and answer["answer"]["provider"] == "scripted"
    assert answer["answer"]["citations"] == [{"item_id": "redc", "start": 4, "end": 13}]
    used = stage(answer)["model"]
    assert (used["calls"], used["input_tokens"], used["output_tokens"], used["cached"]) == (1, 1000, 500, False)
    assert used["cost"] == pytest.approx(0.004)
    again = stage(shop.ask("a chair"))["model"]
    assert again["cached"] and again["calls"] == 0 and again["cost"] == 0
    _, _, metrics = shop.connection.request("GET", "/_trine/metrics")
    assert 'trine_ask_model_results_total{kind="answer_used"}' in metrics and "trine_ask_model_cost_total" in metrics


def test_people_with_other_histories_get_other_answers(shop, provider):
    def by_taste(prompt):
        taste = prompt[prompt.index("<taste>"):prompt.index("</taste>")]
        liked = "Red Lamp" if "Red Lamp" in taste else "Round Carpet"
        return f"You recently viewed the {liked}, and the Red Chair costs 10."

    provider.answer = by_taste
    lamp, carpet = shop.ask("nice chair"), shop.ask("nice chair", "carpet_lover")
    assert "Red Lamp" in lamp["answer"]["text"] and "Round Carpet" in carpet["answer"]["text"]
    assert lamp["answer"]["provider"] == carpet["answer"]["provider"] == "scripted"


def test_false_sentences_are_dropped(shop, provider):
    provider.answer = lambda prompt: "The Red Chair costs 3. The Turbo Throne is better."
    answer = shop.ask("one chair")
    assert answer["answer"]["provider"] == "builtin"
    assert "2 of 2 sentences of the language model were dropped" in stage(answer)["why"]


def test_items_are_sent_before_the_model_is_asked(shop, provider):
    provider.gate = threading.Event()
    connection = Connection(shop.running.url).http
    connection.request("POST", "/_trine/ask", json.dumps({"question": "some chair", "index": "shop", "stream": True, "deadline_ms": 30000}),
                       {"Content-Type": "application/json"})
    body, text = connection.getresponse(), ""
    while "event: items" not in text or not text.endswith("\n\n"):
        text += body.readline().decode()
    assert "event: sentence" not in text
    provider.gate.set()
    text += body.read().decode()
    assert [line[7:] for line in text.splitlines() if line.startswith("event: ")] == ["intent", "items", "sentence", "done"]


def test_slow_models_are_given_up_in_time(shop, provider):
    provider.seconds = 5
    start = time.monotonic()
    answer = shop.ask("any chair", deadline_ms=1000)
    assert time.monotonic() - start < 2
    assert answer["answer"]["provider"] == "builtin" and answer["items"]
    assert stage(answer)["why"].startswith("the built-in answer was used: ")
    assert stage(answer, "understand")["why"].startswith("the built-in rules alone read the question: ")


def test_many_questions_wait_at_the_same_time(shop, provider):
    provider.seconds = 0.5

    def ask(number):
        _, _, text = Connection(shop.running.url).request(
            "POST", "/_trine/ask", json.dumps({"question": f"chair {number}", "index": "shop", "user_id": f"user{number}", "deadline_ms": 10000}))
        return json.loads(text)

    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(ask, range(64)))
    took = time.monotonic() - start
    assert {answer["answer"]["provider"] for answer in answers} == {"scripted"}, [stage(answer).get("why") for answer in answers][:3]
    assert took < 8, f"64 questions of two calls of 0.5 s took {took:.1f} s"


def test_answers_for_deleted_people_are_forgotten(shop, provider):
    shop.ask("last chair", "carpet_lover")
    assert stage(shop.ask("last chair", "carpet_lover"))["model"]["cached"]
    status, _, text = shop.connection.request("DELETE", "/_trine/users/shop/carpet_lover")
    assert status == 200 and json.loads(text)["deleted"]
    provider.prompts.clear()
    assert not stage(shop.ask("last chair", "carpet_lover"))["model"]["cached"]
    assert "Round Carpet" not in provider.prompts[-1][1][-1]["content"].split("<taste>")[1]


def test_dead_providers_are_named(binary, tmp_path):
    dead = Provider()
    dead.stop()
    shop = Shop(binary, tmp_path, dead)
    start = time.monotonic()
    answer = shop.ask()
    assert time.monotonic() - start < 3
    assert answer["answer"]["provider"] == "builtin" and answer["items"]
    assert stage(answer)["why"].startswith("the built-in answer was used: ")
    assert shop.running.stop() == 0


def test_prompts_and_stages_can_be_chosen(binary, tmp_path, provider):
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    prompt = prompts / "answer.v1.en.txt"
    prompt.write_text("[system]\nBe brief.\n[user]\n{{question}}\n{{items}}\n{{documents}}\n{{taste}}\n")
    shop = Shop(binary, tmp_path, provider, "--llm-prompt-dir", str(prompts), "--llm-in-ask", "answer")
    answer = shop.ask()
    assert answer["answer"]["provider"] == "scripted" and "model" not in stage(answer, "understand")
    assert [proposal for proposal, _ in provider.prompts] == [False]
    assert provider.prompts[0][1][0] == {"role": "system", "content": "Be brief."}
    assert shop.running.stop() == 0
    prompt.write_text("[system]\nBe brief.\n[user]\n{{qestion}}\n")
    refused = subprocess.run([binary, "serve", "--data-dir", str(tmp_path / "data"), "--port", "0", "--llm-url", provider.url, "--llm-model", "scripted",
                              "--llm-prompt-dir", str(prompts)], capture_output=True, text=True, timeout=60)
    assert refused.returncode != 0
    assert "{{qestion}}" in refused.stderr and "answer.v1.en.txt, line 4" in refused.stderr, refused.stderr
