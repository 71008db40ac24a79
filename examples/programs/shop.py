"""Code that the programs of this folder share: clients, the files of the sample shop, its Personalize resources.

`prepare()` loads the shop into a running server and may be called repeatedly: existing resources are
kept. Needs boto3 and opensearch-py (test/requirements.txt).
"""

import argparse
import csv
import datetime
import gzip
import io
import json
import os
import pathlib
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from opensearchpy import OpenSearch, helpers

SHOP = pathlib.Path(__file__).resolve().parents[1] / "shop"
INDEX = "products"
GROUP = "shop"
EMBEDDER = "amazon.titan-embed-text-v2:0"
DIMENSION = 256
ROLE = "arn:aws:iam::123456789012:role/PersonalizeS3Role"  # required by the API, unused by the server
READ_TIMEOUT = 120  # seconds; the first call may wait until an embedder is trained


# --- The server ----------------------------------------------------------------------------------


def arguments(description, import_dir=True):
    """Returns a parser with the options that all programs have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--endpoint", default=os.environ.get("AWS_ENDPOINT_URL", "http://127.0.0.1:9200"),
                        help="the server (default: AWS_ENDPOINT_URL, else http://127.0.0.1:9200)")
    if import_dir:
        parser.add_argument("--import-dir", default=str(SHOP), metavar="DIR",
                            help="folder with the shop's files, passed to the server as --import-dir (default: %(default)s)")
    return parser


class Server:
    """The clients of one server. boto3 reads the endpoint and the credentials from the environment."""

    def __init__(self, endpoint):
        self.endpoint = endpoint.rstrip("/")
        os.environ["AWS_ENDPOINT_URL"] = self.endpoint
        for name, value in (("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local"),
                            ("AWS_DEFAULT_REGION", "ap-northeast-2")):
            os.environ.setdefault(name, value)
        config = Config(retries={"max_attempts": 1}, read_timeout=READ_TIMEOUT)
        self.personalize = boto3.client("personalize", config=config)
        self.runtime = boto3.client("personalize-runtime", config=config)
        self.events = boto3.client("personalize-events", config=config)
        self.bedrock = boto3.client("bedrock-runtime", config=config)
        self.search = OpenSearch(hosts=[self.endpoint], timeout=READ_TIMEOUT)


class Report:
    """Prints steps, and checks unless quiet; collects the checks that failed."""

    def __init__(self, quiet=False):
        self.quiet = quiet
        self.failed = []

    def step(self, text):
        print(f"\n== {text}", flush=True)

    def say(self, text):
        print(f"   {text}", flush=True)

    def check(self, ok, text, detail=""):
        line = text + (f": {detail}" if detail and not ok else "")
        if not self.quiet:
            print(f"   {'ok  ' if ok else 'FAIL'} {line}", flush=True)
        if not ok:
            self.failed.append(line)

    def exit_code(self):
        """Returns 0, or 1 after printing the failed checks to stderr."""
        if self.failed:
            print(f"\n{len(self.failed)} expectations failed:", file=sys.stderr)
            for text in self.failed:
                print(f"  - {text}", file=sys.stderr)
        return 1 if self.failed else 0


def run(main):
    """Runs a program and exits with its code, or with one line of text when the server refuses or does not answer."""
    try:
        sys.exit(main())
    except (ClientError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
    except Exception as error:  # each library has its own class of connection errors
        if "Connection" not in type(error).__name__:
            raise
        print(f"error: cannot connect to the server; start one with: trine serve --import-dir {SHOP}\n  ({error})", file=sys.stderr)
    sys.exit(1)


# --- The shop's files ----------------------------------------------------------------------------


def products():
    with open(SHOP / "products.ndjson", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def truth():
    return json.loads((SHOP / "truth.json").read_text(encoding="utf-8"))


def users_csv():
    return (SHOP / "users.csv").read_text(encoding="utf-8")


def interactions_csv():
    with gzip.open(SHOP / "interactions.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return file.read()


# Item attribute -> field of the document, for the binding and for items_csv().
ITEM_FIELDS = {
    "PRICE": "price", "CATEGORY_L1": "category_l1", "CATEGORY_L2": "category_l2", "PRODUCT_DESCRIPTION": "description",
    "BRAND": "brand", "COLOUR": "colour", "SEASON": "season", "STYLE": "style", "FIT": "fit", "GENDER": "gender",
    "CREATION_TIMESTAMP": "created_at",
}


def epoch(text):
    moment = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp())


def items_csv():
    """Returns the products as a Personalize Items file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["ITEM_ID", *ITEM_FIELDS])
    for product in products():
        row = [product.get(field, "") for field in ITEM_FIELDS.values()]
        row[-1] = epoch(product["created_at"])
        writer.writerow([product["product_id"], *row])
    return out.getvalue()


# --- Schemas and mapping -------------------------------------------------------------------------


def _avro(name, fields):
    return json.dumps({"type": "record", "name": name, "namespace": "com.amazonaws.personalize.schema",
                       "fields": fields, "version": "1.0"})


def _category(name, nullable=False):
    return {"name": name, "type": ["null", "string"] if nullable else "string", "categorical": True}


SCHEMAS = {
    "Interactions": _avro("Interactions", [
        {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}, {"name": "TIMESTAMP", "type": "long"},
        {"name": "EVENT_TYPE", "type": "string"}, {"name": "EVENT_VALUE", "type": ["null", "float"]}]),
    "Users": _avro("Users", [
        {"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}, _category("GENDER"), _category("REGION"),
        _category("MEMBERSHIP")]),
    "Items": _avro("Items", [
        {"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"}, _category("CATEGORY_L1"),
        _category("CATEGORY_L2"), {"name": "PRODUCT_DESCRIPTION", "type": ["null", "string"], "textual": True},
        _category("BRAND"), _category("COLOUR", True), _category("SEASON"), _category("STYLE"), _category("FIT", True),
        _category("GENDER"), {"name": "CREATION_TIMESTAMP", "type": "long"}]),
}

_KEYWORDS = ("product_id", "brand_en", "category", "category_en", "category_l1", "category_l2", "colour", "colour_en", "season",
             "season_en", "style", "style_en", "fit", "fit_en", "gender", "gender_en")
INDEX_BODY = {
    "settings": {"index": {"knn": True, "number_of_shards": 1, "number_of_replicas": 0}},
    "mappings": {"properties": {
        "title": {"type": "text", "analyzer": "korean"}, "title_en": {"type": "text", "analyzer": "english"},
        "description": {"type": "text", "analyzer": "korean"}, "description_en": {"type": "text", "analyzer": "english"},
        "brand": {"type": "keyword", "fields": {"text": {"type": "text", "analyzer": "korean"}}},
        "price": {"type": "integer"}, "weight_g": {"type": "integer"}, "stock": {"type": "integer"},
        "created_at": {"type": "date"},
        "embedding": {"type": "knn_vector", "dimension": DIMENSION,
                      "method": {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"}},
        **{name: {"type": "keyword"} for name in _KEYWORDS}}},
}


# --- Personalize: create missing resources and wait until they are ACTIVE ------------------------


def pages(operation, key, **request):
    """Yields all entries of a paged List operation."""
    while True:
        answer = operation(**request)
        yield from answer[key]
        if not answer.get("nextToken"):
            return
        request["nextToken"] = answer["nextToken"]


def wait_active(describe, key, seconds=600, **request):
    """Polls a Describe operation. Returns the description; raises RuntimeError if the resource fails or takes too long."""
    until = time.monotonic() + seconds
    while True:
        found = describe(**request)[key]
        status = found.get("status", "ACTIVE")
        if status == "ACTIVE":
            return found
        if "FAILED" in status or "STOPPED" in status:
            raise RuntimeError(f"{key} {request}: {status}: {found.get('failureReason', 'no reason given')}")
        if time.monotonic() > until:
            raise RuntimeError(f"{key} {request}: still {status} after {seconds} s")
        time.sleep(.1)


def ensure(create, arn_key, found, **request):
    """Returns the ARN of `found` (an entry of a list, or None), else that of a newly created resource."""
    return found[arn_key] if found else create(**request)[arn_key]


def named(entries, name):
    return next((entry for entry in entries if entry.get("name") == name), None)


def ensure_group(personalize, name, domain="ECOMMERCE"):
    arn = ensure(personalize.create_dataset_group, "datasetGroupArn",
                 named(pages(personalize.list_dataset_groups, "datasetGroups"), name), name=name, domain=domain)
    wait_active(personalize.describe_dataset_group, "datasetGroup", datasetGroupArn=arn)
    return arn


def ensure_dataset(personalize, group_arn, prefix, kind):
    """Returns the ARN of the group's dataset of this kind, created with its schema of SCHEMAS if it is missing."""
    name = f"{prefix}-{kind.lower()}"
    schema_arn = ensure(personalize.create_schema, "schemaArn", named(pages(personalize.list_schemas, "schemas"), name),
                        name=name, schema=SCHEMAS[kind], domain="ECOMMERCE")
    arn = ensure(personalize.create_dataset, "datasetArn",
                 named(pages(personalize.list_datasets, "datasets", datasetGroupArn=group_arn), name),
                 name=name, schemaArn=schema_arn, datasetGroupArn=group_arn, datasetType=kind)
    wait_active(personalize.describe_dataset, "dataset", datasetArn=arn)
    return arn


def import_file(personalize, dataset_arn, name, location):
    """Runs one import job and waits for it."""
    arn = personalize.create_dataset_import_job(jobName=name, datasetArn=dataset_arn, roleArn=ROLE,
                                                dataSource={"dataLocation": location})["datasetImportJobArn"]
    return wait_active(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=arn)


def ensure_imported(personalize, dataset_arn, name, location):
    """Imports a file unless a job of this dataset has succeeded before. Returns whether it was imported."""
    jobs = list(pages(personalize.list_dataset_import_jobs, "datasetImportJobs", datasetArn=dataset_arn))
    if any(job["status"] == "ACTIVE" for job in jobs):
        return False
    import_file(personalize, dataset_arn, f"{name}-{len(jobs) + 1}", location)
    return True


def train(personalize, solution_arn, mode="FULL"):
    """Trains a new solution version and waits for it."""
    arn = personalize.create_solution_version(solutionArn=solution_arn, trainingMode=mode)["solutionVersionArn"]
    return wait_active(personalize.describe_solution_version, "solutionVersion", solutionVersionArn=arn)


def ensure_campaign(personalize, group_arn, recipe, solution, campaign):
    """Returns the ARN of the campaign; creates the solution, a trained version and the campaign if they are missing."""
    solution_arn = ensure(personalize.create_solution, "solutionArn",
                          named(pages(personalize.list_solutions, "solutions", datasetGroupArn=group_arn), solution),
                          name=solution, datasetGroupArn=group_arn, recipeArn=f"arn:aws:personalize:::recipe/{recipe}")
    wait_active(personalize.describe_solution, "solution", solutionArn=solution_arn)
    versions = [v for v in pages(personalize.list_solution_versions, "solutionVersions", solutionArn=solution_arn)
                if v["status"] == "ACTIVE"]
    version_arn = versions[-1]["solutionVersionArn"] if versions else train(personalize, solution_arn)["solutionVersionArn"]
    arn = ensure(personalize.create_campaign, "campaignArn",
                 named(pages(personalize.list_campaigns, "campaigns", solutionArn=solution_arn), campaign),
                 name=campaign, solutionVersionArn=version_arn, minProvisionedTPS=1)
    wait_active(personalize.describe_campaign, "campaign", campaignArn=arn)
    return arn


# --- Loading the shop ----------------------------------------------------------------------------


def embed(bedrock, text):
    body = json.dumps({"inputText": text, "dimensions": DIMENSION, "normalize": True})
    answer = json.loads(bedrock.invoke_model(modelId=EMBEDDER, body=body)["body"].read())
    return answer["embedding"]


def product_text(product):
    """Returns the text that a product's vector is computed from."""
    return f"{product['title']} {product['category'].replace('>', ' ')} {product['description']} {product['title_en']}"


def _count(search, query):
    return search.count(index=INDEX, body={"query": query})["count"]


def load_documents(server):
    """Loads products first and vectors second, because the server trains its embedder on the catalogue."""
    search, items = server.search, products()
    if _count(search, {"match_all": {}}) != len(items):
        helpers.bulk(search, ({"_index": INDEX, "_id": p["product_id"], "_source": p} for p in items), refresh=True)
    if _count(search, {"exists": {"field": "embedding"}}) != len(items):
        helpers.bulk(search, ({"_op_type": "update", "_index": INDEX, "_id": p["product_id"],
                               "doc": {"embedding": embed(server.bedrock, product_text(p))}} for p in items), refresh=True)


def bind(search, group_arn):
    """Makes the products of the index the items of the dataset group."""
    search.http.put(f"/_trine/bindings/{INDEX}", body={"dataset_group_arn": group_arn, "item_id_field": "product_id",
                                                       "fields": ITEM_FIELDS, "currency": "KRW"})


def prepare(server, import_dir, say=lambda text: None):
    """Loads the whole shop: index, dataset group, binding, documents, people, events, two campaigns and a tracker.
    A second call changes nothing. Returns the ARN of the dataset group."""
    personalize = server.personalize
    if not server.search.indices.exists(index=INDEX):
        server.search.indices.create(index=INDEX, body=INDEX_BODY)
    group_arn = ensure_group(personalize, GROUP)
    datasets = {kind: ensure_dataset(personalize, group_arn, GROUP, kind) for kind in ("Items", "Users", "Interactions")}
    say(f"dataset group {group_arn}")
    bind(server.search, group_arn)
    load_documents(server)
    say(f"{_count(server.search, {'match_all': {}})} products in index {INDEX}, bound to the dataset group")
    folder = pathlib.Path(import_dir).resolve()
    ensure_imported(personalize, datasets["Users"], "shop-users", f"file://{folder}/users.csv")
    ensure_imported(personalize, datasets["Interactions"], "shop-interactions", f"file://{folder}/interactions.csv.gz")
    say("people and events imported")
    if not any(pages(personalize.list_event_trackers, "eventTrackers", datasetGroupArn=group_arn)):
        personalize.create_event_tracker(name="YOUR_TRACKING_ID", datasetGroupArn=group_arn)
    for recipe, solution, campaign in (("aws-user-personalization-v2", "my-solution", "my-campaign"),
                                       ("aws-personalized-ranking-v2", "my-rerank-solution", "my-rerank-campaign")):
        say(f"campaign {ensure_campaign(personalize, group_arn, recipe, solution, campaign)}")
    return group_arn
