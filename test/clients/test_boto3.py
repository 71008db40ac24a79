"""boto3 from PyPI, unchanged: Personalize, its runtime and events, and Bedrock; errors become modelled exceptions."""

import json
import re
import subprocess
import time
import uuid

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

import shop

RECIPE = "arn:aws:personalize:::recipe/"


def unique(prefix="t"):
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


@pytest.fixture(scope="module")
def personalize(clients):
    return clients.personalize


def code_of(call, **request):
    """(error code, HTTP status) of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    response = caught.value.response
    assert response["Error"]["Message"], "an error must have a message"
    assert response["ResponseMetadata"]["RequestId"], "an error must have a request id"
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture(scope="module")
def group(clients, server):
    """A small custom dataset group whose users prefer even or odd items, and a trained campaign.

    Users u0..u39: even users interact with even items, odd users with odd ones. 1,600 events.
    """
    p, name = clients.personalize, unique("parity")
    group_arn = p.create_dataset_group(name=name)["datasetGroupArn"]
    shop.wait_active(p.describe_dataset_group, "datasetGroup", datasetGroupArn=group_arn)
    schema = json.dumps({"type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
                         "fields": [{"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
                                    {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"}]})
    items = json.dumps({"type": "record", "name": "Items", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
                        "fields": [{"name": "ITEM_ID", "type": "string"}, {"name": "PARITY", "type": "string", "categorical": True},
                                   {"name": "NUMBER", "type": "int"}]})
    schema_arn = p.create_schema(name=name, schema=schema)["schemaArn"]
    items_schema_arn = p.create_schema(name=f"{name}-items", schema=items)["schemaArn"]
    dataset_arn = p.create_dataset(name=name, schemaArn=schema_arn, datasetGroupArn=group_arn, datasetType="Interactions")["datasetArn"]
    items_arn = p.create_dataset(name=f"{name}-items", schemaArn=items_schema_arn, datasetGroupArn=group_arn,
                                 datasetType="Items")["datasetArn"]
    shop.wait_active(p.describe_dataset, "dataset", datasetArn=dataset_arn)
    shop.wait_active(p.describe_dataset, "dataset", datasetArn=items_arn)
    start = 1_790_000_000
    rows = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"]
    for u in range(40):
        for n in range(40):
            item = 2 * ((u * 11 + n % 24 * 7) % 30) + u % 2  # 24 of the 30 items with the user's parity
            rows.append(f"u{u},i{item},{start + n * 3600 + u},{'Purchase' if n % 10 == 0 else 'View'}")
    (server.files / "parity.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    shop.import_file(p, dataset_arn, f"{name}-events", f"file://{server.files}/parity.csv")
    for first in range(0, 60, 10):
        clients.events.put_items(datasetArn=items_arn, items=[
            {"itemId": f"i{n}", "properties": json.dumps({"parity": "odd" if n % 2 else "even", "number": n})} for n in range(first, first + 10)])
    campaign_arn = shop.ensure_campaign(p, group_arn, "aws-user-personalization-v2", name, name)
    tracker = p.create_event_tracker(name=name, datasetGroupArn=group_arn)
    return {"name": name, "group": group_arn, "dataset": dataset_arn, "items": items_arn, "schema": schema_arn, "campaign": campaign_arn,
            "solution": p.describe_campaign(campaignArn=campaign_arn)["campaign"]["solutionVersionArn"].rsplit("/", 1)[0],
            "version": p.describe_campaign(campaignArn=campaign_arn)["campaign"]["solutionVersionArn"],
            "tracker": tracker["trackingId"], "tracker_arn": tracker["eventTrackerArn"]}


# --- control plane


def test_arns_contain_the_callers_region(server):
    for region in ("us-east-1", "eu-west-1"):
        client = boto3.client("personalize", endpoint_url=server.url, region_name=region)
        name = unique()
        arn = client.create_dataset_group(name=name)["datasetGroupArn"]
        assert arn == f"arn:aws:personalize:{region}:123456789012:dataset-group/{name}"
        client.delete_dataset_group(datasetGroupArn=arn)


def test_creates_describes_and_deletes_dataset_groups(personalize):
    name = unique()
    made = personalize.create_dataset_group(name=name, domain="ECOMMERCE")
    arn = made["datasetGroupArn"]
    assert made["domain"] == "ECOMMERCE"
    found = shop.wait_active(personalize.describe_dataset_group, "datasetGroup", datasetGroupArn=arn)
    assert found["name"] == name and abs(found["creationDateTime"].timestamp() - time.time()) < 60
    assert name in [g["name"] for g in shop.pages(personalize.list_dataset_groups, "datasetGroups")]
    assert code_of(personalize.create_dataset_group, name=name)[0] == "ResourceAlreadyExistsException"
    personalize.delete_dataset_group(datasetGroupArn=arn)
    assert code_of(personalize.describe_dataset_group, datasetGroupArn=arn) == ("ResourceNotFoundException", 400)


def test_errors_become_modelled_exceptions(personalize):
    arn = "arn:aws:personalize:us-east-1:123456789012:dataset-group/none"
    with pytest.raises(personalize.exceptions.ResourceNotFoundException):
        personalize.describe_dataset_group(datasetGroupArn=arn)
    with pytest.raises(personalize.exceptions.InvalidInputException):
        personalize.create_schema(name=unique(), schema="{not avro")
    name = unique()
    group_arn = personalize.create_dataset_group(name=name)["datasetGroupArn"]
    with pytest.raises(personalize.exceptions.ResourceAlreadyExistsException):
        personalize.create_dataset_group(name=name)
    personalize.delete_dataset_group(datasetGroupArn=group_arn)


@pytest.mark.parametrize("request_", [{"name": "bad name!"}, {"name": "x" * 64}, {"name": "ok", "domain": "GROCERY"}])
def test_server_validates_constraints(personalize, request_):
    code, status = code_of(personalize.create_dataset_group, **request_)
    assert code in ("ValidationException", "InvalidInputException") and status == 400


def test_lists_are_paginated(personalize):
    names = sorted(unique("page") for _ in range(5))
    schema = json.dumps({"type": "record", "name": "Users", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
                         "fields": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}]})
    arns = [personalize.create_schema(name=name, schema=schema)["schemaArn"] for name in names]
    listed = [s for page in personalize.get_paginator("list_schemas").paginate(PaginationConfig={"PageSize": 2}) for s in page["schemas"]]
    assert len(personalize.list_schemas(maxResults=2)["schemas"]) == 2
    assert set(names) <= {s["name"] for s in listed} and len(listed) == len({s["schemaArn"] for s in listed})
    assert json.loads(personalize.describe_schema(schemaArn=arns[0])["schema"]["schema"]) == json.loads(schema)
    for arn in arns:
        personalize.delete_schema(schemaArn=arn)
    assert not set(names) & {s["name"] for s in shop.pages(personalize.list_schemas, "schemas")}


@pytest.mark.parametrize("kind,fields", [
    ("Interactions", ["USER_ID", "ITEM_ID"]),
    ("Users", ["AGE"]),
    ("Items", []),
])
def test_rejects_schemas_without_required_fields(personalize, kind, fields):
    schema = json.dumps({"type": "record", "name": kind, "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
                         "fields": [{"name": f, "type": "string"} for f in fields]})
    assert code_of(personalize.create_schema, name=unique(), schema=schema)[0] == "InvalidInputException"


def test_lists_and_describes_recipes(personalize):
    names = {r["name"] for r in shop.pages(personalize.list_recipes, "recipes")}
    assert {"aws-user-personalization-v2", "aws-user-personalization", "aws-personalized-ranking-v2", "aws-personalized-ranking",
            "aws-similar-items", "aws-sims", "aws-popularity-count", "aws-trending-now"} <= names
    recipe = personalize.describe_recipe(recipeArn=f"{RECIPE}aws-sims")["recipe"]
    assert recipe["recipeType"] == "RELATED_ITEMS" and recipe["status"] == "ACTIVE"
    domain = {r["name"] for r in shop.pages(personalize.list_recipes, "recipes", domain="ECOMMERCE")}
    assert len(domain) == 5 and all(name.startswith("aws-ecomm-") for name in domain)
    assert code_of(personalize.describe_recipe, recipeArn=f"{RECIPE}aws-magic")[0] == "ResourceNotFoundException"


def test_error_for_an_unsupported_recipe_contains_its_name(personalize, group):
    with pytest.raises(ClientError) as caught:
        personalize.create_solution(name=unique(), datasetGroupArn=group["group"], recipeArn=f"{RECIPE}aws-next-best-action")
    assert "aws-next-best-action" in str(caught.value)


def test_rejects_deletion_of_parents_with_children(personalize, group):
    assert code_of(personalize.delete_dataset_group, datasetGroupArn=group["group"])[0] == "ResourceInUseException"
    assert code_of(personalize.delete_schema, schemaArn=group["schema"])[0] == "ResourceInUseException"
    assert code_of(personalize.delete_solution, solutionArn=group["solution"])[0] == "ResourceInUseException"


def test_rejects_a_second_event_tracker(personalize, group):
    code, _ = code_of(personalize.create_event_tracker, name=unique(), datasetGroupArn=group["group"])
    assert code in ("ResourceAlreadyExistsException", "LimitExceededException")


def test_failed_import_has_a_failure_reason(personalize, group, server):
    (server.files / "bad.csv").write_text("USER_ID,NOTHING\nu1,x\n", encoding="utf-8")
    for location in (f"file://{server.files}/bad.csv", f"file://{server.files}/none.csv", "file:///etc/passwd", "s3://no-such-bucket/x.csv"):
        try:
            arn = personalize.create_dataset_import_job(jobName=unique(), datasetArn=group["dataset"], roleArn=shop.ROLE,
                                                        importMode="INCREMENTAL",
                                                        dataSource={"dataLocation": location})["datasetImportJobArn"]
        except personalize.exceptions.InvalidInputException:
            continue  # an immediate rejection is as good as a failure with a reason
        with pytest.raises(RuntimeError, match="CREATE FAILED: (?!no reason given)"):
            shop.wait_active(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=arn)


def test_solution_version_and_metrics(personalize, group):
    version = personalize.describe_solution_version(solutionVersionArn=group["version"])["solutionVersion"]
    assert version["status"] == "ACTIVE" and version["trainingHours"] > 0 and version["recipeArn"].endswith("aws-user-personalization-v2")
    metrics = personalize.get_solution_metrics(solutionVersionArn=group["version"])
    assert metrics["solutionVersionArn"] == group["version"]
    assert 0 < metrics["metrics"]["normalized_discounted_cumulative_gain_at_25"] <= 1
    assert group["version"] in [v["solutionVersionArn"] for v in shop.pages(personalize.list_solution_versions, "solutionVersions",
                                                                            solutionArn=group["solution"])]


def test_campaign_serves_during_an_update(personalize, clients, group):
    version = shop.train(personalize, group["solution"])["solutionVersionArn"]
    personalize.update_campaign(campaignArn=group["campaign"], solutionVersionArn=version, minProvisionedTPS=2)
    assert clients.runtime.get_recommendations(campaignArn=group["campaign"], userId="u0")["itemList"]
    until = time.monotonic() + 60
    while True:
        campaign = personalize.describe_campaign(campaignArn=group["campaign"])["campaign"]
        assert campaign["status"] == "ACTIVE"
        if campaign["latestCampaignUpdate"]["status"] == "ACTIVE":
            break
        assert time.monotonic() < until
        time.sleep(.05)
    assert campaign["solutionVersionArn"] == version and campaign["minProvisionedTPS"] == 2


# --- runtime


def items_of(answer):
    return [item["itemId"] for item in answer["itemList"]]


def test_recommendations_match_the_users_taste(clients, group):
    for user, parity in (("u0", 0), ("u1", 1)):
        answer = clients.runtime.get_recommendations(campaignArn=group["campaign"], userId=user, numResults=10)
        items = items_of(answer)
        assert len(items) == len(set(items)) == 10
        assert sum(int(i[1:]) % 2 == parity for i in items) >= 8
        scores = [item["score"] for item in answer["itemList"]]
        assert scores == sorted(scores, reverse=True)
        assert answer["recommendationId"].startswith("RID-")


def test_unknown_user_gets_popular_items(clients, group):
    assert len(items_of(clients.runtime.get_recommendations(campaignArn=group["campaign"], userId="never-seen"))) == 25


def test_arn_of_another_region_and_account_is_accepted(clients, group):
    for region, account in (("us-east-1", "123456789"), ("ap-northeast-2", "999999999999")):
        arn = f"arn:aws:personalize:{region}:{account}:campaign/{group['name']}"
        assert clients.runtime.get_recommendations(campaignArn=arn, userId="u0")["itemList"]


def test_rejects_invalid_runtime_requests(clients, group):
    none = "arn:aws:personalize:us-east-1:123456789012:campaign/none"
    assert code_of(clients.runtime.get_recommendations, campaignArn=none, userId="u0") == ("ResourceNotFoundException", 404)
    with pytest.raises(clients.runtime.exceptions.InvalidInputException):
        clients.runtime.get_recommendations(campaignArn=group["campaign"])
    with pytest.raises(clients.runtime.exceptions.InvalidInputException):
        clients.runtime.get_recommendations(campaignArn=group["campaign"], userId="u0", numResults=501)


def test_accepts_a_context(clients, group):
    answer = clients.runtime.get_recommendations(campaignArn=group["campaign"], userId="u0", context={"REGION": "제주", "SEASON": "겨울"})
    assert answer["itemList"]


def test_ranks_a_list_of_items(clients, personalize, group):
    campaign = shop.ensure_campaign(personalize, group["group"], "aws-personalized-ranking-v2", f"{group['name']}-rank", f"{group['name']}-rank")
    mine, others = [f"i{n}" for n in (2, 8, 14)], [f"i{n}" for n in (3, 9, 15)]
    answer = clients.runtime.get_personalized_ranking(campaignArn=campaign, userId="u0", inputList=others + ["unknown-item"] + mine)
    ranked = answer["personalizedRanking"]
    assert {i["itemId"] for i in ranked[:3]} == set(mine)
    assert ranked[-1]["itemId"] == "unknown-item"
    assert abs(sum(i.get("score", 0) for i in ranked) - 1) < 1e-3
    assert len(clients.runtime.get_personalized_ranking(campaignArn=campaign, userId="nobody", inputList=mine)["personalizedRanking"]) == 3
    with pytest.raises(clients.runtime.exceptions.InvalidInputException):
        clients.runtime.get_personalized_ranking(campaignArn=campaign, userId="u0", inputList=[])


@pytest.mark.parametrize("recipe", ["aws-similar-items", "aws-sims"])
def test_related_items(clients, personalize, group, recipe):
    name = f"{group['name']}-{recipe}"
    campaign = shop.ensure_campaign(personalize, group["group"], recipe, name, name)
    items = items_of(clients.runtime.get_recommendations(campaignArn=campaign, itemId="i4", numResults=10))
    assert "i4" not in items and sum(int(i[1:]) % 2 == 0 for i in items) >= 8
    with pytest.raises(clients.runtime.exceptions.InvalidInputException):
        clients.runtime.get_recommendations(campaignArn=campaign, userId="u0")


@pytest.mark.parametrize("recipe", ["aws-popularity-count", "aws-trending-now"])
def test_unpersonalised_recipes(clients, personalize, group, recipe):
    name = f"{group['name']}-{recipe}"
    campaign = shop.ensure_campaign(personalize, group["group"], recipe, name, name)
    lists = [items_of(clients.runtime.get_recommendations(campaignArn=campaign, userId=user, numResults=10)) for user in ("u0", "u1")]
    assert lists[0] == lists[1] and lists[0]


# --- filters


@pytest.mark.parametrize("expression,values,holds", [
    ('INCLUDE ItemID WHERE Items.PARITY IN ("odd")', {}, lambda n: n % 2 == 1),
    ('EXCLUDE ItemID WHERE Items.PARITY IN ("odd")', {}, lambda n: n % 2 == 0),
    ("INCLUDE ItemID WHERE Items.NUMBER < $MAX", {"MAX": "20"}, lambda n: n < 20),
    ('INCLUDE ItemID WHERE Items.PARITY = "even" AND Items.NUMBER >= 30', {}, lambda n: n % 2 == 0 and n >= 30),
    ("INCLUDE ItemID WHERE items.parity IN ($P)", {"P": '"even","odd"'}, lambda n: True),
])
def test_filters(clients, personalize, group, expression, values, holds):
    arn = personalize.create_filter(name=unique(), datasetGroupArn=group["group"], filterExpression=expression)["filterArn"]
    shop.wait_active(personalize.describe_filter, "filter", filterArn=arn)
    items = items_of(clients.runtime.get_recommendations(campaignArn=group["campaign"], userId="u0", filterArn=arn, filterValues=values))
    assert items and all(holds(int(i[1:])) for i in items)
    assert arn in [f["filterArn"] for f in shop.pages(personalize.list_filters, "Filters", datasetGroupArn=group["group"])]
    personalize.delete_filter(filterArn=arn)


def test_event_filter_reflects_new_events(clients, personalize, group):
    arn = personalize.create_filter(name=unique(), datasetGroupArn=group["group"],
                                    filterExpression='EXCLUDE ItemID WHERE Interactions.event_type IN ("purchase")')["filterArn"]
    shop.wait_active(personalize.describe_filter, "filter", filterArn=arn)
    first = items_of(clients.runtime.get_recommendations(campaignArn=group["campaign"], userId="u2", filterArn=arn))[0]
    clients.events.put_events(trackingId=group["tracker"], userId="u2", sessionId="s", eventList=[
        {"sentAt": int(time.time()), "eventType": "Purchase", "itemId": first}])
    after = items_of(clients.runtime.get_recommendations(campaignArn=group["campaign"], userId="u2", filterArn=arn))
    assert after and first not in after


def test_rejects_invalid_filter_expressions(personalize, group):
    for expression in ("INCLUDE", "INCLUDE ItemID WHERE", 'INCLUDE ItemID WHERE Items.NOPE IN ("x")', "DELETE ItemID WHERE Items.NUMBER > 1"):
        assert code_of(personalize.create_filter, name=unique(), datasetGroupArn=group["group"], filterExpression=expression)[0] == "InvalidInputException"


# --- events


def test_new_events_change_the_next_answer(clients, group):
    user = unique("visitor")
    before = items_of(clients.runtime.get_recommendations(campaignArn=group["campaign"], userId=user, numResults=10))
    clients.events.put_events(trackingId=group["tracker"], userId=user, sessionId="s", eventList=[
        {"sentAt": int(time.time()) + n, "eventType": "View", "itemId": f"i{2 * n + 1}"} for n in range(5)])
    after = items_of(clients.runtime.get_recommendations(campaignArn=group["campaign"], userId=user, numResults=10))
    assert before != after and sum(int(i[1:]) % 2 for i in after) > sum(int(i[1:]) % 2 for i in before)


def test_a_tracker_is_found_by_id_and_by_name(clients, group):
    event = {"sentAt": int(time.time()), "eventType": "View", "itemId": "i1"}
    for tracker in (group["tracker"], group["name"]):
        clients.events.put_events(trackingId=tracker, userId="u1", sessionId="s", eventList=[event])


def test_accepts_optional_members_of_events(clients, group):
    clients.events.put_events(trackingId=group["tracker"], sessionId="anonymous", eventList=[
        {"sentAt": int(time.time()), "eventType": "View", "eventId": "e-1", "eventValue": 3.5, "itemId": "i3",
         "impression": ["i3", "i5"], "properties": json.dumps({"discount": 10})},
        {"sentAt": int(time.time()), "eventType": "View", "properties": json.dumps({"itemId": "i7"})}])


def test_rejects_invalid_events(clients, group):
    event = {"sentAt": int(time.time()), "eventType": "View", "itemId": "i1"}
    assert code_of(clients.events.put_events, trackingId="no-such-tracker", userId="u", sessionId="s", eventList=[event]) == ("InvalidInputException", 400)
    code, status = code_of(clients.events.put_events, trackingId=group["tracker"], userId="u", sessionId="s", eventList=[event] * 11)
    assert status == 400 and code in ("InvalidInputException", "ValidationException")


def test_puts_items_and_users(clients, group):
    name = unique("item")
    clients.events.put_items(datasetArn=group["items"], items=[{"itemId": name, "properties": json.dumps({"parity": "odd", "number": 99})}])
    with pytest.raises(clients.events.exceptions.ResourceNotFoundException):
        clients.events.put_users(datasetArn=group["group"].replace("dataset-group", "dataset") + "/USERS", users=[
            {"userId": "u0", "properties": "{}"}])
    assert code_of(clients.events.put_items, datasetArn=group["items"], items=[{"itemId": "x", "properties": "not json"}]) == (
        "InvalidInputException", 400)


# --- Errors report their cause and location


def test_import_reports_rejected_rows(clients, personalize, group, server):
    rows = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"] + [f"r{n},i1,{1_790_000_000 + n},View" for n in range(1500)]
    for line in (17, 18, 1200):
        rows[line - 1] = f"r,i1,yesterday-{line},View"
    (server.files / "three-bad.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    arn = personalize.create_dataset_import_job(jobName=unique(), datasetArn=group["dataset"], roleArn=shop.ROLE, importMode="INCREMENTAL",
                                                dataSource={"dataLocation": f"file://{server.files}/three-bad.csv"})["datasetImportJobArn"]
    job = shop.wait_active(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=arn)
    assert job["status"] == "ACTIVE"
    assert job["failureReason"].startswith("3 of 1,500 rows were rejected; first: three-bad.csv line 17: "), job["failureReason"]
    assert "3 of 1,500 rows were rejected" in server.output() and ".rejects.csv" in server.output()
    again = personalize.create_dataset_import_job(jobName=unique(), datasetArn=group["dataset"], roleArn=shop.ROLE, importMode="INCREMENTAL",
                                                  dataSource={"dataLocation": f"file://{server.files}/parity.csv"})["datasetImportJobArn"]
    assert "failureReason" not in shop.wait_active(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=again)


def test_rejects_a_filter_value_that_is_not_a_number(clients, personalize, group):
    arn = personalize.create_filter(name=unique(), datasetGroupArn=group["group"], filterExpression="INCLUDE ItemID WHERE Items.NUMBER <= $max")["filterArn"]
    shop.wait_active(personalize.describe_filter, "filter", filterArn=arn)
    assert items_of(clients.runtime.get_recommendations(campaignArn=group["campaign"], userId="u0", filterArn=arn, filterValues={"max": "20"}))
    with pytest.raises(clients.runtime.exceptions.InvalidInputException, match="'max'.*expected one number"):
        clients.runtime.get_recommendations(campaignArn=group["campaign"], userId="u0", filterArn=arn, filterValues={"max": "abc"})


def test_metadata_columns(clients, personalize, group):
    def ask(**columns):
        return clients.runtime.get_recommendations(campaignArn=group["campaign"], userId="u0", numResults=5, metadataColumns=columns)

    for item in ask(ITEMS=["PARITY", "NUMBER"])["itemList"]:
        n = int(item["itemId"][1:])
        assert item["metadata"] == {"PARITY": "odd" if n % 2 else "even", "NUMBER": str(n)}
    with pytest.raises(clients.runtime.exceptions.InvalidInputException, match="NOPE"):
        ask(ITEMS=["PARITY", "NOPE"])
    off = personalize.create_campaign(name=unique(), solutionVersionArn=group["version"], minProvisionedTPS=1,
                                      campaignConfig={"enableMetadataWithRecommendations": False})["campaignArn"]
    shop.wait_active(personalize.describe_campaign, "campaign", campaignArn=off)
    with pytest.raises(clients.runtime.exceptions.InvalidInputException, match="enableMetadataWithRecommendations"):
        clients.runtime.get_recommendations(campaignArn=off, userId="u0", metadataColumns={"ITEMS": ["PARITY"]})
    assert clients.runtime.get_recommendations(campaignArn=off, userId="u0")["itemList"]
    personalize.delete_campaign(campaignArn=off)


def test_describe_shows_the_automatic_training_setting(personalize, group):
    config = {"autoTrainingConfig": {"schedulingExpression": "rate(7 days)"}}
    arn = personalize.create_solution(name=unique(), datasetGroupArn=group["group"], recipeArn=f"{RECIPE}aws-popularity-count",
                                      performAutoTraining=True, solutionConfig=config)["solutionArn"]
    told = shop.wait_active(personalize.describe_solution, "solution", solutionArn=arn)
    assert told["performAutoTraining"] is True and told["solutionConfig"] == config
    personalize.update_solution(solutionArn=arn, performAutoTraining=False,
                                solutionUpdateConfig={"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}})
    told = personalize.describe_solution(solutionArn=arn)["solution"]
    assert told["performAutoTraining"] is False
    assert told["solutionConfig"]["autoTrainingConfig"] == {"schedulingExpression": "rate(3 days)"}
    personalize.delete_solution(solutionArn=arn)


@pytest.mark.parametrize("name,value", [("Trend discovery frequency", "1 hour"), ("trend_discovery_frequency", "1h"), ("Trend discovery frequency", "30 min")])
def test_accepts_both_spellings_of_hyperparameters(personalize, group, name, value):
    config = {"algorithmHyperParameters": {name: value}}
    arn = personalize.create_solution(name=unique(), datasetGroupArn=group["group"], recipeArn=f"{RECIPE}aws-trending-now",
                                      solutionConfig=config)["solutionArn"]
    assert personalize.describe_solution(solutionArn=arn)["solution"]["solutionConfig"] == config
    personalize.delete_solution(solutionArn=arn)
    with pytest.raises(personalize.exceptions.InvalidInputException, match="Trend|trend"):
        personalize.create_solution(name=unique(), datasetGroupArn=group["group"], recipeArn=f"{RECIPE}aws-trending-now",
                                    solutionConfig={"algorithmHyperParameters": {name: "2 weeks"}})


def test_training_failure_reason_omits_process_details(personalize):
    name = unique("empty")
    group_arn = personalize.create_dataset_group(name=name)["datasetGroupArn"]
    solution = personalize.create_solution(name=name, datasetGroupArn=group_arn, recipeArn=f"{RECIPE}aws-sims")["solutionArn"]
    arn = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    with pytest.raises(RuntimeError, match="no interaction to train on") as failed:
        shop.wait_active(personalize.describe_solution_version, "solutionVersion", solutionVersionArn=arn)
    assert "training process" not in str(failed.value) and "trine: error" not in str(failed.value)


def test_group_created_by_the_native_api_has_datasets(clients, personalize, server):
    name = unique("native")

    def post(kind, **body):
        return clients.search.transport.perform_request("POST", f"/_trine/{kind}", body={"dataset_group": name, "create": True, **body})

    post("events", events=[{"user_id": f"u{n}", "item_id": f"i{n % 3}", "event_type": "View", "timestamp": 1_795_000_000 + n,
                            "attributes": {"DEVICE": "mobile"}} for n in range(12)])
    post("items", items=[{"id": "i0", "attributes": {"PRICE": 12.5, "상품": "x"}}])
    post("items", items=[{"id": "i1", "attributes": {"PRICE": 3, "BRAND": "h"}}])
    group_arn = next(g["datasetGroupArn"] for g in shop.pages(personalize.list_dataset_groups, "datasetGroups") if g["name"] == name)
    datasets = {d["datasetType"].upper(): d["datasetArn"] for d in shop.pages(personalize.list_datasets, "datasets", datasetGroupArn=group_arn)}
    assert set(datasets) == {"INTERACTIONS", "ITEMS"}
    schema = personalize.describe_schema(schemaArn=personalize.describe_dataset(datasetArn=datasets["ITEMS"])["dataset"]["schemaArn"])
    assert [f["name"] for f in json.loads(schema["schema"]["schema"])["fields"]] == ["ITEM_ID", "PRICE", "BRAND"]
    (server.files / name).mkdir()
    for dataset, line in (("ITEMS", "i1,3,h"), ("INTERACTIONS", "u3,i0,1795000003,View,,mobile")):
        job = personalize.create_dataset_export_job(jobName=unique(), datasetArn=datasets[dataset], roleArn=shop.ROLE, ingestionMode="ALL",
                                                    jobOutput={"s3DataDestination": {"path": f"file://{server.files}/{name}/{dataset}/"}})
        shop.wait_active(personalize.describe_dataset_export_job, "datasetExportJob", datasetExportJobArn=job["datasetExportJobArn"])
        text = "".join(f.read_text() for f in (server.files / name / dataset).rglob("*") if f.is_file())
        assert line in text, text
    (server.files / f"{name}.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nmore,i2,1795000100,View\n")
    job = personalize.create_dataset_import_job(jobName=unique(), datasetArn=datasets["INTERACTIONS"], roleArn=shop.ROLE, importMode="INCREMENTAL",
                                                dataSource={"dataLocation": f"file://{server.files}/{name}.csv"})["datasetImportJobArn"]
    shop.wait_active(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=job)
    # The native API adds no datasets to a group that it did not create.
    other = unique("own")
    own = personalize.create_dataset_group(name=other)["datasetGroupArn"]
    clients.search.transport.perform_request("POST", "/_trine/events", body={"dataset_group": other, "create": True, "events": [
        {"user_id": "u", "item_id": "i", "event_type": "View"}]})
    assert personalize.list_datasets(datasetGroupArn=own)["datasets"] == []


def test_the_command_line_imports_what_an_export_wrote(binary, personalize, server):
    name = unique("moved")
    (server.files / f"{name}.csv").write_text("USER_ID,SESSION_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,TRINE_UNVERIFIED\n"
                                              "u1,s1,i1,1795000000,View,true\n,s2,i2,1795000001,View,false\n", encoding="utf-8")
    subprocess.run([binary, "import", str(server.files / f"{name}.csv"), "--group", name, "--url", server.url],
                   check=True, capture_output=True, timeout=60)
    group = next(g["datasetGroupArn"] for g in shop.pages(personalize.list_dataset_groups, "datasetGroups") if g["name"] == name)
    dataset = next(d["datasetArn"] for d in personalize.list_datasets(datasetGroupArn=group)["datasets"] if d["datasetType"].upper() == "INTERACTIONS")
    job = personalize.create_dataset_export_job(jobName=name, datasetArn=dataset, roleArn=shop.ROLE, ingestionMode="ALL",
                                                jobOutput={"s3DataDestination": {"path": f"file://{server.files}/{name}/"}})["datasetExportJobArn"]
    shop.wait_active(personalize.describe_dataset_export_job, "datasetExportJob", datasetExportJobArn=job)
    header, *rows = "".join(f.read_text() for f in (server.files / name).rglob("*.csv")).splitlines()
    cells = [dict(zip(header.split(","), row.split(","))) for row in rows]
    assert [(c["USER_ID"], c["SESSION_ID"], c["TRINE_UNVERIFIED"]) for c in cells] == [("u1", "s1", "true"), ("", "s2", "false")]


# --- clocks and dates


def test_one_event_with_a_future_time_does_not_dominate_trends(clients, personalize, group):
    name = f"{group['name']}-clock"
    campaign = shop.ensure_campaign(personalize, group["group"], "aws-trending-now", name, name)

    def trend():
        return clients.runtime.get_recommendations(campaignArn=campaign, numResults=60)["itemList"]

    before = trend()
    item, user = before[-1]["itemId"], unique("wrong-clock")
    event = {"sentAt": time.time() + 10 * 365 * 86400, "eventType": "View", "itemId": item}
    for _ in range(2):  # a repeated event counts once
        clients.events.put_events(trackingId=group["tracker"], userId=user, sessionId="s", eventList=[event])
    after = trend()
    assert after[0]["score"] < .9 and sum(i["score"] for i in after[1:]) > .1
    clients.events.put_events(trackingId=group["tracker"], userId=user, sessionId="s", eventList=[
        {"sentAt": time.time(), "eventType": "View", "itemId": "i2"}])
    shop.train(personalize, personalize.describe_campaign(campaignArn=campaign)["campaign"]["solutionVersionArn"].rsplit("/", 1)[0])
    assert trend()[0]["score"] < .9


def test_item_times_are_document_dates(clients, personalize, server):
    name = unique("dates")
    group_arn = personalize.create_dataset_group(name=name)["datasetGroupArn"]
    schema = json.dumps({"type": "record", "name": "Items", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
                         "fields": [{"name": "ITEM_ID", "type": "string"}, {"name": "KIND", "type": "string", "categorical": True},
                                    {"name": "CREATION_TIMESTAMP", "type": "long"}]})
    schema_arn = personalize.create_schema(name=name, schema=schema)["schemaArn"]
    items = personalize.create_dataset(name=name, schemaArn=schema_arn, datasetGroupArn=group_arn, datasetType="Items")["datasetArn"]
    clients.search.indices.create(index=name, body={"mappings": {"properties": {"created_at": {"type": "date"}}}})
    clients.search.transport.perform_request("PUT", f"/_trine/bindings/{name}", body={
        "dataset_group_arn": group_arn, "fields": {"CREATION_TIMESTAMP": "created_at"}})
    clients.events.put_items(datasetArn=items, items=[{"itemId": "a", "properties": json.dumps({"kind": "x", "creationTimestamp": 1795000000})}])
    clients.search.index(index=name, id="b", body={"kind": "x", "created_at": "2026-11-18T11:06:40Z"}, refresh=True)
    assert clients.search.get(index=name, id="a")["_source"]["created_at"] == "2026-11-18T11:06:40.000Z"
    found = clients.search.search(index=name, body={"query": {"range": {"created_at": {"gte": "2026-11-18", "lt": "2026-11-19"}}}})
    assert {h["_id"] for h in found["hits"]["hits"]} == {"a", "b"}

    # The other direction: filters, metadata and exports contain the same number of seconds for both items.
    interactions = json.dumps({"type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
                               "fields": [{"name": f, "type": t} for f, t in (("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long"))]})
    personalize.create_dataset(name=f"{name}-i", datasetGroupArn=group_arn, datasetType="Interactions",
                               schemaArn=personalize.create_schema(name=f"{name}-i", schema=interactions)["schemaArn"])
    tracker = personalize.create_event_tracker(name=name, datasetGroupArn=group_arn)["trackingId"]
    for n in range(4):
        clients.events.put_events(trackingId=tracker, userId=f"u{n}", sessionId="s", eventList=[
            {"sentAt": time.time(), "eventType": "View", "itemId": "ab"[n % 2]}])
    campaign = shop.ensure_campaign(personalize, group_arn, "aws-user-personalization-v2", name, name)
    for expression, expected in (("Items.CREATION_TIMESTAMP >= 1795000000", {"a", "b"}), ("Items.CREATION_TIMESTAMP > 1795000000", set())):
        arn = personalize.create_filter(name=unique(), datasetGroupArn=group_arn, filterExpression=f"INCLUDE ItemID WHERE {expression}")["filterArn"]
        answer = clients.runtime.get_recommendations(campaignArn=campaign, userId="u0", filterArn=arn,
                                                     metadataColumns={"ITEMS": ["CREATION_TIMESTAMP"]})["itemList"]
        assert {i["itemId"] for i in answer} == expected
        assert all(i["metadata"] == {"CREATION_TIMESTAMP": "1795000000"} for i in answer)
    (server.files / name).mkdir()
    job = personalize.create_dataset_export_job(jobName=unique(), datasetArn=items, roleArn=shop.ROLE, ingestionMode="ALL",
                                                jobOutput={"s3DataDestination": {"path": f"file://{server.files}/{name}/"}})["datasetExportJobArn"]
    shop.wait_active(personalize.describe_dataset_export_job, "datasetExportJob", datasetExportJobArn=job)
    text = "".join(f.read_text() for f in (server.files / name).rglob("*") if f.is_file())
    assert "a,x,1795000000" in text and "b,x,1795000000" in text


# --- bedrock


CLAUDE = "anthropic.claude-3-sonnet-20240229-v1:0"


def claude(bedrock, prompt, model=CLAUDE, **more):
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 256, "messages": [{"role": "user", "content": prompt}], **more}
    return json.loads(bedrock.invoke_model(modelId=model, body=json.dumps(body))["body"].read())


PROMPT = """- item_1: 오버핏 후디 (상의)
- item_2: 카고팬츠 (하의)

사용자의 질문: "이번 주말 뭐 입을까요?"
위 정보를 바탕으로 추천해 주세요."""


def test_claude_response_has_every_member(clients):
    answer = claude(clients.bedrock, PROMPT)
    assert (answer["type"], answer["role"], answer["stop_reason"]) == ("message", "assistant", "end_turn")
    assert answer["usage"]["input_tokens"] > 0 and answer["usage"]["output_tokens"] > 0
    text = answer["content"][0]["text"]
    assert "후디" in text or "item_1" in text
    assert answer == {**claude(clients.bedrock, PROMPT), "id": answer["id"]}, "answers must be deterministic"


def test_claude_accepts_content_blocks_and_a_system_prompt(clients):
    blocks = [{"type": "text", "text": PROMPT}]
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 256, "system": "짧게 답하세요.", "messages": [{"role": "user", "content": blocks}]}
    response = clients.bedrock.invoke_model(modelId=f"apac.{CLAUDE}", contentType="application/json", accept="application/json", body=json.dumps(body))
    assert json.loads(response["body"].read())["content"][0]["text"]


def test_max_tokens_limits_the_answer(clients):
    answer = claude(clients.bedrock, PROMPT, max_tokens=3)
    assert answer["stop_reason"] == "max_tokens" and answer["usage"]["output_tokens"] <= 3


@pytest.mark.parametrize("dimensions", [256, 512, 1024])
def test_titan_embeddings(clients, dimensions):
    def embed(text):
        body = json.dumps({"inputText": text, "dimensions": dimensions, "normalize": True})
        return json.loads(clients.bedrock.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=body)["body"].read())

    answer = embed("가벼운 캠핑 체어")
    vector = answer["embedding"]
    assert len(vector) == dimensions and abs(sum(x * x for x in vector) - 1) < 1e-3
    assert answer["embeddingsByType"]["float"] == vector and answer["inputTextTokenCount"] > 0
    assert embed("가벼운 캠핑 체어")["embedding"] == vector

    def near(a, b):
        return sum(x * y for x, y in zip(a, b))

    assert near(vector, embed("캠핑 의자와 가벼운 체어")["embedding"]) > near(vector, embed("고속 충전 케이블")["embedding"])


def test_bedrock_rejects_invalid_requests(clients):
    with pytest.raises(clients.bedrock.exceptions.ValidationException):
        clients.bedrock.invoke_model(modelId=CLAUDE, body=json.dumps({"messages": "none"}))
    with pytest.raises(clients.bedrock.exceptions.ValidationException):
        clients.bedrock.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=json.dumps({"inputText": "x", "dimensions": 7}))
    with pytest.raises(ClientError) as caught:
        clients.bedrock.invoke_model(modelId="nobody.no-such-model", body="{}")
    assert caught.value.response["Error"]["Code"] in ("ResourceNotFoundException", "ValidationException")


def test_describes_and_lists_every_kind_within_the_service_model(personalize, group, server):
    """The clients check each answer (service_model.py); here every kind of resource is described and listed once."""
    p, name = personalize, unique("all")
    (server.files / f"{name}.json").write_text('{"userId": "u1"}\n{"userId": {}}\n', encoding="utf-8")
    folder = {"path": f"file://{server.files}/"}
    p.create_filter(name=name, datasetGroupArn=group["group"], filterExpression="INCLUDE ItemID WHERE Items.NUMBER < 9",
                    tags=[{"tagKey": "team", "tagValue": "shop"}])
    job = p.create_batch_inference_job(jobName=name, solutionVersionArn=group["version"], roleArn=shop.ROLE,
                                       jobInput={"s3DataSource": {"path": f"file://{server.files}/{name}.json"}},
                                       jobOutput={"s3DataDestination": folder})["batchInferenceJobArn"]
    shop.wait_active(p.describe_batch_inference_job, "batchInferenceJob", batchInferenceJobArn=job)
    lines = [json.loads(line) for line in (server.files / f"{name}.json.out").read_text(encoding="utf-8").splitlines()]
    assert lines[0]["output"]["recommendedItems"] and lines[0]["error"] is None
    assert lines[1]["input"] == {"userId": {}} and lines[1]["output"] is None and "userId" in lines[1]["error"]
    job = p.create_dataset_export_job(jobName=name, datasetArn=group["dataset"], roleArn=shop.ROLE, ingestionMode="ALL",
                                      jobOutput={"s3DataDestination": folder})["datasetExportJobArn"]
    shop.wait_active(p.describe_dataset_export_job, "datasetExportJob", datasetExportJobArn=job)
    p.create_dataset_import_job(jobName=name, datasetArn=group["dataset"], roleArn=shop.ROLE, importMode="INCREMENTAL",
                                dataSource={"dataLocation": f"file://{server.files}/none.csv"})
    (server.files / f"{name}-people.csv").write_text("USER_ID\nnobody\n", encoding="utf-8")
    p.create_data_deletion_job(jobName=name, datasetGroupArn=group["group"], roleArn=shop.ROLE,
                               dataSource={"dataLocation": f"file://{server.files}/{name}-people.csv"})
    domain = p.create_dataset_group(name=name, domain="ECOMMERCE")["datasetGroupArn"]
    p.create_recommender(name=name, datasetGroupArn=domain, recipeArn=RECIPE + "aws-ecomm-recommended-for-you")
    listed = set()
    for operation in p.meta.service_model.operation_names:
        kind = re.fullmatch("List(Dataset|Schema|EventTracker|Solution|Campaign|Recommender|Filter|Batch.*Inference|DataDeletion|Recipe)(.*)s", operation)
        if not kind:
            continue
        answer = getattr(p, xform_name(operation))()
        entries = next(value for key, value in answer.items() if isinstance(value, list))
        assert entries, operation
        for entry in entries:
            member = next(key for key in entry if key.endswith("Arn") and key.lower() == operation[4:-1].lower() + "arn")
            getattr(p, xform_name("Describe" + operation[4:-1]))(**{member: entry[member]})
        listed.add(operation)
    assert len(listed) == 14, listed
    arn = f"{group['group'].rsplit(':', 1)[0]}:filter/{name}"
    p.tag_resource(resourceArn=arn, tags=[{"tagKey": "a", "tagValue": ""}])
    assert len(p.list_tags_for_resource(resourceArn=arn)["tags"]) == 2
    p.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert p.get_solution_metrics(solutionVersionArn=group["version"])["metrics"]


# --- deleting people


def test_deleted_people_leave_no_trace(clients, personalize, group, server):
    name, user = unique("gone"), unique("person")
    seen = personalize.create_filter(name=name, datasetGroupArn=group["group"],
                                     filterExpression='INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")')["filterArn"]

    def items():
        return items_of(clients.runtime.get_recommendations(campaignArn=group["campaign"], userId=user, filterArn=seen))

    clients.events.put_events(trackingId=group["tracker"], sessionId=name, eventList=[
        {"eventType": "View", "itemId": "i1", "sentAt": int(time.time())}])
    clients.events.put_events(trackingId=group["tracker"], sessionId=name, userId=user, eventList=[
        {"eventType": "View", "itemId": "i3", "sentAt": int(time.time())}])
    assert sorted(items()) == ["i1", "i3"]
    (server.files / f"{name}.csv").write_text(f"USER_ID\n{user}\n", encoding="utf-8")
    arn = personalize.create_data_deletion_job(jobName=name, datasetGroupArn=group["group"], roleArn=shop.ROLE,
                                               dataSource={"dataLocation": f"file://{server.files}/{name}.csv"})["dataDeletionJobArn"]
    until = time.monotonic() + 30
    while (job := personalize.describe_data_deletion_job(dataDeletionJobArn=arn)["dataDeletionJob"])["status"] != "COMPLETED":
        assert job["status"] in ("PENDING", "IN_PROGRESS") and time.monotonic() < until, job
        time.sleep(.05)
    assert job["numDeleted"] == 2 and job["roleArn"] == shop.ROLE
    assert personalize.list_data_deletion_jobs(datasetGroupArn=group["group"])["dataDeletionJobs"][0]["jobName"] == name
    assert items() == []
    clients.events.put_events(trackingId=group["tracker"], sessionId=name, eventList=[
        {"eventType": "View", "itemId": "i5", "sentAt": int(time.time())}])
    assert items() == [], "the session is nobody's again"


# --- sessions


def test_a_session_belongs_to_the_user_who_signs_in(clients, personalize, group):
    name, user = unique("visit"), unique("new")
    seen = personalize.create_filter(name=name, datasetGroupArn=group["group"],
                                     filterExpression='INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")')["filterArn"]

    def put(item, event_id, **who):
        clients.events.put_events(trackingId=group["tracker"], sessionId=name, **who, eventList=[
            {"eventType": "View", "itemId": item, "eventId": event_id, "sentAt": int(time.time())}])

    def items(user_id):
        answer = clients.runtime.get_recommendations(campaignArn=group["campaign"], userId=user_id, filterArn=seen)
        return {item["itemId"] for item in answer["itemList"]}

    put("i1", "a")
    put("i3", "b")
    assert items(name) == {"i1", "i3"} and items(user) == set()
    put("i5", "c", userId=user)
    assert items(user) == items(name) == {"i1", "i3", "i5"}
    put("i7", "d")
    assert items(user) == {"i1", "i3", "i5", "i7"}, "later events of the session, too"


# --- transport


def test_uses_the_endpoint_from_the_environment(server, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    assert boto3.client("personalize").list_dataset_groups()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_serves_unsigned_requests_without_credentials(server):
    from botocore import UNSIGNED
    client = boto3.client("personalize", endpoint_url=server.url, config=Config(signature_version=UNSIGNED))
    assert "datasetGroups" in client.list_dataset_groups()


def test_rejects_malformed_aws_requests(server):
    import requests
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonPersonalize.ListSchemas"}
    for body in ("{", "[]", "null", '{"a":1} x', "{'a':1}"):
        answer = requests.post(f"{server.url}/", data=body, headers=headers, timeout=30)
        assert (answer.status_code, answer.json()["__type"]) == (400, "SerializationException"), body
        assert answer.headers["x-amzn-errortype"] == "SerializationException" and answer.headers["x-amzn-requestid"]
    unknown = requests.post(f"{server.url}/", data="{}", headers={**headers, "X-Amz-Target": "AmazonPersonalize.Nothing"}, timeout=30)
    assert (unknown.status_code, unknown.json()["__type"]) == (400, "UnknownOperationException")
