#!/usr/bin/env python3
"""Fails when a floor below src/api words an error as OpenSearch, Lucene or AWS do.

Only src/api speaks other people's formats: their exception names, their sentences, their "[name]" brackets
and their ARNs. A lower floor returns an ErrorCode with the values of the case, and each wire words it.
Comments are not checked: they may name the product whose behaviour they follow.
"""
import pathlib
import re
import sys

# Above the wires, or a wire of its own: src/remote/s3 speaks the protocol of S3.
EXEMPT = ("api/", "server/", "cli/", "remote/", "main.cc")

LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
RULES = [
    ("an exception's name", re.compile(r"\b[a-z]+(?:_[a-z]+)*_exception\b|\b[A-Z][A-Za-z]*Exception\b")),
    ("brackets around a value", re.compile(r"[A-Za-z)] \[$|^\](?:[.,;:]? ?[A-Za-z(]|[.:]? $|[.:]$)|(?:^|[A-Za-z] )\[[\w.]+\](?:$|[ ,.:])")),
    ("an ARN", re.compile(r"\barn:aws")),
    ("a sentence of OpenSearch, Lucene or AWS", re.compile(
        r"no such index|failed to create query|[Ff]ailed to parse|For input string|Result window is too large"
        r"|immense term|Current token|START_(?:ARRAY|OBJECT)|Limit of (?:total fields|mapping depth)"
        r"|Mapper for |has been exceeded|No mapping found|Unable to find a field mapper|dynamic introduction of"
        r"|version conflict, |document missing|Invalid (?:index|alias) name|existing mapper"
        r"|all shards failed|Validation Failed|request parameter is missing|Reached end of search result"
        r"|security token included in the request|already exists as alias|no write index is defined")),
]


def without_comments(text):
    """The text with // comments blanked; strings that hold // are kept."""
    def blank(match):
        return match.group(0) if match.group(0)[0] == '"' else ""
    return re.sub(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*', blank, text)


def check_text(path, text):
    if path.startswith(EXEMPT) or path.endswith("_test.cc"):
        return []
    problems = []
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        if line.lstrip().startswith("#include"):
            continue
        for literal in LITERAL.findall(line):
            for what, rule in RULES:
                if rule.search(literal):
                    problems.append(f'src/{path}:{number}: {what} below src/api: "{literal}"')
    return problems


BAD = [
    'return Error(ErrorCode::kInvalid, "no such index");',
    'Fail("mapper_parsing_exception");',
    'type = "ResourceNotFoundException";',
    'log.Error("refresh of [" + name);',
    'text += "] failed: ";',
    'return Bad("option [pattern] is wrong");',
    'out += "arn:aws:personalize";',
    'Fail("a // b", "failed to parse field");',
]
GOOD = [
    'return Error(ErrorCode::kCollectionNotFound, "there is no collection of this name").Where(name);',
    '// OpenSearch says "no such index [x]" here.',
    'out += "["; out += "]"; out += "], ";',
    'constexpr const char* kPattern = "[a-z]+";',
    'std::string_view what = "an unknown exception";',
    '#include "base/no_exception.h"',
]


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    problems, count = [], 0
    for file in sorted((root / "src").rglob("*")):
        if file.suffix in (".h", ".cc"):
            count += 1
            problems += check_text(file.relative_to(root / "src").as_posix(), file.read_text())
    # The check itself must be able to fail, and to pass.
    problems += [f"the checker lets pass: {line}" for line in BAD if not check_text("index/a.cc", line)]
    problems += [f"the checker rejects: {line}" for line in GOOD if check_text("index/a.cc", line)]
    for problem in problems:
        print(problem)
    print(f"{count} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
