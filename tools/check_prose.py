#!/usr/bin/env python3
"""Fails when the prose of the repository carries the mechanical marks of unclear English.

    tools/check_prose.py [ROOT]            checks everything; exit status 1 when a limit is exceeded
    tools/check_prose.py --list [ROOT]     also prints each fused opening, which is otherwise only counted
    tools/check_prose.py --self-test       runs the checker on its own good and bad lines

Read: comments and string literals of C++, Python, shell, CMake and YAML files, and Markdown outside code blocks.
String literals are not searched for fused openings, because few of them are sentences. Text without Latin letters is skipped.

Marks, and what is allowed:
  fused opening   a clause that opens with a fused relative clause or a bare negation ("What names nothing ...",
                  "Who asks ...", "Of one document."): at most 1 % of all clauses
  is no           "X is no option" for "X is not an option": none
  the original    without the name of the product: none
  per             "a" for "per" after a plural ("threads a class"): none
  replaced        a word that GLOSSARY.md lists under "Words that are not used": none
"""
import io
import pathlib
import re
import subprocess
import sys
import tokenize

MAX_FUSED_SHARE = 0.01

FUSED = re.compile(
    r"^(?i:what|who|whom|whose|whoever|whatever|whichever|of what|of which|of whom|of (?:one|each|a|an|the|every|both)\b|"
    r"nothing|nobody|none|no one|not an?\b|as much as|as many as|the how|how (?:many|much|often|far|long)\b|to whom|by what|"
    r"by which|from which|where (?:it|they|one) (?:is|are|lies?|stands?)\b)\b")
COMPARATIVES = ("longer|more|less|fewer|larger|smaller|greater|bigger|later|earlier|older|newer|worse|better|higher|lower|"
                "slower|faster|deeper|wider|shorter|different|such|further|way|need|matter")
IS_NO = re.compile(rf"(?<!there )(?<!There )\b(?:is|are|was|were|be) no (?!(?:{COMPARATIVES})\b)(?=[A-Za-z0-9])|"
                   r"\b(?:is|are|was|were) no more\b(?! than)")
ORIGINAL_NOUNS = ("text|order|string|question|document|offsets?|values?|files?|positions?|requests?|bytes|query|tokens?|"
                  "message|error|paper|algorithm|sentence|spelling|characters?|input|fields?|path|name|case|Porter|"
                  "source|body|list|image|word|words|form|data|index|column|row|rows|ids?|scores?|vectors?|definition")
ORIGINAL = re.compile(rf"\b[Tt]he originals?\b(?:'s)?(?! (?:{ORIGINAL_NOUNS})\b)")
UNITS = ("class|core|row|file|line|second|minute|hour|day|week|month|year|call|request|query|document|term|segment|floor|"
         "folder|field|item|person|user|shop|kind|block|list|word|group|collection|thread|event|process|session|question|"
         "target|clause|page|entry|column|test|process|bucket|pair|step|stage|batch|shard|node|client|key|answer|round")
PER = re.compile(rf"\b(?:[a-z]{{2,}}(?<!s)s|[Oo]ne(?: (?!(?:is|of|to|in|behind|for|at|with|on|from|by|as)\b)[a-z]+){{0,3}}|\d+ (?!(?:is|of|to|in|for|at|with|on|from|by|as)\b)[a-z]+) an? (?:{UNITS})(?=$|[.,;:)]| (?:and|in|of|at|by|or|with)\b)")
# Verbs and other words before "a UNIT" that are not a plural noun.
NOT_PLURALS = set("""is was has does as its this makes adds takes gives reads writes returns holds keeps names opens closes
 starts ends stops finds runs sends needs uses gets sets lets means becomes contains matches follows begins removes deletes
 creates builds moves shows prints tests checks counts asks leaves loses loads stores saves puts ignores hits misses costs
 fits fills skips turns changes updates rejects accepts refuses answers describes stands belongs owns fails replaces
 represents across less unless always perhaps besides yields sees marks includes locks covers splits visits exists joins meets stays demands
 identifies indexes releases represents requests requires resolves passes parses precedes carries copies drops enters
 flushes merges points reaches receives registers repeats reports scores searches seals selects tells tries wraps
 appends assigns reflects lacks consumes crosses decides defines deserves destroys encodes ensures equals evaluates exceeds expects
 explains exports extends finishes forces frees gains grows handles happens hides imports invalidates involves kills
 knows lists logs looks maps measures mentions modifies notifies occupies outlives overwrites plans predicts prefers
 produces proves publishes queries raises records refers rejects rereads rewrites rolls satisfies says serves signs sorts
 spans spells supports switches terminates throws touches tracks trains treats types unlocks validates verifies wants
 afterwards towards previous various process press access""".split())

Finding = tuple  # (path, line, mark, text)


def replaced_words(root):
    """Pairs (word, replacement) from the table in GLOSSARY.md under "Words that are not used"."""
    path = root / "GLOSSARY.md"
    if not path.exists():
        return []
    _, _, section = path.read_text(encoding="utf-8").partition("## Words that are not used")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", section.partition("\n## ")[0], re.M)
    return [(old.strip(), new.strip()) for old, new in rows if not set(old) <= set("- ") and old.strip() != "instead of"]


def comments_of_cpp(text):
    """Yields (line, text) for each run of comment lines and (line, text, True) for each string literal."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.S)
    run, run_line, last_line = [], 0, -2
    for match in token.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        found = match.group(0)
        if found.startswith("//"):
            body = found.lstrip("/").strip()
            whole_line = text[text.rfind("\n", 0, match.start()) + 1:match.start()].strip() == ""
            if whole_line and line == last_line + 1 and run:
                run.append(body)
            else:
                if run:
                    yield run_line, " ".join(run), False
                run, run_line = [body], line
            last_line = line
            if not whole_line:  # a trailing comment stands alone unless the next line continues it
                last_line = line
        elif found.startswith("/*"):
            yield line, re.sub(r"\s*\n\s*\*?\s*", " ", found[2:-2]).strip(), False
        elif found.startswith('"') and len(found) > 4:
            yield line, found[1:-1], True
    if run:
        yield run_line, " ".join(run), False


def comments_of_python(text):
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return
    for token in tokens:
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("#! ").strip(), False
        elif token.type == tokenize.STRING:
            text = token.string.lstrip("rbfRBFuU")
            yield token.start[0], text.strip("\"'"), not text.startswith('"""')


def comments_of_hash(text):
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            if not line.startswith("#!"):
                yield number, line.lstrip().lstrip("#").strip(), False
        else:
            for literal in re.findall(r'"([^"$]{8,})', line):
                yield number, literal, True


def prose_of_markdown(text):
    fenced, paragraph, start = False, [], 0
    for number, line in enumerate(text.splitlines() + [""], 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
            continue
        plain = not fenced and not line.startswith("    ")
        item = re.match(r"\s*(?:[-*]|\d+\.)\s+(.*)", line) if plain else None
        if plain and line.startswith("|"):
            for cell in line.strip("|").split("|"):
                if not set(cell) <= set("-: "):
                    yield number, cell.strip(), False
            continue
        if (item or not plain or not line.strip() or line.startswith("#")) and paragraph:
            yield start, " ".join(paragraph), False
            paragraph = []
        if plain and line.strip():
            if line.startswith("#"):
                yield number, line.lstrip("# "), False
                continue
            if not paragraph:
                start = number
            paragraph.append(item.group(1) if item else line.strip())


READERS = {".h": comments_of_cpp, ".cc": comments_of_cpp, ".py": comments_of_python, ".md": prose_of_markdown,
           ".sh": comments_of_hash, ".cmake": comments_of_hash, ".yml": comments_of_hash, ".txt": comments_of_hash}


def clauses(text):
    """Sentences and parts of sentences after a semicolon or colon, without code in backticks."""
    text = re.sub(r"`[^`]*`", "X", text)
    return [c.strip() for c in re.split(r"(?<=[.;:!?])\s+", text) if re.search(r"[A-Za-z]{2}", c)]


def plural_before(match):
    first = re.match(r"(?:\d+ )?([A-Za-z]+)", match.group(0)).group(1)
    return first not in NOT_PLURALS


def check_text(path, line, text, is_literal, replaced):
    """Yields findings; a fused opening is a finding that the caller counts against its limit."""
    found = []
    if not re.search(r"[A-Za-z]{2}", text):
        return found, 0
    parts = clauses(text)
    if not is_literal:
        found += [(path, line, "fused opening", part) for part in parts if FUSED.match(part) and len(part.split()) > 2 and not part.endswith("?")]
    plain = re.sub(r"`[^`]*`", "X", text)
    found += [(path, line, "is no", plain[max(0, m.start() - 30):m.end() + 30]) for m in IS_NO.finditer(plain)]
    found += [(path, line, "the original", plain[max(0, m.start() - 20):m.end() + 30]) for m in ORIGINAL.finditer(plain)]
    if not is_literal:
        found += [(path, line, "per", m.group(0)) for m in PER.finditer(plain) if plural_before(m)]
    for old, new in replaced:
        if re.search(rf"\b{re.escape(old)}\b", plain):
            found.append((path, line, "replaced", f'"{old}": write {new}'))
    return found, 0 if is_literal else len(parts)


def tracked(root):
    try:
        names = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"], check=True,
                               capture_output=True, text=True).stdout.splitlines()
    except (subprocess.CalledProcessError, FileNotFoundError):
        names = []
    if not names:  # a source archive, outside git or in an ignored folder of another repository
        names = [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()
                 and not {"build", ".git", "node_modules", "trine-data"} & set(p.relative_to(root).parts)]
    return [n for n in names if (root / n).suffix in READERS or n == "dev"]


def excluded(name):
    return (name in ("tools/check_prose.py", "LICENSE") or name.startswith(("test/fuzz/corpus/", "test/data/"))
            or name.endswith("requirements.txt"))


def check(root):
    replaced = replaced_words(root)
    findings, count = [], 0
    for name in sorted(tracked(root)):
        path = root / name
        if excluded(name) or not path.exists():
            continue
        reader = READERS.get(path.suffix, comments_of_hash)
        glossary = name == "GLOSSARY.md"
        text = path.read_text(encoding="utf-8", errors="replace")
        if glossary:
            text = text.partition("## Words that are not used")[0]
        for line, words, literal in reader(text):
            found, parts = check_text(name, line, words, literal, replaced)
            findings += found
            count += parts
    return findings, count


GOOD = [
    "Returns the number of live rows.", "There is no network.", "A key is no longer than 512 bytes.",
    "The original order of the rows is kept.", "What happens if fsync fails?", "Two threads per request class.",
    "Takes a file and returns a line.", "The store has a row for each event.", "Lucene stops here; so does this.",
]
BAD = {
    "fused opening": ["What names nothing is answered by popularity.", "Keeps rows; Of one document.", "Nobody waits for it.",
                      "Who named a file wins."],
    "is no": ["'prot' is no option of doctor", "this is no S3 location", "the person is no more"],
    "the original": ["as the original does", "the original's http.max_content_length"],
    "per": ["threads a class of requests", "one static library a floor,", "Two lines an entry."],
}


def self_test():
    problems = [f"good line was reported as {mark}: {text}" for text in GOOD
                for _, _, mark, _ in check_text("x", 1, text, False, [])[0]]
    for mark, lines in BAD.items():
        problems += [f"bad line was not reported as {mark}: {text}" for text in lines
                     if mark not in [found[2] for found in check_text("x", 1, text, False, [])[0]]]
    if not check_text("x", 1, "the asker waits", False, [("asker", "user")])[0]:
        problems.append("a replaced word was not reported")
    parts = list(comments_of_cpp('int a;  // one\n// two\n// three\nf("a string of words");\n'))
    if [p[1] for p in parts] != ["one two three", "a string of words"] and [p[1] for p in parts] != ["a string of words", "one two three"]:
        problems.append(f"C++ comments were split wrongly: {parts}")
    for problem in problems:
        print(problem)
    print(f"self-test: {len(GOOD) + sum(map(len, BAD.values())) + 2} lines, {len(problems)} problems")
    return 1 if problems else 0


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("-")]
    if "--self-test" in sys.argv:
        return self_test()
    root = pathlib.Path(arguments[0] if arguments else ".").resolve()
    findings, count = check(root)
    fused = [f for f in findings if f[2] == "fused opening"]
    hard = [f for f in findings if f[2] != "fused opening"]
    share = len(fused) / max(count, 1)
    too_many = share > MAX_FUSED_SHARE
    for path, line, mark, text in hard + (fused if too_many or "--list" in sys.argv else []):
        print(f"{path}:{line}: {mark}: {text[:110]}")
    print(f"{count} clauses, {len(fused)} fused openings ({100 * share:.2f} %, limit {100 * MAX_FUSED_SHARE:.0f} %), "
          f"{len(hard)} other marks")
    return self_test() or (1 if hard or too_many or count == 0 else 0)


if __name__ == "__main__":
    sys.exit(main())
