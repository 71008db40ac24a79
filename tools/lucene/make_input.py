#!/usr/bin/env python3
"""Writes lucene_docs.tsv and lucene_queries.txt into the given folder. The seed is fixed, so the output is always the same."""
import pathlib
import random
import sys

WORDS = """chair camping light folding tent red blue green table lamp lantern stove cup steel wood cotton jacket rain
shoes trail running bottle water large small outdoor indoor garden kitchen knife board bag pack travel winter summer
blanket warm cool ice box rope hammock pillow sleep mat grill coal fire torch sun shade umbrella hat gloves socks
wool linen the for with and of""".split()
TAGS = ["camping", "kitchen", "garden", "clothing", "travel"]
rng = random.Random(20261125)


def word():
    """Returns a random word: words early in the list are common, later ones rare."""
    return WORDS[min(int(rng.expovariate(1 / 12)), len(WORDS) - 1)]


def documents():
    for n in range(220):
        segment = 0 if n < 90 else 1 if n < 150 else 2 if n < 205 else 3
        length = rng.choice([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 20, 39, 40, 41, 60, 130])
        title = " ".join(word() for _ in range(length))
        if n % 17 == 5:
            title = "camping chair " + title + " camping chair"
        if n in (33, 34, 35, 120):
            title = "light camping chair red"  # duplicates: equal scores
        if n % 41 == 7:
            title = ""
        state = "deleted" if n % 13 == 4 else "live"
        tag = "" if n % 29 == 3 else rng.choice(TAGS)
        yield f"{segment}\t{state}\td{n}\t{tag}\t{title}"


def positions(count):
    """Returns `count` positions of one word each, or sometimes of two different words."""
    found = []
    for _ in range(count):
        first, second = word(), word()
        found.append(f"{first}|{second}" if rng.random() < 0.15 and first != second else first)
    return " ".join(found)


def leaf():
    kind = rng.choice(["term", "term", "match", "match", "and", "least", "phrase", "tag", "prefix", "all"])
    if kind == "term":
        return f"(term title {word()})"
    if kind == "match":
        return f"(match or title {positions(rng.randint(1, 5))})"
    if kind == "and":
        return f"(match and title {positions(rng.randint(1, 3))})"
    if kind == "least":
        return f"(least {rng.randint(1, 3)} title {positions(rng.randint(3, 5))})"
    if kind == "phrase":
        return f"(phrase title {rng.choice([0, 0, 1, 2, 5, 20])} {positions(rng.randint(2, 3))})"
    if kind == "tag":
        return f"(term tag {rng.choice(TAGS)})"
    if kind == "prefix":
        return f"(prefix title {word()[:2]})"
    return "(all)"


def query(depth):
    kind = rng.choice(["leaf", "bool", "bool", "bool", "dismax", "const", "boost"]) if depth > 0 else "leaf"
    if kind == "leaf":
        return leaf()
    if kind == "dismax":
        inner = " ".join(query(depth - 1) for _ in range(rng.randint(1, 3)))
        return f"(dismax {rng.choice(['0.0', '0.3', '1.0'])} {inner})"
    if kind == "const":
        return f"(const {query(depth - 1)})"
    if kind == "boost":
        return f"(boost {rng.choice(['2.0', '0.5', '3.3', '1.7'])} {query(depth - 1)})"
    parts = [rng.choice("+??#-") + query(depth - 1) for _ in range(rng.randint(1, 4))]
    shoulds = sum(p[0] == "?" for p in parts)
    if shoulds > 0 and rng.random() < 0.3:
        parts.append(f"~{rng.randint(1, shoulds)}")
    return f"(bool {' '.join(parts)})"


FIXED = """
(term title chair)
(term title camping)
(term tag camping)
(match or title camping chair)
(match and title camping chair)
(match or title camping camping chair)
(match or title chair|table light)
(phrase title 0 camping chair)
(phrase title 2 camping chair)
(phrase title 3 chair camping)
(phrase title 0 camping chair|tent)
(phrase title 4 camping camping)
(phrase title 6 camping chair camping)
(phrase title 5 light|camping chair|camping)
(least 2 title camping chair light folding)
(boost 2.0 (term title chair))
(bool +(term title chair) #(term tag camping))
(bool +(term title chair) ?(term title red) ?(term title blue))
(bool ?(match or title camping chair) ?(match or title red tent))
(bool ?(boost 1.5 (match or title camping chair)) ?(match or title red tent))
(bool +(all) #(term title chair))
(bool #(term title chair))
(bool #(term title chair) ?(term title red))
(bool -(term title chair))
(bool +(match or title camping chair) #(term tag camping) -(term title red))
(bool ?(term title chair) ?(term title chair) ?(term title chair))
(bool ?(boost 2.0 (term title chair)) ?(boost 3.3 (term title chair)))
(dismax 0.0 (term title chair) (term title camping))
(dismax 0.3 (term title chair) (term title camping) (term tag camping))
(dismax 1.0 (match or title chair light) (term title camping))
(const (match or title chair camping))
(prefix title ca)
(all)
(bool ?(term title nothing))
(match and title chair nothing)
""".strip().splitlines()


def main():
    folder = pathlib.Path(sys.argv[1])
    (folder / "lucene_docs.tsv").write_text("\n".join(documents()) + "\n")
    queries = FIXED + [query(rng.choice([0, 1, 2, 2, 3])) for _ in range(260)]
    (folder / "lucene_queries.txt").write_text("\n".join(queries) + "\n")


main()
