"""The verbs as a person types them: wrong names and numbers, options from files, what they print, a server by its URL."""

import json
import subprocess

import pytest
from server_fixtures import Connection


def run(binary, *arguments, **more):
    return subprocess.run([str(binary), *map(str, arguments)], capture_output=True, text=True, timeout=60, **more)


def wrong_usage(done, *words):
    assert done.returncode == 2, (done.returncode, done.stderr)
    for word in words:
        assert word in done.stderr, done.stderr


# --- Usage ---------------------------------------------------------------------------------------


def test_a_verb_that_is_none_is_named(binary):
    wrong_usage(run(binary, "bogus"), "no verb 'bogus'", "serve", "recommend")
    wrong_usage(run(binary), "subcommand is required; see trine --help")


@pytest.mark.parametrize("options,words", [
    (["--weight", "2"], ["--weight", "0 to 1", "got 2"]),
    (["--weight", "abc"], ["--weight", "0 to 1", "got abc"]),
    (["--weight", "nan"], ["--weight", "0 to 1"]),
    (["--size", "0"], ["--size", "1", "100"]),
    (["--size", "101"], ["--size", "100"]),
    (["--language", "fr"], ["--language", "ko"]),
])
def test_ask_says_what_an_option_may_be(binary, options, words):
    wrong_usage(run(binary, "ask", "chair", "--index", "x", *options), *words)


def test_ask_needs_a_question(binary):
    for question in ("", "  "):
        wrong_usage(run(binary, "ask", question, "--index", "x"), "the question is empty")


def test_serve_needs_the_folders_it_may_read(binary, tmp_path):
    done = run(binary, "serve", "--port", 0, "--data-dir", tmp_path / "data", "--import-dir", tmp_path / "none")
    wrong_usage(done, "--import-dir", str(tmp_path / "none"))
    assert not (tmp_path / "data").exists()


# --- Options from a file -------------------------------------------------------------------------


def taken_port(binary, folder, *arguments, env=None):
    """The port that doctor looked at."""
    done = run(binary, *arguments, "--data-dir", folder / "none", "--json", env=env)
    whats = [f["what"] for f in json.loads(done.stdout)["findings"]]
    return next(w.split()[1] for w in whats if w.startswith("port "))


def test_options_come_from_a_file_before_and_behind_the_verb(binary, tmp_path):
    file = tmp_path / "c.toml"
    file.write_text("port = 23456\n")
    assert taken_port(binary, tmp_path, "doctor", "--config", file) == "23456"
    assert taken_port(binary, tmp_path, "doctor", f"--config={file}") == "23456"
    assert taken_port(binary, tmp_path, "--config", file, "doctor") == "23456"
    assert taken_port(binary, tmp_path, "doctor", "--config", file, "--port", 34567) == "34567"
    file.write_text("[doctor]\nport = 23457\n\n[serve]\nstrict-limits = true\n\n[eval.search]\nk = 5\n")
    assert taken_port(binary, tmp_path, "doctor", "--config", file) == "23457"


def test_wrong_files_are_refused(binary, tmp_path):
    file = tmp_path / "c.toml"
    for text, words in (("prot = 1\n", ["'prot' is no option of doctor"]),
                        ("[doctor]\nprot = 1\n", ["'doctor.prot' is no option of doctor"]),
                        ("[sreve]\nport = 1\n", ["[sreve] is no verb"]),
                        ("port = many\n", ["--port"])):
        file.write_text(text)
        wrong_usage(run(binary, "doctor", "--config", file), *words)
    wrong_usage(run(binary, "doctor", "--config", tmp_path / "none.toml"), "none.toml")
    wrong_usage(run(binary, "doctor", "--config"), "--config needs")


# --- A shop --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop(binary, server, tmp_path_factory):
    """Ten chairs in an index that is bound to a group with events, and a trained campaign."""
    folder = tmp_path_factory.mktemp("shop")
    c = Connection(server.url)
    lines = []
    for n in range(10):
        lines += [json.dumps({"index": {"_id": f"d{n}"}}), json.dumps({"product_id": f"p{n}", "title": f"의자 {n}", "CATEGORY_L1": "chairs"})]
    assert c.request("POST", "/verbs-goods/_bulk?refresh=true", "\n".join(lines) + "\n")[0] == 200
    rows = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"]
    rows += [f"u{u},p{(u * 3 + n) % 10},{1_790_000_000 + n * 60 + u},View" for u in range(20) for n in range(4)]
    (folder / "events.csv").write_text("\n".join(rows) + "\n")
    done = run(binary, "import", folder / "events.csv", "--group", "verbs", "--url", server.url, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert c.json("PUT", "/_trine/bindings/verbs-goods", {"dataset_group_arn": "verbs", "item_id_field": "product_id", "fields": {}})[0] == 200
    done = run(binary, "train", "--solution", "verbs-you", "--group", "verbs", "--campaign", "verbs-now", "--url", server.url)
    assert done.returncode == 0, done.stderr
    return c


def test_train_says_what_is_missing(binary, server, shop):
    done = run(binary, "train", "--solution", "nogroup", "--url", server.url)
    assert done.returncode == 1 and "there is no solution 'nogroup'; add --group NAME to make it" in done.stderr
    done = run(binary, "train", "--solution", "other", "--group", "nope", "--url", server.url)
    assert done.returncode == 1 and "there is no dataset group 'nope'" in done.stderr


def test_recommend_prints_titles_and_reasons(binary, server, shop):
    done = run(binary, "recommend", "--user", "u1", "--campaign", "verbs-now", "--count", 3, "--url", server.url)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(" 1. p") and "의자 " in lines[0], done.stdout
    assert sum("의자 " in line for line in lines if line[:3] in (" 1.", " 2.", " 3.")) == 3
    assert any(line.startswith("    ") and line.strip() for line in lines), "reasons"
    data = run(binary, "recommend", "--user", "u1", "--campaign", "verbs-now", "--url", server.url, "--json")
    assert json.loads(data.stdout)["itemList"]


def test_bindings_are_listed(shop):
    status, listed = shop.json("GET", "/_trine/bindings")
    assert status == 200
    assert {"index": "verbs-goods", "dataset_group": "verbs", "item_id_field": "product_id", "fields": {}} in listed["bindings"]


def test_asking_with_a_campaign_that_is_not_there(binary, server, shop):
    status, answer = shop.json("POST", "/_trine/ask", {"question": "의자", "index": "verbs-goods", "campaign": "nope"})
    assert status == 404 and answer["error"]["got"] == "nope" and answer["error"]["where"] == "campaign"
    done = run(binary, "ask", "의자", "--index", "verbs-goods", "--campaign", "nope", "--url", server.url)
    assert done.returncode == 1 and "there is no campaign of that name" in done.stderr
    assert shop.json("POST", "/_trine/ask", {"question": "의자", "index": "verbs-goods", "campaign": "verbs-now"})[0] == 200


def test_doctor_asks_the_server_that_is_named(binary, server, shop, tmp_path):
    done = run(binary, "doctor", "--url", server.url, "--json")
    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == 0 and findings[0]["what"] == f"{server.url} answers"
    assert any("dataset groups" in f["what"] for f in findings)
    assert not any("data directory" in f["what"] for f in findings), "of this machine's directory nothing is said"
    done = run(binary, "doctor", "--url", "http://127.0.0.1:1")
    assert done.returncode == 1 and "no answer from http://127.0.0.1:1" in done.stdout
