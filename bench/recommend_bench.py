"""The benchmarks `startup`, `retail`, `rerank`, `ask` and `event`: users, events, trained models and questions."""

import contextlib
import json
import random
import subprocess
import time

import data_sets
import load
import search_bench

SHOP = load.ROOT / "examples" / "shop"
MAP = ["--map", "USER_ID=CustomerID", "--map", "ITEM_ID=StockCode", "--map", "TIMESTAMP=InvoiceDate", "--set", "EVENT_TYPE=Purchase"]


def trine(context, *arguments):
    done = subprocess.run([str(context.binary), *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"trine {' '.join(arguments)}: {done.stderr[-500:]}")
    return done.stdout


def starts(context, folder, first_request):
    """Starts a server several times on an existing data directory. Returns the median milliseconds of the start and of the first
    recommendation, which has to load the counters."""
    times, own, firsts = [], [], []
    for _ in range(context.rounds(5)):
        with load.serving(context.binary, folder, [SHOP]) as server:
            times.append(server.start_ms)
            own.append(server.ready_ms)
            api = load.Api(server.url)
            began = time.monotonic()
            api.call("POST", *first_request)
            firsts.append((time.monotonic() - began) * 1000)
    middle = len(times) // 2
    return {"start_ms": round(sorted(times)[middle]), "ready_ms": sorted(own)[middle], "first_recommendation_ms": round(sorted(firsts)[middle], 1)}


@contextlib.contextmanager
def shop(context):
    with load.temporary_folder() as folder:
        with load.serving(context.binary, folder, [SHOP]) as server:
            subprocess.run([context.python, str(load.ROOT / "examples/programs/demo_setup.py"), "--endpoint", server.url], check=True, stdout=subprocess.DEVNULL)
        yield folder


def import_retail(context, folder, share, url):
    rows, people = data_sets.online_retail(share, folder / "retail.csv")
    began = time.monotonic()
    trine(context, "import", str(folder / "retail.csv"), "--group", "retail", *MAP, "--url", url, "--reject-file", str(folder / "rejected.csv"))
    imported = time.monotonic() - began
    began = time.monotonic()
    trine(context, "train", "--solution", "for-you", "--group", "retail", "--campaign", "for-you", "--url", url)
    trained = time.monotonic() - began
    return rows, people, imported, trained


def startup(context):
    results = {}
    with shop(context) as folder:
        request = ("/recommendations", {"campaignArn": load.ARN + "campaign/my-campaign", "userId": "user_42"})
        results["shop"] = starts(context, folder, request)
    for share in (.1, 1.0):
        with load.temporary_folder() as folder:
            with load.serving(context.binary, folder) as server:
                rows, people, _, _ = import_retail(context, folder, share, server.url)
            request = ("/recommendations", {"campaignArn": load.ARN + "campaign/for-you", "userId": people[0]})
            results[f"online-retail, {rows} rows"] = starts(context, folder, request)
    context.record("startup", "examples/shop; online-retail, 10 % of the people and all", "none: a fresh process each", results)


def retail(context):
    results = {}
    for share in (.1, 1.0):
        with load.temporary_folder() as folder, load.serving(context.binary, folder) as server:
            rows, people, imported, trained = import_retail(context, folder, share, server.url)
            body = {"campaignArn": load.ARN + "campaign/for-you", "numResults": 25}
            requests = load.write_requests(folder / "r.txt", [("POST", "/recommendations", {**body, "userId": user}) for user in people[:2000]])
            load.run_wrk(server.url, requests, context.seconds(2))
            one, eight = load.run_wrk(server.url, requests, context.seconds(5)), load.run_wrk(server.url, requests, context.seconds(5), 8)
            results[f"{rows} rows, {len(people)} people"] = {
                "import_seconds": round(imported, 2), "rows_a_second": round(rows / imported), "training_seconds": round(trained, 2),
                "recommend_us": load.median([one]), "recommend_us_8_connections": load.median([eight]), "rss_mb": load.memory_mb(server.pid)[0]}
    context.record("retail", "online-retail, 10 % of the people and all; 25 items for a person, microseconds over HTTP", "2 s", results)


def title_shop(context, folder, server, share, people=2000, events_each=20):
    """Indexes product titles, binds the index to a dataset group and sends synthetic events: every user views products of three brands."""
    rows = data_sets.titles(share)
    search_bench.fill(server.url, "titles", search_bench.bulk_bodies(rows))
    api = load.Api(server.url)
    group = api.control("CreateDatasetGroup", {"name": "titles"})["datasetGroupArn"]
    api.wait("DescribeDatasetGroup", "datasetGroup", group)
    api.call("PUT", "/_trine/bindings/titles", {"dataset_group_arn": "titles"})
    by_brand = {}
    for name, title in rows:
        by_brand.setdefault(title.split()[0], []).append(name)
    brands = sorted((brand for brand, names in by_brand.items() if len(names) >= 5), key=lambda b: -len(by_brand[b]))
    rng, events = random.Random(1), []
    for person in range(people):
        preferred = rng.sample(brands[:60], 3)
        for n in range(events_each):
            events.append({"user_id": f"u{person}", "item_id": rng.choice(by_brand[rng.choice(preferred)]), "event_type": "View", "timestamp": 1764000000 + person + 1000 * n})
    for begin in range(0, len(events), 5000):
        api.call("POST", "/_trine/events", {"dataset_group": "titles", "events": events[begin:begin + 5000]})
    solution = api.control("CreateSolution", {"name": "ranking", "datasetGroupArn": group, "recipeArn": "arn:aws:personalize:::recipe/aws-personalized-ranking-v2"})["solutionArn"]
    version = api.control("CreateSolutionVersion", {"solutionArn": solution})["solutionVersionArn"]
    api.wait("DescribeSolutionVersion", "solutionVersion", version)
    api.wait("DescribeCampaign", "campaign", api.control("CreateCampaign", {"name": "ranking", "solutionVersionArn": version, "minProvisionedTPS": 1})["campaignArn"])
    began = time.monotonic()
    api.call("POST", "/_trine/prepare", {"index": "titles"})
    return rows, time.monotonic() - began


def ask(context):
    results = {}
    for share in (.1, 1.0):
        with load.temporary_folder() as folder, load.serving(context.binary, folder) as server:
            rows, prepared = title_shop(context, folder, server, share)
            body = {"index": "titles", "size": 5}
            requests = [("POST", "/_trine/ask", {**body, "question": text, "user_id": f"u{n % 2000}"}) for n, text in enumerate(data_sets.queries())]
            path = load.write_requests(folder / "ask.txt", requests)
            load.run_wrk(server.url, path, context.seconds(3))
            one, four = load.median([load.run_wrk(server.url, path, context.seconds(10))]), load.median([load.run_wrk(server.url, path, context.seconds(5), 4)])
            # A question that contains no word of the catalogue: every item is scored for the user.
            open_path = load.write_requests(folder / "open.txt", [("POST", "/_trine/ask", {**body, "question": "what do you recommend for me?", "user_id": f"u{n}"}) for n in range(2000)])
            load.run_wrk(server.url, open_path, context.seconds(2))
            opened = load.median([load.run_wrk(server.url, open_path, context.seconds(5))])
            stages = {}
            api = load.Api(server.url)
            for _, target, sent in requests[:200]:
                for stage in api.call("POST", target, sent)["stages"]:
                    stages.setdefault(stage["name"], []).append(stage["ms"])
            results[f"{len(rows)} titles"] = {"ask_us": one, "ask_us_4_connections": four, "open_question_us": opened, "prepare_seconds": round(prepared, 1), "rss_mb": load.memory_mb(server.pid)[0],
                                              "stage_ms_middle": {name: round(sorted(times)[len(times) // 2], 3) for name, times in stages.items()}}
    context.record("ask", "home-improvement titles, 10 % and all; 40,000 synthetic events of 2,000 users; 2,000 shoppers' queries, microseconds over HTTP", "3 s", results)


def rerank(context):
    results = {}
    for share in (.1, 1.0):
        with load.temporary_folder() as folder, load.serving(context.binary, folder) as server:
            rows, _ = title_shop(context, folder, server, share)
            rng = random.Random(2)
            body = {"campaignArn": load.ARN + "campaign/ranking"}
            requests = [("POST", "/personalize-ranking", {**body, "userId": f"u{n}", "inputList": [row[0] for row in rng.sample(rows, 200)]}) for n in range(1000)]
            path = load.write_requests(folder / "rank.txt", requests)
            load.run_wrk(server.url, path, context.seconds(2))
            results[f"{len(rows)} items"] = {"rank_200_us": load.median([load.run_wrk(server.url, path, context.seconds(5))])}
    context.record("rerank", "home-improvement titles as items, 10 % and all; 200 candidates of one person, whole call over HTTP, microseconds", "2 s", results)


def event(context):
    """Sends an event and then a request. Checks that the answer already reflects the event, and measures both."""
    with shop(context) as folder, load.serving(context.binary, folder, [SHOP]) as server:
        api = load.Api(server.url)
        items = [json.loads(line)["product_id"] for line in open(SHOP / "products.ndjson", encoding="utf-8")]
        query = {"campaignArn": load.ARN + "campaign/my-campaign", "numResults": 25}
        changed, event_ms, answer_ms = 0, [], []
        for n in range(100):
            user = f"newcomer{n}"
            before = [item["itemId"] for item in api.call("POST", "/recommendations", {**query, "userId": user})["itemList"]]
            began = time.monotonic()
            api.call("POST", "/events", {"trackingId": "YOUR_TRACKING_ID", "userId": user, "sessionId": user, "eventList": [
                {"eventType": "Purchase", "itemId": items[n * 3], "sentAt": int(time.time())}]})
            acknowledged = time.monotonic()
            after = [item["itemId"] for item in api.call("POST", "/recommendations", {**query, "userId": user})["itemList"]]
            answer_ms.append((time.monotonic() - acknowledged) * 1000)
            event_ms.append((acknowledged - began) * 1000)
            changed += before != after
        results = {"changed_at_the_very_next_request": f"{changed} of 100", "event_ms": round(sorted(event_ms)[50], 2), "event_ms_p99": round(sorted(event_ms)[98], 2),
                   "next_answer_ms": round(sorted(answer_ms)[50], 2)}
    context.record("event", "examples/shop; 100 people with one purchase each; from Python, milliseconds, one fsync per event", "none", results)
