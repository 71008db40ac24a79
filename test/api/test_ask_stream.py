"""Answers to questions as server-sent events, over a connection."""

import json
import socket
import urllib.parse

import pytest

PRODUCTS = [("a", "Red Chair", 10), ("b", "Blue Chair", 12), ("c", "Red Lamp", 20)]
QUESTION = {"question": "red chair", "index": "streamed"}


@pytest.fixture(scope="module")
def shop(connection):
    lines = []
    for number, title, price in PRODUCTS:
        lines += [json.dumps({"index": {"_index": "streamed", "_id": number}}), json.dumps({"title": title, "price": price})]
    status, _, _ = connection.request("POST", "/_bulk?refresh=true", "\n".join(lines) + "\n", {"Content-Type": "application/x-ndjson"})
    assert status == 200
    status, _, answer = connection.request("POST", "/_trine/prepare", json.dumps({"index": "streamed"}))
    assert status == 200, answer
    return connection


def events(text):
    """The events of a body, as a browser reads them."""
    assert text.endswith("\n\n")
    found = []
    for message in text[:-2].split("\n\n"):
        event, data = message.split("\n")
        assert event.startswith("event: ") and data.startswith("data: ")
        found.append((event[7:], json.loads(data[6:])))
    return found


def without_times(answer):
    answer = json.loads(json.dumps(answer))
    del answer["took_ms"], answer["recommendation_id"]
    for stage in answer["stages"]:
        del stage["ms"]
    return answer


def test_events_add_up_to_the_answer(shop):
    status, headers, text = shop.request("POST", "/_trine/ask", json.dumps({**QUESTION, "stream": True}))
    assert status == 200
    assert {name.lower(): value for name, value in headers.items()}["content-type"] == "text/event-stream"
    found = events(text)
    names = [name for name, _ in found]
    assert names[:2] == ["intent", "items"] and names[-1] == "done" and set(names[2:-1]) == {"sentence"}
    done = found[-1][1]
    assert "".join(data["text"] for name, data in found if name == "sentence") == done["answer"]["text"]
    assert [one for name, data in found if name == "sentence" for one in data["citations"]] == done["answer"]["citations"]
    assert found[1][1]["items"] == done["items"]
    status, _, whole = shop.request("POST", "/_trine/ask", json.dumps(QUESTION))
    assert without_times(json.loads(whole)) == without_times(done)


def test_the_header_accept_alone_changes_nothing(shop):
    status, headers, text = shop.request("POST", "/_trine/ask", json.dumps(QUESTION), {"Accept": "text/event-stream"})
    assert status == 200
    assert json.loads(text)["answer"]["provider"] == "builtin"


def test_mistakes_are_ordinary_errors(shop):
    for wrong, expected in (({"question": "x", "index": "nowhere", "stream": True}, 404), ({**QUESTION, "stream": "yes"}, 400),
                            ({**QUESTION, "stream": True, "size": 0}, 400)):
        status, _, text = shop.request("POST", "/_trine/ask", json.dumps(wrong))
        assert status == expected and "error" in json.loads(text)


def test_clients_that_leave_do_no_harm(shop, server):
    address = urllib.parse.urlsplit(server.url)
    body = json.dumps({**QUESTION, "stream": True})
    for _ in range(20):
        with socket.create_connection((address.hostname, address.port)) as client:
            client.sendall((f"POST /_trine/ask HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
                            f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
    status, _, _ = shop.request("POST", "/_trine/ask", json.dumps(QUESTION))
    assert status == 200
