"""Settings of solutions, campaigns and batch jobs, and of `trine train`, change the answers of a real server."""

import json
import subprocess
import uuid

import pytest

import shop

RECIPE = "arn:aws:personalize:::recipe/"


def unique(prefix="settings"):
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def schema(name, *fields):
    return json.dumps({"type": "record", "name": name, "namespace": "com.amazonaws.personalize.schema", "version": "1.0", "fields": list(fields)})


def column(name, kind="string", **more):
    return {"name": name, "type": kind, **more}


def make_group(clients, server, events, items):
    """A dataset group with these events (user, item, type, value) and items (id, STYLE, BRAND)."""
    p, name = clients.personalize, unique()
    arn = p.create_dataset_group(name=name)["datasetGroupArn"]
    shop.wait_active(p.describe_dataset_group, "datasetGroup", datasetGroupArn=arn)

    def dataset(kind, *fields):
        schema_arn = p.create_schema(name=f"{name}-{kind}", schema=schema(kind, *fields))["schemaArn"]
        return p.create_dataset(name=f"{name}-{kind}", schemaArn=schema_arn, datasetGroupArn=arn, datasetType=kind)["datasetArn"]

    interactions = dataset("Interactions", column("USER_ID"), column("ITEM_ID"), column("TIMESTAMP", "long"), column("EVENT_TYPE"),
                           column("EVENT_VALUE", ["null", "float"]))
    dataset_arn = dataset("Items", column("ITEM_ID"), column("STYLE", categorical=True), column("BRAND", categorical=True))
    rows = [f"{user},{item},{1_790_000_000 + n},{kind},{value}" for n, (user, item, kind, value) in enumerate(events)]
    (server.files / f"{name}.csv").write_text("\n".join(["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE", *rows]) + "\n", encoding="utf-8")
    shop.import_file(p, interactions, f"{name}-events", f"file://{server.files}/{name}.csv")
    for at in range(0, len(items), 10):
        clients.events.put_items(datasetArn=dataset_arn, items=[
            {"itemId": item, "properties": json.dumps({"STYLE": style, "BRAND": brand})} for item, style, brand in items[at:at + 10]])
    return {"arn": arn, "name": name}


@pytest.fixture(scope="module")
def group(clients, server):
    """100 people watched A (value 0.1), 20 watched B (0.9) and 150 clicked C (5)."""
    rows = []
    for item, kind, value, people in (("A", "Watch", .1, 100), ("B", "Watch", .9, 20), ("C", "Click", 5, 150)):
        rows += [(f"{item}{n}", item, kind, value) for n in range(people)]
    return make_group(clients, server, rows, [("A", "s1", "b1"), ("B", "s2", "b2"), ("C", "s3", "b3")])


@pytest.fixture(scope="module")
def styles(clients, server):
    """Half of the people view items with STYLE s1 and BRAND b1, the others those with s2 and b2.

    Nobody has seen "same-style" (s1, b2) and "same-brand" (s2, b1) yet.
    """
    items = [(f"i{n}", f"s{n % 2 + 1}", f"b{n % 2 + 1}") for n in range(20)]
    rows = [(f"u{u}", f"i{2 * ((u + n) % 10) + u % 2}", "View", 1) for u in range(60) for n in range(6)]
    return make_group(clients, server, rows, [*items, ("same-style", "s1", "b2"), ("same-brand", "s2", "b1")])


def train(personalize, group, recipe, **settings):
    name = unique()
    solution = personalize.create_solution(name=name, datasetGroupArn=group["arn"], recipeArn=f"{RECIPE}{recipe}", **settings)["solutionArn"]
    return shop.train(personalize, solution)["solutionVersionArn"]


def campaign(personalize, group, recipe, **settings):
    version = train(personalize, group, recipe, **settings)
    arn = personalize.create_campaign(name=unique(), solutionVersionArn=version, minProvisionedTPS=1)["campaignArn"]
    shop.wait_active(personalize.describe_campaign, "campaign", campaignArn=arn)
    return arn


def items_of(clients, arn, **request):
    return [item["itemId"] for item in clients.runtime.get_recommendations(campaignArn=arn, **request)["itemList"]]


def events_config(*parameters):
    return {"eventsConfig": {"eventParametersList": list(parameters)}}


@pytest.mark.parametrize("settings,first", [
    ({}, "C"),
    ({"eventType": "Watch"}, "A"),
    ({"eventType": "watch"}, "A"),
    ({"eventType": "Watch", "solutionConfig": {"eventValueThreshold": "0.5"}}, "B"),
    ({"eventType": "Watch", "solutionConfig": {"eventValueThreshold": "0.1"}}, "A"),
    ({"solutionConfig": events_config({"eventType": "Watch"})}, "A"),
    ({"solutionConfig": events_config({"eventType": "Watch", "eventValueThreshold": 0.5}, {"eventType": "Click", "eventValueThreshold": 6})}, "B"),
    ({"solutionConfig": events_config({"eventType": "Watch", "weight": 1}, {"eventType": "Click", "weight": 0.01})}, "A"),
    ({"solutionConfig": events_config({"eventType": "Watch", "weight": 0.01}, {"eventType": "Click", "weight": 1})}, "C"),
])
@pytest.mark.parametrize("recipe", ["aws-popularity-count", "aws-user-personalization-v2"])
def test_event_settings_decide_what_is_popular(clients, group, recipe, settings, first):
    arn = campaign(clients.personalize, group, recipe, **settings)
    assert items_of(clients, arn, userId="nobody")[0] == first


@pytest.mark.parametrize("columns,first", [
    ({"excludedDatasetColumns": {"ITEMS": ["STYLE"]}}, "same-brand"),
    ({"excludedDatasetColumns": {"ITEMS": ["BRAND"]}}, "same-style"),
    ({"includedDatasetColumns": {"ITEMS": ["BRAND"]}}, "same-brand"),
    ({"includedDatasetColumns": {"ITEMS": ["STYLE"]}}, "same-style"),
])
def test_columns_decide_what_is_similar(clients, styles, columns, first):
    arn = campaign(clients.personalize, styles, "aws-similar-items", solutionConfig={"trainingDataConfig": columns})
    order = [item for item in items_of(clients, arn, itemId="i0") if item.startswith("same")]
    assert len(order) == 2 and order[0] == first


def test_unknown_columns_are_refused(clients, styles):
    with pytest.raises(clients.personalize.exceptions.InvalidInputException, match="did you mean 'STYLE'"):
        train(clients.personalize, styles, "aws-similar-items", solutionConfig={"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["STYLES"]}}})


def test_batch_jobs_obey_the_settings(clients, group, server):
    p = clients.personalize
    version = train(p, group, "aws-popularity-count", eventType="Watch", solutionConfig={"eventValueThreshold": "0.5"})
    folder = server.files / unique()
    folder.mkdir()
    (folder / "in.json").write_text('{"userId": "nobody"}\n', encoding="utf-8")
    job = p.create_batch_inference_job(jobName=unique(), solutionVersionArn=version, roleArn=shop.ROLE, numResults=1,
                                       jobInput={"s3DataSource": {"path": f"file://{folder}/in.json"}},
                                       jobOutput={"s3DataDestination": {"path": f"file://{folder}/out/"}})["batchInferenceJobArn"]
    shop.wait_active(p.describe_batch_inference_job, "batchInferenceJob", batchInferenceJobArn=job)
    assert json.loads((folder / "out" / "in.json.out").read_text())["output"]["recommendedItems"] == ["B"]


def test_filters_remember_purchases(clients, group, server):
    """Filters on interactions see the whole history, also for related items and rankings."""
    p, name = clients.personalize, unique()
    tracker = p.create_event_tracker(name=name, datasetGroupArn=group["arn"])["trackingId"]
    start = 1_791_000_000

    def put(events):
        for at in range(0, len(events), 10):
            clients.events.put_events(trackingId=tracker, userId="fan", sessionId="s", eventList=[
                {"sentAt": start + at + n, "eventType": kind, "itemId": item} for n, (kind, item) in enumerate(events[at:at + 10])])

    put([("Purchase", "C")])
    put([("View", "AB"[n % 2]) for n in range(250)])
    exclude = p.create_filter(name=unique(), datasetGroupArn=group["arn"],
                              filterExpression='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Purchase")')["filterArn"]
    include = p.create_filter(name=unique(), datasetGroupArn=group["arn"],
                              filterExpression='INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")')["filterArn"]
    for recipe in ("aws-user-personalization-v2", "aws-popularity-count", "aws-similar-items", "aws-sims"):
        arn = campaign(p, group, recipe)
        request = {"userId": "fan", "itemId": "A"} if recipe in ("aws-similar-items", "aws-sims") else {"userId": "fan"}
        assert "C" in items_of(clients, arn, **request), recipe
        assert "C" not in items_of(clients, arn, filterArn=exclude, **request), recipe
        assert items_of(clients, arn, filterArn=include, **request) == ["C"], recipe
    arn = campaign(p, group, "aws-personalized-ranking-v2")
    ranking = clients.runtime.get_personalized_ranking(campaignArn=arn, userId="fan", inputList=["A", "B", "C"], filterArn=exclude)
    assert {item["itemId"] for item in ranking["personalizedRanking"]} == {"A", "B"}


def test_train_command_obeys_the_event_type(binary, clients, server, group):
    name = unique()

    def command(*options):
        return subprocess.run([str(binary), "train", "--url", server.url, "--group", group["name"], "--solution", name, "--campaign", name, *options],
                              capture_output=True, text=True, timeout=60)

    made = command("--recipe", "aws-popularity-count", "--event-type", "Watch")
    assert made.returncode == 0, made.stderr
    arn = f"arn:aws:personalize:us-east-1:123456789012:campaign/{name}"
    assert items_of(clients, arn, userId="nobody")[0] == "A"
    assert command("--event-type", "Watch").returncode == 0
    for options in (["--event-type", "Click"], ["--recipe", "aws-sims"]):
        refused = command(*options)
        assert refused.returncode == 2 and options[0] in refused.stderr and options[1] in refused.stderr, refused.stderr
