"""Trained models, the pinned embedder and the mark of the terms: a lost one is named by health, check, doctor and backup, or built again."""

import json
import os
import shutil
import subprocess
import time

import pytest
from server_fixtures import Connection, local_server

ARN = "arn:aws:personalize:us-east-1:123456789012:"
EMBED = "/model/amazon.titan-embed-text-v2:0/invoke"


def personalize(connection, operation, **body):
    headers = {"X-Amz-Target": "AmazonPersonalize." + operation, "Content-Type": "application/x-amz-json-1.1"}
    status, _, answer = connection.request("POST", "/", json.dumps(body), headers)
    assert status == 200, answer
    return json.loads(answer) if answer else {}


@pytest.fixture(scope="module")
def trained(binary, tmp_path_factory):
    """A stopped data directory with an index, a trained campaign and a pinned embedder."""
    data = tmp_path_factory.mktemp("trained") / "data"
    server = local_server.LocalServer(binary, data)
    connection = Connection(server.url)
    for n in range(60):
        assert connection.json("PUT", f"/docs/_doc/{n}", {"title": f"red chair {n % 7} for the garden {n % 5}"})[0] == 201
    assert connection.json("POST", "/docs/_flush")[0] == 200
    assert connection.json("POST", EMBED, {"inputText": "red chair"})[0] == 200
    personalize(connection, "CreateDatasetGroup", name="shop")
    for user in range(20):
        events = [{"user_id": f"u{user}", "item_id": f"i{(user + n) % 30}", "event_type": "view", "timestamp": 1700000000 + n} for n in range(40)]
        assert connection.json("POST", "/_trine/events", {"dataset_group": "shop", "events": events})[0] == 200
    personalize(connection, "CreateSolution", name="for-you", datasetGroupArn=ARN + "dataset-group/shop",
                recipeArn="arn:aws:personalize:::recipe/aws-user-personalization")
    version = personalize(connection, "CreateSolutionVersion", solutionArn=ARN + "solution/for-you")["solutionVersionArn"]
    until = time.monotonic() + 120
    while personalize(connection, "DescribeSolutionVersion", solutionVersionArn=version)["solutionVersion"]["status"] != "ACTIVE":
        assert time.monotonic() < until
        time.sleep(.1)
    personalize(connection, "CreateCampaign", name="c", solutionVersionArn=version, minProvisionedTPS=1)
    assert connection.json("POST", "/recommendations", {"campaignArn": ARN + "campaign/c", "userId": "u1"})[0] == 200
    assert server.stop() == 0
    return data


def a_folder(path):
    path.unlink()
    path.mkdir()
    (path / "content").write_text("")


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


LOSSES = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "flipped": lambda path: path.write_bytes(path.read_bytes()[:-9] + bytes([path.read_bytes()[-9] ^ 1]) + path.read_bytes()[-8:]),
    "appended": lambda path: path.write_bytes(path.read_bytes() + b"more"),
    "folder": a_folder,
    "pipe": a_pipe,
}


def run(binary, data, *arguments):
    done = subprocess.run([str(binary), *arguments, "--data-dir", str(data)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def lose(trained, folder, file, loss):
    """A copy of the data directory in which the file is lost."""
    data = folder / "data"
    shutil.copytree(trained, data)
    LOSSES[loss](data / file)
    return data


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", ["model", "embedder"])
def test_a_lost_file_is_named_and_backup_lacks_it_only_if_that_is_allowed(binary, trained, tmp_path, name, loss):
    file = "models/embedder-pinned" if name == "embedder" else next(f"models/{path.name}" for path in (trained / "models").glob("model-*"))
    data = lose(trained, tmp_path, file, loss)
    shutil.rmtree(data / "derived")  # an embedder is restored from item vectors
    for command in ("check", "doctor"):
        status, text = run(binary, data, command)
        assert status == 1 and file in text, (command, text)
    status, text = run(binary, data, "backup", str(tmp_path / "backup"))
    assert status == 1 and file in text and "--allow-lost" in text, text
    assert not (tmp_path / "backup").exists()

    server = local_server.LocalServer(binary, data)
    connection = Connection(server.url)
    health = connection.json("GET", "/_trine/health")[1]
    assert health["status"] == "degraded" and any(file in problem for problem in health["problems"]), health
    assert str(data) not in json.dumps(health)
    doctor = subprocess.run([str(binary), "doctor", "--url", server.url], capture_output=True, text=True)
    assert doctor.returncode == 1 and len([line for line in doctor.stdout.splitlines() if file in line]) == 1, doctor.stdout
    if name == "embedder":
        assert connection.json("POST", EMBED, {"inputText": "red chair"})[0] == 500
    else:
        assert connection.json("POST", "/recommendations", {"campaignArn": ARN + "campaign/c", "userId": "u1"})[0] == 200
        status, answer = connection.json("POST", "/_trine/likelihood", {"index": "docs", "campaign": "c", "user_id": "u1", "item_ids": ["i1"]})
        assert status == 200 and "the trained model cannot be read" in answer["note"], answer
        assert len(connection.json("GET", "/_trine/health")[1]["problems"]) == 1
    assert server.stop() == 0

    # The other files can be kept, and restored.
    status, text = run(binary, data, "backup", str(tmp_path / "backup"), "--allow-lost")
    assert status == 0 and f"lost: {file}" in text, text
    status, text = run(binary, tmp_path / "restored", "restore", str(tmp_path / "backup"))
    assert status == 1 and file in text and not (tmp_path / "restored").exists(), text
    status, text = run(binary, tmp_path / "restored", "restore", str(tmp_path / "backup"), "--allow-lost")
    assert status == 0 and f"lost: {file}" in text, text
    server = local_server.LocalServer(binary, tmp_path / "restored")
    assert Connection(server.url).json("GET", "/docs/_count")[1]["count"] == 60
    assert server.stop() == 0

    if not (data / file).is_file():
        (shutil.rmtree if (data / file).is_dir() else lambda path: path.unlink(missing_ok=True))(data / file)
    shutil.copy(trained / file, data / file)
    assert run(binary, data, "check")[0] == 0
    server = local_server.LocalServer(binary, data)
    assert Connection(server.url).json("GET", "/_trine/health")[1]["status"] == "ok"
    assert server.stop() == 0


@pytest.mark.parametrize("loss", LOSSES)
def test_a_lost_embedder_is_restored_from_item_vectors(binary, trained, tmp_path, loss):
    data = lose(trained, tmp_path, "models/embedder-pinned", loss)
    assert run(binary, data, "check")[0] == 1
    server = local_server.LocalServer(binary, data)
    connection = Connection(server.url)
    assert connection.json("GET", "/_trine/health")[1]["status"] == "ok"
    assert connection.json("POST", EMBED, {"inputText": "red chair"})[0] == 200
    assert server.stop() == 0
    assert (data / "models" / "embedder-pinned").read_bytes() == (trained / "models" / "embedder-pinned").read_bytes()
    assert run(binary, data, "check")[0] == 0


def test_a_solution_without_its_model_can_be_deleted(binary, trained, tmp_path):
    file = next(path.name for path in (trained / "models").glob("model-*"))
    data = lose(trained, tmp_path, f"models/{file}", "folder")
    server = local_server.LocalServer(binary, data)
    connection = Connection(server.url)
    personalize(connection, "DeleteCampaign", campaignArn=ARN + "campaign/c")
    personalize(connection, "DeleteSolution", solutionArn=ARN + "solution/for-you")
    health = connection.json("GET", "/_trine/health")[1]
    assert health["status"] == "ok", health
    assert server.stop() == 0
    assert run(binary, data, "check")[0] == 0
    assert run(binary, data, "backup", str(tmp_path / "backup"))[0] == 0


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", ["terms", "counters", "vectors", "manifest", "segment"])
def test_derived_files_are_built_again(binary, trained, tmp_path, name, loss):
    pattern = {"terms": "index/terms", "counters": "models/counters-*", "vectors": "derived/vectors-*", "manifest": "index/c*/manifest",
               "segment": "index/c*/_*.seg"}[name]
    file = next((str(path.relative_to(trained)) for path in trained.glob(pattern)), None)
    if file is None:
        pytest.skip("the data directory has no such file")
    data = lose(trained, tmp_path, file, loss)
    server = local_server.LocalServer(binary, data)
    connection = Connection(server.url)
    assert connection.json("POST", "/docs/_search", {"query": {"match": {"title": "chair"}}, "track_total_hits": True})[1]["hits"]["total"]["value"] == 60
    assert connection.json("POST", "/recommendations", {"campaignArn": ARN + "campaign/c", "userId": "u1"})[0] == 200
    assert connection.json("GET", "/_trine/health")[1]["status"] == "ok"
    assert connection.json("POST", "/_trine/prepare", {"index": "docs"})[0] == 200
    assert server.stop() == 0
    status, text = run(binary, data, "check")
    assert status == 0, text
    server = local_server.LocalServer(binary, data)
    assert Connection(server.url).json("GET", "/docs/_count")[1]["count"] == 60
    assert server.stop() == 0


def test_rebuild_keeps_files_that_trine_did_not_make(binary, trained, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(trained, data)
    (data / "models" / "notes.txt").write_text("mine")
    checkpoint = next((data / "models").glob("counters-*"))
    a_folder(checkpoint)
    status, text = run(binary, data, "rebuild")
    assert status == 0, text
    assert (data / "models" / "notes.txt").read_text() == "mine"
    assert not checkpoint.is_dir()


@pytest.mark.parametrize("folder", ["index", "index/c1", "derived", "scratch"])
def test_a_file_in_the_place_of_a_derived_folder_is_set_aside(binary, trained, tmp_path, folder):
    data = tmp_path / "data"
    shutil.copytree(trained, data)
    shutil.rmtree(data / folder)
    (data / folder).write_text("a file")
    server = local_server.LocalServer(binary, data)
    connection = Connection(server.url)
    assert connection.json("POST", "/docs/_search", {"query": {"match": {"title": "chair"}}, "track_total_hits": True})[1]["hits"]["total"]["value"] == 60
    assert connection.json("GET", "/_trine/health")[1]["status"] == "ok"
    assert server.stop() == 0
    assert (data / (folder + ".broken")).read_text() == "a file"
    assert run(binary, data, "check")[0] == 0


def test_segments_in_each_others_place_say_nothing_about_the_facts(binary, tmp_path):
    data = tmp_path / "data"
    server = local_server.LocalServer(binary, data)
    connection = Connection(server.url)
    for name in ("one", "two"):
        assert connection.json("PUT", f"/{name}/_doc/{name}", {"title": name})[0] == 201
        assert connection.json("POST", f"/{name}/_flush")[0] == 200
    assert server.stop() == 0
    one, two = (next((data / "index" / folder).glob("*.seg")) for folder in ("c1", "c2"))
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    status, text = run(binary, data, "check")
    assert status == 1 and "segment is damaged" in text and "acknowledged writes are missing" not in text, text
    server = local_server.LocalServer(binary, data)
    hits = Connection(server.url).json("POST", "/one/_search", {"query": {"match": {"title": "one"}}})[1]["hits"]["hits"]
    assert [hit["_id"] for hit in hits] == ["one"]
    assert server.stop() == 0
    assert run(binary, data, "check")[0] == 0
