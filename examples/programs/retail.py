#!/usr/bin/env python3
"""The whole life of a retailer's recommender, through boto3 alone: from data to serving to clean-up.

    AWS_ENDPOINT_URL_S3=http://127.0.0.1:9000 python3 examples/programs/retail.py --bucket my-bucket
    python3 examples/programs/retail.py --folder DIR      (no S3: DIR is a folder given to --import-dir)

Domain dataset group, schemas, CSV upload, import, solution, training, metrics, campaign,
recommenders, real-time events that change the next answer, filters, batch inference, clean-up.
The server needs the same S3 endpoint and keys in its environment. Every check is printed;
the exit code is 1 when one fails.
"""

import json
import os
import pathlib
import time

import boto3
from botocore.exceptions import ClientError

import shop

STYLE_OF = {"user_street": "스트리트", "user_minimal": "미니멀"}
RECOMMENDERS = ["aws-ecomm-recommended-for-you", "aws-ecomm-popular-items-by-views", "aws-ecomm-popular-items-by-purchases",
                "aws-ecomm-customers-who-viewed-x-also-viewed", "aws-ecomm-frequently-bought-together"]
METRICS = ["coverage", "mean_reciprocal_rank_at_25", "normalized_discounted_cumulative_gain_at_5",
           "normalized_discounted_cumulative_gain_at_10", "normalized_discounted_cumulative_gain_at_25", "precision_at_5",
           "precision_at_10", "precision_at_25"]


class Bucket:
    """Files in S3 that the server reads and writes."""

    def __init__(self, name, endpoint):
        self.name, self.s3 = name, boto3.client("s3", endpoint_url=endpoint)
        if name not in [b["Name"] for b in self.s3.list_buckets()["Buckets"]]:
            region = self.s3.meta.region_name
            where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            self.s3.create_bucket(Bucket=name, **where)

    def uri(self, key):
        return f"s3://{self.name}/{key}"

    def put(self, key, text):
        self.s3.put_object(Bucket=self.name, Key=key, Body=text.encode("utf-8"))
        return self.uri(key)

    def get(self, key):
        return self.s3.get_object(Bucket=self.name, Key=key)["Body"].read().decode("utf-8")


class Folder:
    """The same in a local folder that was passed to the server as --import-dir."""

    def __init__(self, path):
        self.path = pathlib.Path(path).resolve()

    def uri(self, key):
        return f"file://{self.path / key}"

    def put(self, key, text):
        (self.path / key).parent.mkdir(parents=True, exist_ok=True)
        (self.path / key).write_text(text, encoding="utf-8")
        return self.uri(key)

    def get(self, key):
        return (self.path / key).read_text(encoding="utf-8")


class Retail:
    """One run: the resources it has created, whose names begin with `name`, and the steps in order."""

    def __init__(self, server, report, store, name):
        self.server, self.report, self.store, self.name = server, report, store, name
        self.personalize, self.runtime = server.personalize, server.runtime
        self.products = {p["product_id"]: p for p in shop.products()}
        self.recommenders = {}

    def recommend(self, user=None, count=10, recommender=None, **more):
        where = {"recommenderArn": recommender} if recommender else {"campaignArn": self.campaign_arn}
        if user:
            where["userId"] = user
        answer = self.runtime.get_recommendations(numResults=count, **where, **more)
        return [item["itemId"] for item in answer["itemList"]]

    def show(self, who, items, count=3):
        self.report.say(f"{who}: " + " · ".join(self.products[i]["title"] if i in self.products else i for i in items[:count]))

    def data(self):
        self.report.step("Dataset group, schemas, data")
        self.group_arn = shop.ensure_group(self.personalize, self.name)
        for kind, text in (("Items", shop.items_csv()), ("Users", shop.users_csv()), ("Interactions", shop.interactions_csv())):
            dataset_arn = shop.ensure_dataset(self.personalize, self.group_arn, self.name, kind)
            location = self.store.put(f"{self.name}/{kind.lower()}.csv", text)
            job = shop.import_file(self.personalize, dataset_arn, f"{self.name}-{kind.lower()}", location)
            self.report.check(job["status"] == "ACTIVE", f"{kind} imported from {location}")

    def training(self):
        self.report.step("Solution and training")
        self.solution_arn = self.personalize.create_solution(
            name=self.name, datasetGroupArn=self.group_arn,
            recipeArn="arn:aws:personalize:::recipe/aws-user-personalization")["solutionArn"]
        shop.wait_active(self.personalize.describe_solution, "solution", solutionArn=self.solution_arn)
        version = shop.train(self.personalize, self.solution_arn)
        self.version_arn = version["solutionVersionArn"]
        self.report.check("trainingHours" in version, f"trained in {version.get('trainingHours', 0) * 3600:.1f} s")
        metrics = self.personalize.get_solution_metrics(solutionVersionArn=self.version_arn)["metrics"]
        for name in METRICS:
            self.report.check(0 <= metrics.get(name, -1) <= 1, f"{name} {metrics.get(name, float('nan')):.4f}")
        self.report.check(metrics.get("normalized_discounted_cumulative_gain_at_10", 0) > .01, "better than chance")

    def campaign(self):
        self.report.step("Campaign, real-time call")
        self.campaign_arn = self.personalize.create_campaign(
            name=self.name, solutionVersionArn=self.version_arn, minProvisionedTPS=1,
            campaignConfig={"itemExplorationConfig": {"explorationWeight": "0", "explorationItemAgeCutOff": "30"}})["campaignArn"]
        shop.wait_active(self.personalize.describe_campaign, "campaign", campaignArn=self.campaign_arn)
        for user, style in STYLE_OF.items():
            started = time.perf_counter()
            items = self.recommend(user)
            spent = (time.perf_counter() - started) * 1000
            self.show(f"{user} ({spent:.1f} ms)", items)
            mine = sum(self.products[i]["style"] == style for i in items)
            self.report.check(mine >= 6, f"most items are {style}", f"{mine} of 10")
        self.report.check(self.recommend("user_street") == self.recommend("user_street"), "equal answers without exploration")
        for user, who in (("user_491", "a new customer with known attributes"), ("nobody_knows_me", "an unknown customer")):
            items = self.recommend(user)
            self.show(user, items)
            self.report.check(len(items) == 10, f"{who} gets recommendations")

    def domain_recommenders(self):
        self.report.step("Domain recommenders")
        for recipe in RECOMMENDERS:
            name = f"{self.name}-{recipe.removeprefix('aws-ecomm-')}"
            arn = self.personalize.create_recommender(name=name, datasetGroupArn=self.group_arn,
                                                      recipeArn=f"arn:aws:personalize:::recipe/{recipe}")["recommenderArn"]
            shop.wait_active(self.personalize.describe_recommender, "recommender", recommenderArn=arn)
            self.recommenders[recipe] = arn
            more = {"itemId": "item_456"} if "x-also" in recipe or "together" in recipe else {}
            items = self.recommend("user_123", recommender=arn, **more)
            self.show(recipe, items)
            self.report.check(bool(items), f"{recipe} answers")
            if more:
                near = sum(self.products[i]["category_l1"] in ("오디오", "디지털 액세서리") for i in items[:5])
                self.report.check(near >= 3 and "item_456" not in items, "most items go with earphones", f"{near} of 5")

    def events(self):
        self.report.step("Events change the very next answer")
        tracker = self.personalize.create_event_tracker(name=self.name, datasetGroupArn=self.group_arn)
        shop.wait_active(self.personalize.describe_event_tracker, "eventTracker", eventTrackerArn=tracker["eventTrackerArn"])
        user, camping = "user_492", [i for i, p in self.products.items() if p["category"] in ("캠핑>텐트", "캠핑>침낭")]
        before = self.recommend(user)
        now = int(time.time())
        self.server.events.put_events(trackingId=tracker["trackingId"], userId=user, sessionId="first-visit", eventList=[
            {"sentAt": now + n, "eventType": "View", "itemId": item} for n, item in enumerate(camping[:6])])
        after = self.recommend(user)
        self.show("before", before)
        self.show("after ", after)

        def camp(items):
            return sum(self.products[i]["category_l1"] in ("캠핑", "아웃도어") for i in items)

        self.report.check(before != after, "the answer has changed")
        self.report.check(camp(after) > camp(before), "it has more camping items", f"{camp(before)} -> {camp(after)}")

    def filters(self):
        self.report.step("Filters")
        made = {}
        for name, expression in (("category", "INCLUDE ItemID WHERE Items.CATEGORY_L1 IN ($CATEGORY)"),
                                 ("bought", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Purchase")')):
            made[name] = self.personalize.create_filter(name=f"{self.name}-{name}", datasetGroupArn=self.group_arn,
                                                        filterExpression=expression)["filterArn"]
            shop.wait_active(self.personalize.describe_filter, "filter", filterArn=made[name])
        items = self.recommend("user_street", filterArn=made["category"], filterValues={"CATEGORY": '"캠핑","오디오"'})
        self.show("only camping and audio", items)
        kinds = {self.products[i]["category_l1"] for i in items}
        self.report.check(bool(items) and kinds <= {"캠핑", "오디오"}, "only items that the filter allows", ", ".join(kinds))
        bought = {row.split(",")[1] for row in shop.interactions_csv().splitlines()
                  if row.startswith("user_street,") and ",Purchase," in row}
        items = self.recommend("user_street", count=50, filterArn=made["bought"])
        self.report.check(bool(items) and not bought & set(items), "no item that was already bought")

    def batch(self):
        self.report.step("Batch inference")
        people = ["user_street", "user_minimal", "user_42"]
        source = self.store.put(f"{self.name}/batch/people.json", "".join(json.dumps({"userId": u}) + "\n" for u in people))
        arn = self.personalize.create_batch_inference_job(
            jobName=f"{self.name}-batch", solutionVersionArn=self.version_arn, numResults=10, roleArn=shop.ROLE,
            jobInput={"s3DataSource": {"path": source}},
            jobOutput={"s3DataDestination": {"path": self.store.uri(f"{self.name}/batch/out/")}})["batchInferenceJobArn"]
        shop.wait_active(self.personalize.describe_batch_inference_job, "batchInferenceJob", batchInferenceJobArn=arn)
        lines = [json.loads(line) for line in self.store.get(f"{self.name}/batch/out/people.json.out").splitlines()]
        self.report.check([line["input"]["userId"] for line in lines] == people, "one line per person, in order")
        for line in lines:
            items = line["output"]["recommendedItems"]
            self.show(line["input"]["userId"], items)
            self.report.check(len(items) == 10 and not line.get("error"), "ten items")

    def cleanup(self):
        self.report.step("Clean-up, children first")
        remove(self.personalize, self.name)
        try:
            self.personalize.describe_dataset_group(datasetGroupArn=self.group_arn)
            self.report.check(False, "the dataset group is gone")
        except ClientError as error:
            code = error.response["Error"]["Code"]
            self.report.check(code == "ResourceNotFoundException", "the dataset group is gone", code)


def remove(personalize, name):
    """Deletes the dataset group `name`, everything in it and its schemas. Does nothing if there is none."""
    group = shop.named(shop.pages(personalize.list_dataset_groups, "datasetGroups"), name)
    if group:
        inside = {"datasetGroupArn": group["datasetGroupArn"]}
        for solution in list(shop.pages(personalize.list_solutions, "solutions", **inside)):
            arn = solution["solutionArn"]
            for campaign in list(shop.pages(personalize.list_campaigns, "campaigns", solutionArn=arn)):
                personalize.delete_campaign(campaignArn=campaign["campaignArn"])
            personalize.delete_solution(solutionArn=arn)
        for recommender in list(shop.pages(personalize.list_recommenders, "recommenders", **inside)):
            personalize.delete_recommender(recommenderArn=recommender["recommenderArn"])
        for entry in list(shop.pages(personalize.list_filters, "Filters", **inside)):
            personalize.delete_filter(filterArn=entry["filterArn"])
        for tracker in list(shop.pages(personalize.list_event_trackers, "eventTrackers", **inside)):
            personalize.delete_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])
        for dataset in list(shop.pages(personalize.list_datasets, "datasets", **inside)):
            personalize.delete_dataset(datasetArn=dataset["datasetArn"])
        personalize.delete_dataset_group(**inside)
    for schema in list(shop.pages(personalize.list_schemas, "schemas")):
        if schema["name"].startswith(f"{name}-"):
            personalize.delete_schema(schemaArn=schema["schemaArn"])


def main():
    parser = shop.arguments(__doc__.splitlines()[0], import_dir=False)
    parser.add_argument("--name", default="retail", help="name of all resources that are created (default: %(default)s)")
    parser.add_argument("--bucket", default="trine-retail", help="S3 bucket, created if missing (default: %(default)s)")
    parser.add_argument("--folder", help="a folder instead of S3, passed to the server as --import-dir")
    parser.add_argument("--keep", action="store_true", help="keep all resources at the end")
    args = parser.parse_args()
    s3 = os.environ.get("AWS_ENDPOINT_URL_S3")
    if not args.folder and not s3:
        parser.error("no S3 endpoint: set AWS_ENDPOINT_URL_S3 (also for the server), or pass --folder DIR")
    server, report = shop.Server(args.endpoint), shop.Report()
    store = Folder(args.folder) if args.folder else Bucket(args.bucket, s3)
    remove(server.personalize, args.name)  # resources of an interrupted run
    retail = Retail(server, report, store, args.name)
    for step in (retail.data, retail.training, retail.campaign, retail.domain_recommenders, retail.events, retail.filters,
                 retail.batch):
        step()
    if not args.keep:
        retail.cleanup()
    return report.exit_code()


if __name__ == "__main__":
    shop.run(main)
