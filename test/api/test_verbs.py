"""The commands of the program: usage errors, options from files, printed output, and remote servers."""

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


def test_unknown_command_lists_the_commands(binary):
    wrong_usage(run(binary, "bogus"), "unknown command 'bogus'", "serve", "recommend")
    wrong_usage(run(binary), "a command is required; see trine --help")


def test_usage_errors_contain_the_option_and_the_command(binary):
    wrong_usage(run(binary, "doctor", "--prot", "1"), "unknown option '--prot' for doctor; see trine doctor --help")
    wrong_usage(run(binary, "eval", "search", "--index", "x"), "missing option --queries for eval search")


@pytest.mark.parametrize("options,words", [
    (["--weight", "2"], ["--weight", "0 to 1", "got 2"]),
    (["--weight", "abc"], ["--weight", "0 to 1", "got abc"]),
    (["--weight", "nan"], ["--weight", "0 to 1"]),
    (["--size", "0"], ["--size", "1", "100"]),
    (["--size", "101"], ["--size", "100"]),
    (["--language", "fr"], ["--language", "ko"]),
])
def test_ask_rejects_values_out_of_range(binary, options, words):
    wrong_usage(run(binary, "ask", "chair", "--index", "x", *options), *words)


def test_ask_rejects_a_blank_question(binary):
    for question in ("", "  "):
        wrong_usage(run(binary, "ask", question, "--index", "x"), "the question is empty")


def test_serve_rejects_missing_import_folders(binary, tmp_path):
    done = run(binary, "serve", "--port", 0, "--data-dir", tmp_path / "data", "--import-dir", tmp_path / "none")
    wrong_usage(done, "--import-dir", str(tmp_path / "none"))
    assert not (tmp_path / "data").exists()


# --- Options from a file -------------------------------------------------------------------------


def taken_port(binary, folder, *arguments, env=None):
    """The port that doctor checked."""
    done = run(binary, *arguments, "--data-dir", folder / "none", "--json", env=env)
    whats = [f["what"] for f in json.loads(done.stdout)["findings"]]
    return next(w.split()[1] for w in whats if w.startswith("port "))


def test_config_option_may_precede_or_follow_the_command(binary, tmp_path):
    file = tmp_path / "c.toml"
    file.write_text("port = 23456\n")
    assert taken_port(binary, tmp_path, "doctor", "--config", file) == "23456"
    assert taken_port(binary, tmp_path, "doctor", f"--config={file}") == "23456"
    assert taken_port(binary, tmp_path, "--config", file, "doctor") == "23456"
    assert taken_port(binary, tmp_path, "doctor", "--config", file, "--port", 34567) == "34567"
    file.write_text("[doctor]\nport = 23457\n\n[serve]\nstrict-limits = true\n\n[eval.search]\nk = 5\n")
    assert taken_port(binary, tmp_path, "doctor", "--config", file) == "23457"


def test_invalid_config_files_are_rejected(binary, tmp_path):
    file = tmp_path / "c.toml"
    for text, words in (("prot = 1\n", ["unknown option 'prot' for doctor"]),
                        ("[doctor]\nprot = 1\n", ["unknown option 'doctor.prot' for doctor"]),
                        ("[sreve]\nport = 1\n", ["table [sreve] does not name a command"]),
                        ("port = many\n", ["--port"])):
        file.write_text(text)
        wrong_usage(run(binary, "doctor", "--config", file), *words)
    wrong_usage(run(binary, "doctor", "--config", tmp_path / "none.toml"), "none.toml")
    wrong_usage(run(binary, "doctor", "--config"), "option --config needs a value")


# --- A shop --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop(binary, server, tmp_path_factory):
    """An index of ten chairs, bound to a dataset group with events, and a trained campaign."""
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


def test_train_reports_the_missing_solution_or_group(binary, server, shop):
    done = run(binary, "train", "--solution", "nogroup", "--url", server.url)
    assert done.returncode == 1 and "unknown solution 'nogroup'; add --group NAME to create it" in done.stderr
    done = run(binary, "train", "--solution", "other", "--group", "nope", "--url", server.url)
    assert done.returncode == 1 and "unknown dataset group 'nope'" in done.stderr


def test_recommend_prints_titles_and_reasons(binary, server, shop):
    done = run(binary, "recommend", "--user", "u1", "--campaign", "verbs-now", "--count", 3, "--url", server.url)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(" 1. p") and "의자 " in lines[0], done.stdout
    assert sum("의자 " in line for line in lines if line[:3] in (" 1.", " 2.", " 3.")) == 3
    assert any(line.startswith("    ") and line.strip() for line in lines), "reasons"
    data = run(binary, "recommend", "--user", "u1", "--campaign", "verbs-now", "--url", server.url, "--json")
    assert json.loads(data.stdout)["itemList"]


def test_lists_bindings(shop):
    status, listed = shop.json("GET", "/_trine/bindings")
    assert status == 200
    assert {"index": "verbs-goods", "dataset_group": "verbs", "item_id_field": "product_id", "fields": {}} in listed["bindings"]


def test_ask_rejects_an_unknown_campaign(binary, server, shop):
    status, answer = shop.json("POST", "/_trine/ask", {"question": "의자", "index": "verbs-goods", "campaign": "nope"})
    assert status == 404 and answer["error"]["got"] == "nope" and answer["error"]["where"] == "campaign"
    done = run(binary, "ask", "의자", "--index", "verbs-goods", "--campaign", "nope", "--url", server.url)
    assert done.returncode == 1 and "unknown campaign" in done.stderr
    assert shop.json("POST", "/_trine/ask", {"question": "의자", "index": "verbs-goods", "campaign": "verbs-now"})[0] == 200


def test_doctor_checks_the_server_at_url(binary, server, shop, tmp_path):
    done = run(binary, "doctor", "--url", server.url, "--json")
    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == 0 and findings[0]["what"] == f"{server.url} answers"
    assert any("dataset groups" in f["what"] for f in findings)
    assert not any("data directory" in f["what"] for f in findings), "the data directory of this machine is not checked"
    done = run(binary, "doctor", "--url", "http://127.0.0.1:1")
    assert done.returncode == 1 and "no answer from http://127.0.0.1:1" in done.stdout
