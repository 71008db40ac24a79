#!/usr/bin/env python3
"""Search, recommendation and language together, as in an application that uses all three.

    python3 examples/programs/triangle.py [--endpoint URL]

Loads the shop if it is missing. Then it sends an event, re-ranks a search for a person, runs a
three-stage hybrid search, and asks the language model for an answer based on the person's
recommendations. Every check is printed; the exit code is 1 when one fails.
"""

import json
import re
import time

import shop

RERANK_ARN = "arn:aws:personalize:us-east-1:123456789:campaign/my-rerank-campaign"
CAMPAIGN_ARN = "arn:aws:personalize:ap-northeast-2:123456789012:campaign/my-campaign"
CLAUDE = "anthropic.claude-3-sonnet-20240229-v1:0"
EARPHONES, CABLES, CHAIRS = "오디오>무선 이어폰", "디지털 액세서리>충전 케이블", "캠핑>체어"


def rerank_processor(weight):
    return {"personalized_search_ranking": {
        "campaign_arn": RERANK_ARN, "item_id_field": "product_id", "recipe": "aws-personalized-ranking", "weight": weight,
        "iam_role_arn": "arn:aws:iam::123456789:role/PersonalizeOpenSearchRole", "tag": "personalize_rerank"}}


HYBRID_PIPELINE = {
    "description": "Hybrid search + Personalize re-ranking",
    "phase_results_processors": [{"normalization-processor": {
        "normalization": {"technique": "min_max"},
        "combination": {"technique": "arithmetic_mean", "parameters": {"weights": [0.4, 0.6]}}}}],
    "response_processors": [rerank_processor(0.3)],
}


def send_event(server, report):
    report.step("A real-time event")
    answer = server.events.put_events(
        trackingId="YOUR_TRACKING_ID", userId="user_123", sessionId="session_abc",
        eventList=[{"sentAt": int(time.time()), "eventType": "click", "itemId": "item_456"}])
    report.check(answer["ResponseMetadata"]["HTTPStatusCode"] == 200, "user_123 clicked item_456")


def search_as(server, user, pipeline, query, size=10):
    answer = server.search.search(index=shop.INDEX, body={"query": query, "size": size, "_source": {"excludes": ["embedding"]}},
                                  params={"search_pipeline": pipeline, "ext.personalize.user_id": user})
    return answer["hits"]["hits"]


def rerank_search(server, report):
    report.step('"무선 이어폰", re-ranked for three people')
    server.search.http.put("/_search/pipeline/personalize-pipeline", body={
        "description": "Personalize re-ranking pipeline", "response_processors": [rerank_processor(0.3)]})
    orders = {}
    for user in ("user_42", "user_123", "user_200"):
        hits = search_as(server, user, "personalize-pipeline", {"match": {"title": "무선 이어폰"}})
        orders[user] = tuple(hit["_id"] for hit in hits)
        report.say(f"{user}: " + " · ".join(hit["_source"]["title"] for hit in hits[:3]))
        report.check(len(hits) == 10, f"{user} gets a full page", f"{len(hits)} hits")
        report.check(bool(hits) and hits[0]["_source"]["category"] == EARPHONES, f"earphones are first for {user}")
        report.check(all(hit["_source"]["category"] != CABLES for hit in hits), f"no charging cable for {user}")
    report.check(len(set(orders.values())) > 1, "the orders differ between people")
    plain = server.search.search(index=shop.INDEX, body={"query": {"match": {"title": "무선 이어폰"}}})["hits"]["hits"]
    report.check(tuple(hit["_id"] for hit in plain) != orders["user_123"], "user_123 gets another order than an anonymous search")


def hybrid_query(server, text):
    return {"hybrid": {"queries": [
        {"multi_match": {"query": text, "fields": ["title^2", "description", "category"]}},
        {"knn": {"embedding": {"vector": shop.embed(server.bedrock, text), "k": 50}}}]}}


def hybrid_search(server, report, user, text):
    report.step(f'Three stages: "{text}" for {user}')
    server.search.http.put("/_search/pipeline/hybrid-personalize-pipeline", body=HYBRID_PIPELINE)
    hits = search_as(server, user, "hybrid-personalize-pipeline", hybrid_query(server, text))
    for hit in hits[:5]:
        report.say(f"{hit['_score']:.4f}  {hit['_source']['title']} ({hit['_source']['weight_g']} g)")
    chairs = [hit for hit in hits[:5] if hit["_source"]["category"] == CHAIRS]
    report.check(len(chairs) >= 3, "most of the first five are camping chairs", f"{len(chairs)} of 5")
    scores = [hit["_score"] for hit in hits]
    report.check(scores == sorted(scores, reverse=True), "scores are in descending order")
    return [hit["_id"] for hit in hits]


def rank_candidates(server, report, user, candidates):
    report.step(f"The same candidates, ranked by the campaign for {user}")
    answer = server.runtime.get_personalized_ranking(campaignArn=RERANK_ARN, userId=user, inputList=candidates)
    ranked = answer["personalizedRanking"]
    report.say(" > ".join(item["itemId"] for item in ranked))
    report.check(sorted(i["itemId"] for i in ranked) == sorted(candidates), "the same items as were sent")
    report.check(abs(sum(i.get("score", 0) for i in ranked) - 1) < 1e-3, "scores sum to 1")


def get_item_meta(server, item_id):
    source = server.search.get(index=shop.INDEX, id=item_id, params={"_source_excludes": "embedding"})["_source"]
    return f"{source['title']} ({source['category']}, {source['style']}, {source['price']:,}원)"


def answer_question(server, report, user, question, style):
    report.step(f'"{question}" answered for {user}')
    recommended = server.runtime.get_recommendations(campaignArn=CAMPAIGN_ARN, userId=user, numResults=5)
    items = [item["itemId"] for item in recommended["itemList"]]
    meta = {item: get_item_meta(server, item) for item in items}
    context = "\n".join(f"- {item}: {meta[item]}" for item in items)
    prompt = f"""아래는 사용자가 최근 관심을 보인 상품 목록입니다:
{context}

참고 문서:
{{rag_retrieved_docs}}

사용자의 질문: "{question}"
위 정보를 바탕으로, 사용자 취향에 맞는 코디를 추천해 주세요."""
    body = json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 512,
                       "messages": [{"role": "user", "content": prompt}]})
    response = server.bedrock.invoke_model(modelId=CLAUDE, body=body)
    answer = json.loads(response["body"].read())["content"][0]["text"]
    for line in context.splitlines() + ["", *answer.splitlines()]:
        report.say(line)
    titles = [text.split(" (")[0] for text in meta.values()]
    report.check(len(items) == 5, "five recommendations", f"{len(items)}")
    report.check(any(i in answer for i in items) or any(t in answer for t in titles), "the answer names a recommended item")
    strangers = set(re.findall(r"item_\d+", answer)) - set(items)
    report.check(not strangers, "the answer names no other item", ", ".join(sorted(strangers)))
    if style:
        mine = sum(f", {style}," in text for text in meta.values())
        report.check(mine >= 3, f"most recommendations are {style}", f"{mine} of 5")
    return items, answer


def main():
    args = shop.arguments(__doc__.splitlines()[0]).parse_args()
    server, report = shop.Server(args.endpoint), shop.Report()
    report.step("Sample shop")
    shop.prepare(server, args.import_dir, say=report.say)
    send_event(server, report)
    rerank_search(server, report)
    candidates = hybrid_search(server, report, "user_42", "요즘 캠핑 갈 때 쓸 가벼운 체어 없어?")
    rank_candidates(server, report, "user_42", candidates)
    question = "이번 주말 뭐 입을까요?"
    answer_question(server, report, "user_42", question, style=None)
    street = answer_question(server, report, "user_street", question, style="스트리트")
    minimal = answer_question(server, report, "user_minimal", question, style="미니멀")
    report.step("Two people, one question")
    shared = set(street[0]) & set(minimal[0])
    report.check(len(shared) <= 1, "different items", f"{len(shared)} shared")
    report.check(street[1] != minimal[1], "different answers")
    return report.exit_code()


if __name__ == "__main__":
    shop.run(main)
