"""Deleting people leaves nothing of them in the files of the data directory, and answers show no folders of the machine."""

import json
import pathlib
import re
import signal
import subprocess
import time
import urllib.parse

import pytest
from server_fixtures import ROOT, Connection

ROLE = "arn:aws:iam::123456789012:role/R"
ARN = "arn:aws:personalize:us-east-1:123456789012:"
FIELDS = {"Interactions": [("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long"), ("EVENT_TYPE", "string")],
          "Users": [("USER_ID", "string"), ("CITY", "string")]}
SECRET = "kim.minsu@example.com"


class Running:
    """A server on `folder`, with the import directory `folder`/shared/imports, whose files are `folder`/data."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.data, self.imports, self.words = folder / "data", folder / "shared" / "imports", folder / "shared" / "words"
        self.imports.mkdir(parents=True, exist_ok=True)
        self.words.mkdir(exist_ok=True)
        self.start()

    def start(self):
        log = self.folder / f"server{time.monotonic_ns()}.log"
        with open(log, "wb") as out:
            self.process = subprocess.Popen([str(self.binary), "serve", "--data-dir", str(self.data), "--port", "0", "--import-dir", str(self.imports),
                                             "--word-files", str(self.words)], stdout=out, stderr=subprocess.STDOUT, cwd=self.folder)
        until, found = time.monotonic() + 300, None
        while not found and time.monotonic() < until and self.process.poll() is None:
            found = re.search(r"ready in \d+ ms at (http://127\.0\.0\.1:\d+)", log.read_text())
            time.sleep(.02)
        assert found, log.read_text()
        self.url = found.group(1)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(120) == 0

    def send(self, method, path, body=None, headers=None):
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        status, _, answer = Connection(self.url).request(method, path, text, headers)
        return status, answer

    def personalize(self, operation, **body):
        status, answer = self.send("POST", "/", body, {"X-Amz-Target": "AmazonPersonalize." + operation, "Content-Type": "application/x-amz-json-1.1"})
        return status, json.loads(answer) if answer else {}

    def make_group(self, name):
        assert self.personalize("CreateDatasetGroup", name=name)[0] == 200
        for kind, fields in FIELDS.items():
            schema = {"type": "record", "name": kind, "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
                      "fields": [{"name": column, "type": type_} for column, type_ in fields]}
            arn = self.personalize("CreateSchema", name=f"{name}-{kind}", schema=json.dumps(schema))[1]["schemaArn"]
            assert self.personalize("CreateDataset", name=f"{name}-{kind}", datasetGroupArn=ARN + f"dataset-group/{name}", datasetType=kind, schemaArn=arn)[0] == 200

    def job(self, kind, name):
        status, answer = self.send("GET", f"/_trine/jobs/{kind}/{name}")
        assert status == 200, answer
        return json.loads(answer)

    def wait(self, kind, name, seconds=300):
        until = time.monotonic() + seconds
        while (job := self.job(kind, name))["state"] in ("pending", "in_progress") and time.monotonic() < until:
            time.sleep(.05)
        return job

    def files_with(self, text):
        return [str(path.relative_to(self.data)) for path in self.data.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]

    def remaining_files_with(self, text, seconds=150):
        """Rewriting begins within ten seconds, or five times as long as the former rewriting took; obsolete files vanish shortly after."""
        until = time.monotonic() + seconds
        while (found := self.files_with(text)) and time.monotonic() < until:
            time.sleep(.2)
        return found


@pytest.fixture
def running(binary, tmp_path):
    made = Running(binary, tmp_path)
    yield made
    made.process.kill()
    made.process.wait(60)


def events_of(user, count, session=""):
    return [{"user_id": user, "item_id": f"i{n % 50}", "event_type": "view", "timestamp": 1700000000 + n, "event_id": f"{user}-{n}",
             **({"session_id": session} if session else {})} for n in range(count)]


def store_people(server):
    server.make_group("shop")
    for user in (SECRET, "other"):
        assert server.send("POST", "/_trine/users", {"dataset_group": "shop", "users": [{"id": user, "attributes": {"CITY": "Seoul"}}]})[0] == 200
        assert server.send("POST", "/_trine/events", {"dataset_group": "shop", "events": events_of(user, 500, user + "-session")})[0] == 200
    visitor = {"session_id": SECRET + "-session", "item_id": "i1", "event_type": "view", "timestamp": 1700000001}
    assert server.send("POST", "/_trine/events", {"dataset_group": "shop", "events": [visitor]})[0] == 200
    rows = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n" + "".join(f"{SECRET},i{n},{1700000000 + n},buy\n" for n in range(300))
    (server.imports / "events.csv").write_text(rows + f"{SECRET},i1,no time,buy\n")
    assert server.personalize("CreateDatasetImportJob", jobName="load", datasetArn=ARN + "dataset/shop/INTERACTIONS", roleArn=ROLE,
                              dataSource={"dataLocation": f"file://{server.imports}/events.csv"})[0] == 200
    assert server.wait("dataset-import-job", "load")["rejected"] == 1


def test_one_deleted_person_is_in_no_file(running):
    store_people(running)
    assert any(name.endswith(".rejects.csv") for name in running.files_with(SECRET))
    status, answer = running.send("DELETE", f"/_trine/users/shop/{SECRET}")
    assert status == 200
    assert json.loads(answer) == {"deleted": True, "events": 801, "users": 1, "bytes_pending": True}
    assert running.remaining_files_with(SECRET) == []
    again = json.loads(running.send("DELETE", f"/_trine/users/shop/{SECRET}")[1])
    assert again == {"deleted": False, "events": 0, "users": 0, "bytes_pending": False}
    assert running.files_with("other") != []
    running.stop()
    assert running.files_with(SECRET) == []


def test_a_completed_job_has_left_nothing(running):
    store_people(running)
    (running.imports / "people.csv").write_text(f"USER_ID\n{SECRET}\n")
    arn = ARN + "dataset-group/shop"
    assert running.personalize("CreateDataDeletionJob", jobName="forget", datasetGroupArn=arn, roleArn=ROLE,
                               dataSource={"dataLocation": f"file://{running.imports}/people.csv"})[0] == 200
    job = running.wait("data-deletion-job", "forget")
    assert (job["state"], job["events"], job["users"]) == ("completed", 801, 1), job
    assert running.remaining_files_with(SECRET, 10) == []


@pytest.mark.parametrize("way", ["job", "person"])
def test_a_deletion_goes_on_after_a_kill(running, way):
    running.make_group("shop")
    for n in range(8):
        assert running.send("POST", "/_trine/events", {"dataset_group": "shop", "events": events_of(f"{SECRET}-{n}", 5000)})[0] == 200
    heavy = [dict(event, user_id=SECRET) for n in range(6) for event in events_of(f"{SECRET}-h{n}", 5000)]
    for at in range(0, len(heavy), 5000):
        assert running.send("POST", "/_trine/events", {"dataset_group": "shop", "events": heavy[at:at + 5000]})[0] == 200
    people = [SECRET] + [f"{SECRET}-{n}" for n in range(8)]
    (running.imports / "people.csv").write_text("USER_ID\n" + "\n".join(people) + "\n")
    if way == "job":
        assert running.personalize("CreateDataDeletionJob", jobName="forget", datasetGroupArn=ARN + "dataset-group/shop", roleArn=ROLE,
                                   dataSource={"dataLocation": f"file://{running.imports}/people.csv"})[0] == 200
        time.sleep(.1)
        running.kill()
        running.start()
        assert running.wait("data-deletion-job", "forget")["state"] == "completed"
        assert running.remaining_files_with(SECRET, 10) == []
        return
    request = subprocess.Popen(["curl", "-s", "-X", "DELETE", f"{running.url}/_trine/users/shop/{SECRET}"], stdout=subprocess.DEVNULL)
    time.sleep(.1)
    running.kill()
    request.wait(60)
    running.start()
    # A request that had begun to delete goes on; one that had not is repeated.
    status, _ = running.send("DELETE", f"/_trine/users/shop/{SECRET}")
    assert status == 200
    for n in range(8):
        assert running.send("DELETE", f"/_trine/users/shop/{SECRET}-{n}")[0] == 200
    assert running.remaining_files_with(SECRET) == []


def train(server, group, recipe="aws-user-personalization"):
    """Returns the ARN and the description of a new solution version that has ended."""
    name = f"{group}-{recipe}"
    server.personalize("CreateSolution", name=name, datasetGroupArn=ARN + f"dataset-group/{group}", recipeArn=f"arn:aws:personalize:::recipe/{recipe}")
    version = server.personalize("CreateSolutionVersion", solutionArn=ARN + f"solution/{name}")[1]
    until = time.monotonic() + 300
    while time.monotonic() < until:
        described = json.dumps(server.personalize("DescribeSolutionVersion", **version)[1])
        if "FAILED" in described or "ACTIVE" in described:
            break
        time.sleep(.1)
    return version["solutionVersionArn"], described


def recommended(server, campaign, user):
    status, answer = server.send("POST", "/recommendations", {"campaignArn": campaign, "userId": user, "numResults": 5})
    assert status == 200, answer
    return [item["itemId"] for item in json.loads(answer)["itemList"]]


@pytest.mark.parametrize("way", ["person", "job", "job and kill"])
def test_people_who_were_trained_on_are_in_no_file(running, way):
    """Models, and the checkpoints of counters that the server writes when it ends, were made with the person."""
    store_people(running)
    for n in range(20):
        assert running.send("POST", "/_trine/events", {"dataset_group": "shop", "events": events_of(f"more{n}", 30 + n)})[0] == 200
    campaigns = []
    for recipe in ("aws-user-personalization", "aws-similar-items", "aws-popularity-count"):
        version, described = train(running, "shop", recipe)
        assert "ACTIVE" in described, described
        status, answer = running.personalize("CreateCampaign", name=recipe, solutionVersionArn=version, minProvisionedTPS=1)
        assert status == 200, answer
        campaigns.append(answer["campaignArn"])
    assert len(recommended(running, campaigns[0], SECRET)) == 5
    running.stop()
    running.start()
    assert len(recommended(running, campaigns[0], SECRET)) == 5
    names = running.files_with(SECRET)
    assert names and not [name for name in names if name.startswith("models/")], names
    if way == "person":
        assert running.send("DELETE", f"/_trine/users/shop/{SECRET}")[0] == 200
    else:
        (running.imports / "people.csv").write_text(f"USER_ID\n{SECRET}\n")
        assert running.personalize("CreateDataDeletionJob", jobName="forget", datasetGroupArn=ARN + "dataset-group/shop", roleArn=ROLE,
                                   dataSource={"dataLocation": f"file://{running.imports}/people.csv"})[0] == 200
        if way == "job and kill":
            running.kill()
            running.start()
        assert running.wait("data-deletion-job", "forget")["state"] == "completed"
    assert running.remaining_files_with(SECRET) == []
    # The person is unknown now, and the models go on serving everybody.
    for campaign in (campaigns[0], campaigns[2]):
        assert len(recommended(running, campaign, SECRET)) == 5
        assert len(recommended(running, campaign, "other")) == 5
    running.stop()
    assert running.files_with(SECRET) == []
    assert [path.name for path in (running.data / "models").glob("counters-*")] != []


def import_events(server, name, rows, mode="FULL", group="shop"):
    (server.imports / f"{name}.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n" + rows)
    assert server.personalize("CreateDatasetImportJob", jobName=name, datasetArn=ARN + f"dataset/{group}/INTERACTIONS", roleArn=ROLE, importMode=mode,
                              dataSource={"dataLocation": f"file://{server.imports}/{name}.csv"})[0] == 200
    return server.wait("dataset-import-job", name)


def test_a_person_whose_import_was_replaced_is_in_no_file(running):
    """No row of the person is left to be deleted, but their bytes still are."""
    running.make_group("shop")
    import_events(running, "first", "".join(f"{SECRET},i{n},{1700000000 + n},buy\n" for n in range(300)))
    import_events(running, "second", "other,i1,1700000000,buy\n")
    assert running.files_with(SECRET) != []
    answer = json.loads(running.send("DELETE", f"/_trine/users/shop/{SECRET}")[1])
    assert answer == {"deleted": False, "events": 0, "users": 0, "bytes_pending": True}
    assert running.remaining_files_with(SECRET) == []
    again = json.loads(running.send("DELETE", f"/_trine/users/shop/{SECRET}")[1])
    assert again == {"deleted": False, "events": 0, "users": 0, "bytes_pending": False}


def test_rejected_rows_are_found_however_they_quote_an_id(running):
    running.make_group("shop")
    people = {"csv": ('Kim "Min" Su', '"Kim ""Min"" Su",i1,never,buy\n'), "json": ("\uae40\ubbfc\uc218", '{"USER_ID": "\\uae40\\ubbfc\\uc218", "ITEM_ID": "i1", "TIMESTAMP": "never", "EVENT_TYPE": "buy"}\n'),
              "pipe": ("auth0|77", "auth0|77,i1,never,buy\n")}
    head = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n"
    for name, (_, row) in people.items():
        path = running.imports / (name + (".json" if name == "json" else ".csv"))
        path.write_text(row if name == "json" else head + row)
        assert running.personalize("CreateDatasetImportJob", jobName=name, datasetArn=ARN + "dataset/shop/INTERACTIONS", roleArn=ROLE,
                                   dataSource={"dataLocation": f"file://{path}"})[0] == 200
        job = running.wait("dataset-import-job", name)
        assert job["state"] == "failed" and (running.data / "scratch" / f"{name}.rejects.csv").exists(), job
    for name, (user, _) in people.items():
        assert running.send("DELETE", f"/_trine/users/shop/{urllib.parse.quote(user, safe='')}")[0] == 200
        assert not (running.data / "scratch" / f"{name}.rejects.csv").exists(), name


def test_the_people_of_a_deleted_group_are_in_no_file(running):
    store_people(running)
    running.make_group("kept")
    assert running.send("POST", "/_trine/events", {"dataset_group": "kept", "events": events_of("other", 20)})[0] == 200
    imported = import_events(running, "kept-load", "other,i1,1700000000,buy\nother,i2,never,buy\n", group="kept")
    assert imported["rejected"] == 1, imported
    rejects = running.data / "scratch"
    assert sorted(path.name for path in rejects.glob("*.rejects.csv")) == ["kept-load.rejects.csv", "load.rejects.csv"]
    for kind in FIELDS:
        assert running.personalize("DeleteDataset", datasetArn=ARN + f"dataset/shop/{kind.upper()}")[0] == 200
    assert [path.name for path in rejects.glob("*.rejects.csv")] == ["kept-load.rejects.csv"]
    assert running.personalize("DeleteDatasetGroup", datasetGroupArn=ARN + "dataset-group/shop")[0] == 200
    assert running.remaining_files_with(SECRET) == []
    running.stop()
    assert running.files_with(SECRET) == []


def test_a_start_removes_what_jobs_left_behind(running):
    running.stop()
    scratch = running.data / "scratch"
    (scratch / "training").mkdir()
    (scratch / "training" / "events").write_text(SECRET)
    (scratch / "load.rows").write_text(SECRET)
    (scratch / "load.rejects.csv").write_text("object,line,reason,row\n")
    running.start()
    assert [path.name for path in scratch.iterdir()] == ["load.rejects.csv"]


# Every kind of job with locations that cannot be used. `{in}` is a location in the import directory.
LOCATIONS = ["file:///etc/none.csv", "file:///etc/passwd", "{in}/none.csv", "{in}/none/", "{in}", "{in}/../other.csv", "{in}/link.csv", "{in}/broken.csv",
             "{in}/broken.csv/below.csv", "s3://none/none.csv", "none"]


def start_jobs(server, version, number, location):
    """Starts every kind of job with this location; yields (kind, name, operation, answer)."""
    group, name = ARN + "dataset-group/shop", f"job{number}"
    source, output = {"dataLocation": location}, {"s3DataDestination": {"path": location}}
    bodies = {
        "dataset-import-job": ("CreateDatasetImportJob", {"datasetArn": ARN + "dataset/shop/INTERACTIONS", "dataSource": source}),
        "dataset-export-job": ("CreateDatasetExportJob", {"datasetArn": ARN + "dataset/shop/INTERACTIONS", "jobOutput": output}),
        "batch-inference-job": ("CreateBatchInferenceJob", {"solutionVersionArn": version, "jobInput": {"s3DataSource": {"path": location}},
                                                                "jobOutput": output}),
        "data-deletion-job": ("CreateDataDeletionJob", {"datasetGroupArn": group, "dataSource": source})}
    for kind, (operation, body) in bodies.items():
        yield kind, name, operation, server.personalize(operation, jobName=name, roleArn=ROLE, **body)


def test_answers_show_no_folder_of_the_machine(running):
    words = set(re.findall(r'JobKind k\w+\{ResourceKind::k\w+, "(\w+)"', (ROOT / "src/operations/jobs/jobs.cc").read_text()))
    assert words == {"import", "export", "training", "recommender", "batch", "deletion"}, "add the new kind of job to this test"
    running.make_group("shop")
    (running.imports / "broken.csv").write_text("A,B\n1,2\n")
    (running.imports / "link.csv").symlink_to("/etc/passwd")
    folders = [str(running.data), str(running.imports), str(running.words), str(pathlib.Path(running.binary).resolve().parent), str(running.folder)]
    answers = []
    assert running.send("POST", "/_trine/events", {"dataset_group": "shop", "events": [e for u in range(20) for e in events_of(f"u{u}", 30)]})[0] == 200
    version, described = train(running, "shop")
    assert "ACTIVE" in described, described
    running.make_group("empty")
    answers.append(("training", "", train(running, "empty")[1]))
    assert "FAILED" in answers[-1][2], answers
    for number, location in enumerate(LOCATIONS):
        for kind, name, operation, (status, answer) in start_jobs(running, version, number, location.replace("{in}", f"file://{running.imports}")):
            answers.append((operation, location, json.dumps(answer)))
            if status != 200:
                continue
            job = running.wait(kind, name)
            answers.append((kind, location, json.dumps(job)))
            described = operation.replace("Create", "Describe")
            argument = next(key for key in answer if key.endswith("Arn"))
            answers.append((described, location, json.dumps(running.personalize(described, **{argument: answer[argument]})[1])))
    # The training process cannot be started, or its result not be kept, without its folder.
    (running.data / "scratch").rename(running.data / "scratch-moved")
    (running.data / "scratch").write_text("not a folder")
    answers.append(("training", "", train(running, "empty")[1]))
    assert running.personalize("CreateDatasetGroup", name="domain", domain="ECOMMERCE")[0] == 200
    recommender = running.personalize("CreateRecommender", name="r", datasetGroupArn=ARN + "dataset-group/domain",
                                      recipeArn="arn:aws:personalize:::recipe/aws-ecomm-popular-items-by-views")[1]
    answers.append(("recommender", "", json.dumps(recommender)))
    if "recommenderArn" in recommender:
        time.sleep(1)
        answers.append(("recommender", "", json.dumps(running.personalize("DescribeRecommender", **recommender)[1])))
    for path in ("none.txt", "../none.txt", "/etc/passwd", str(running.words / "none.txt"), "."):
        body = {"settings": {"analysis": {"filter": {"f": {"type": "stop", "stopwords_path": path}}, "analyzer": {"default": {"type": "custom", "tokenizer": "standard", "filter": ["f"]}}}}}
        answers.append(("word file", path, running.send("PUT", "/words", body)[1]))
    for what, location, text in answers:
        for folder in folders:
            for at in (found.start() for found in re.finditer(re.escape(folder), text)):
                # A client may see the location that it has given, but no other folder.
                given = text[:at].endswith("file://") and location.startswith("{in}") or location.startswith(folder)
                assert given, (what, location, text)
