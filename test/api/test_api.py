"""API behaviour as text files: each *.txt beside this file is a conversation with one server, a sequence of requests and answers.

    # A comment.
    > PUT /movies?refresh=true
    > Content-Type: text/plain
    {"a body": "of any number of lines"}
    < 200
    {"the": "whole answer", "with": "<...> for any text"}

A request ends at its '<' line, an answer at the next '>' or '#' line or at an empty line. A _bulk body ends with a newline, which the line
"> (no final newline)" removes; other bodies do not. TRINE_REWRITE=1 writes the answers of the server into the files, except where the
expected answer already matches; then review the diff.
"""

import os
import pathlib
import re

import pytest

HERE = pathlib.Path(__file__).resolve().parent
REWRITE = os.environ.get("TRINE_REWRITE") == "1"
ANY = "<...>"
# Values that differ between runs; used only when expected answers are rewritten.
VOLATILE = [(re.compile(pattern), text) for pattern, text in (
    (r'("took" ?: ?)\d+', r"\1<...>"), (r'("_scroll_id":)"[^"]+"', r'\1"<...>"'), (r'("(?:uuid|index_uuid)":)"(?!_na_)[^"]+"', r'\1"<...>"'),
    (r'("(?:index\.)?creation_date":)"\d+"', r'\1"<...>"'), (r'("index\.uuid":)"[^"]+"', r'\1"<...>"'),
    (r'("_id":)"[A-Za-z0-9_-]{20}"', r'\1"<...>"'), (r'("active_(?:primary_)?shards":)\d+', r"\1<...>"), (r"(index \[[^/\]]+)/[^\]]+\]", r"\1/<...>]"), (r"(\[\[[a-z0-9-]+)/[^\]]+\]\]", r"\1/<...>]]"))]


class Exchange:
    def __init__(self, line):
        self.line = line  # line number of the request, from 1
        self.method = self.target = None
        self.headers, self.body = {}, []
        self.final_newline = True
        self.status, self.answer = None, []

    def payload(self):
        if not self.body:
            return None
        text = "\n".join(self.body)
        return text + "\n" if "_bulk" in self.target and self.final_newline else text


def parse(text):
    """The file as a list of text lines and Exchanges, in order."""
    parts, current = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("> ") and (current is None or current.status is not None):
            current = Exchange(number)
            parts.append(current)
            current.method, _, current.target = line[2:].partition(" ")
        elif line.startswith("> "):
            if line == "> (no final newline)":
                current.final_newline = False
            else:
                name, _, value = line[2:].partition(": ")
                current.headers[name] = value
        elif line.startswith("< ") and current is not None:
            current.status = int(line[2:])
        elif line.startswith("#") or (not line and (current is None or current.status is not None)):
            parts.append(line)
            current = None
        elif current is None:
            raise ValueError(f"line {number} is not part of a request: {line}")
        elif current.status is None:
            current.body.append(line)
        else:
            current.answer.append(line)
    return parts


def matches(expected, got):
    pattern = ".*?".join(re.escape(piece) for piece in expected.split(ANY))
    return re.fullmatch(pattern, got, re.DOTALL) is not None


def render(parts):
    lines = []
    for part in parts:
        if isinstance(part, str):
            lines.append(part)
            continue
        lines.append(f"> {part.method} {part.target}")
        lines += [f"> {name}: {value}" for name, value in part.headers.items()]
        lines += [] if part.final_newline else ["> (no final newline)"]
        lines += part.body + [f"< {part.status}"] + part.answer
    return "\n".join(lines) + "\n"


def written_anew(text):
    for pattern, replacement in VOLATILE:
        text = pattern.sub(replacement, text)
    return text.splitlines()


FILES = sorted(HERE.glob("*.txt"))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_conversation(connection, file):
    parts = parse(file.read_text(encoding="utf-8"))
    wrong = []
    for exchange in parts:
        if isinstance(exchange, str):
            continue
        status, headers, body = connection.request(exchange.method, exchange.target, exchange.payload(), exchange.headers)
        assert status < 500, f"{file.name}:{exchange.line}: {status} {body[:500]}"
        if exchange.method == "HEAD":
            assert headers.get("Content-Type", headers.get("content-type", "")).startswith("application/json")
        body = body.rstrip("\n")
        if status == exchange.status and matches("\n".join(exchange.answer), body):
            continue
        if REWRITE:
            exchange.status, exchange.answer = status, written_anew(body)
        else:
            wrong.append(f"{file.name}:{exchange.line}: {exchange.method} {exchange.target}\n  expected {exchange.status} "
                         + "\n".join(exchange.answer) + f"\n  got      {status} {body}")
    if REWRITE:
        file.write_text(render(parts), encoding="utf-8")
    assert not wrong, "\n" + "\n".join(wrong)


def test_finds_conversation_files():
    assert len(FILES) >= 12
