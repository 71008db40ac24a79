#!/usr/bin/env python3
"""Asks one question as three people and prints the answers side by side, with reasons and score contributions.

    python3 examples/programs/three_people.py [--question TEXT] [--users A,B,C]
"""

import json
import shutil

import columns
import shop

QUESTION = "이번 주말 뭐 입을까요?"
PEOPLE = "user_street,user_minimal,user_42"
EXPECTED_STYLE = {"user_street": "스트리트", "user_minimal": "미니멀"}
WORDS = {
    "ko": {"search": "검색", "taste": "취향", "popularity": "인기", "exploration": "탐색", "rule": "규칙", "rank": "검색 {}위",
           "none": "검색 결과에 없음", "won": "{:,}원", "why": "추천 이유", "moved": "순위에 준 영향", "weight": "취향 반영 비중 {:.2f}"},
    "en": {"search": "search", "taste": "taste", "popularity": "popularity", "exploration": "exploration", "rule": "rule",
           "rank": "search rank {}", "none": "not found by search", "won": "{:,} won", "why": "why", "moved": "score",
           "weight": "weight of taste {:.2f}"},
}


def ask(server, question, user, size):
    return server.search.http.post("/_trine/ask", body={"question": question, "user_id": user, "index": shop.INDEX, "size": size})


def who(server, user):
    """Describes the person: attributes from the shop's file, and the taste that was planted."""
    rows = {row.split(",")[0]: row.split(",") for row in shop.users_csv().splitlines()[1:]}
    if user not in rows:
        return user
    taste = "+".join(shop.truth()["people"].get(user, []))
    return f"{user} ({rows[user][1]}, {rows[user][2]}, {rows[user][3]}; {taste})"


def moves_line(ledger, words):
    """Formats an item's ranks and score contributions: '검색 3위 -> 1 · 취향 +0.31 · 검색 +0.22'."""
    before = ledger.get("fused") or {}
    start = words["rank"].format(before["rank"]) if before.get("rank") else words["none"]
    parts = [f"{start} -> {ledger['final']['rank']}"]
    for move in sorted(ledger.get("moves", []), key=lambda m: -abs(m["amount"])):
        if abs(move["amount"]) >= .005:
            parts.append(f"{words.get(move['by'], move['by'])} {move['amount']:+.2f}")
    return " · ".join(parts)


def item_text(number, item, words, korean):
    source = item["source"]
    title = source.get("title" if korean else "title_en") or source.get("title") or item["item_id"]
    lines = [f"{number}. {title} {words['won'].format(source['price']) if 'price' in source else ''}"]
    if item.get("reason", {}).get("text"):
        lines.append(f"{words['why']}: {item['reason']['text']}")
    lines.append(f"{words['moved']}: {moves_line(item['ledger'], words)}")
    return "\n".join(lines)


def show(server, users, answers, korean):
    words, total = WORDS["ko" if korean else "en"], max(60, shutil.get_terminal_size((132, 40)).columns)
    rule = "-" * total
    print(columns.side_by_side([who(server, user) for user in users], total))
    print(rule)
    print(columns.side_by_side([answer["answer"]["text"] for answer in answers], total))
    for n in range(max(len(answer["items"]) for answer in answers)):
        print(rule)
        print(columns.side_by_side([item_text(n + 1, answer["items"][n], words, korean) if n < len(answer["items"]) else ""
                                    for answer in answers], total))
    print(rule)
    print(columns.side_by_side([f"{words['weight'].format(a['weight']['value'])}: {a['weight'].get('why', '')}" for a in answers], total))
    print(columns.side_by_side([stages_line(answer) for answer in answers], total))


def stages_line(answer):
    stages = " ".join(f"{s['name']} {s['ms']:.1f}" + ("" if s["status"] == "ok" else f" ({s['status']})") for s in answer["stages"])
    return f"{answer['took_ms']} ms: {stages}"


def check(question, users, answers):
    """Checks that hold for any question and people, and those for the default question."""
    report = shop.Report(quiet=True)
    lists = {tuple(item["item_id"] for item in answer["items"]) for answer in answers}
    report.check(len(lists) == len(set(users)), "different people get different lists")
    report.check(all(a["items"] and a["answer"]["text"] and a["answer"].get("grounded") for a in answers), "every answer is grounded")
    for user, answer in zip(users, answers):
        for item in answer["items"]:
            total = sum(move["amount"] for move in item["ledger"]["moves"])
            report.check(abs(total - item["ledger"]["final"]["score"]) < 1e-3, f"{user}: the contributions to {item['item_id']} add up",
                         f"{total:.4f} instead of {item['ledger']['final']['score']:.4f}")
        if question == QUESTION and user in EXPECTED_STYLE:
            mine = sum(item["source"].get("style") == EXPECTED_STYLE[user] for item in answer["items"])
            report.check(mine > len(answer["items"]) / 2, f"{user}: most items are {EXPECTED_STYLE[user]}", f"{mine} of {len(answer['items'])}")
    return report


def next_steps(server):
    region = server.personalize.meta.region_name
    body = json.dumps({"question": "요즘 캠핑 갈 때 쓸 가벼운 체어 없어?", "user_id": "user_42", "index": shop.INDEX}, ensure_ascii=False)
    print(f"""
Next steps

  curl -s -H 'content-type: application/json' {server.endpoint}/_trine/ask -d '{body}'
  trine ask "무선 이어폰" --user user_200 --index {shop.INDEX} --url {server.endpoint}

  export AWS_ENDPOINT_URL={server.endpoint} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION={region}
  python3 -c 'import boto3; print(boto3.client("personalize-runtime").get_recommendations(
      campaignArn="arn:aws:personalize:{region}:123456789012:campaign/my-campaign", userId="user_123", numResults=3)["itemList"])'

  python3 examples/programs/three_people.py --question "a warm jacket under 150,000 won" --users user_42,user_minimal,user_491
  python3 examples/programs/triangle.py       search, recommendation and language in one program""")


def main():
    parser = shop.arguments(__doc__.splitlines()[0], import_dir=False)
    parser.add_argument("--question", default=QUESTION)
    parser.add_argument("--users", default=PEOPLE, help="comma-separated user ids (default: %(default)s)")
    parser.add_argument("--size", type=int, default=4, help="items per answer (default: %(default)s)")
    args = parser.parse_args()
    server, users = shop.Server(args.endpoint), args.users.split(",")
    answers = [ask(server, args.question, user, args.size) for user in users]
    korean = any("가" <= char <= "힣" for char in args.question)
    print(f"\n\"{args.question}\"\n")
    show(server, users, answers, korean)
    next_steps(server)
    return check(args.question, users, answers).exit_code()


if __name__ == "__main__":
    shop.run(main)
