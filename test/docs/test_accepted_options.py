"""docs/accepted-options.tsv lists every setting, parameter and option that a parser accepts, and what shows its effect.

The walker finds in the sources what the parsers accept: the readers refuse a member that was never read, so the calls that read a member by name are
its declarations; URL parameters, settings, shapes and command line options are declared in tables. A name that is not in the file fails, and so does
a line of the file that no parser accepts, or one that names a test that does not exist or does not mention the option.
"""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "accepted-options.tsv"
NO_EFFECT = "accepted for compatibility, no effect"
UNTESTED = "effect not covered by a test"
MAX_UNTESTED = 17  # never raise it: a new option comes with its test

# A call that reads a member of an object or an option by its name. `call` reads URL parameters, which the routes declare.
READS = re.compile(r"\b(?!call\.)\w+(?:\.|->)(?:Text|Texts|Flag|Number|Int|Uint|Bool|Choice|Raw|Has|List|Take|Only|Object|Ignore|Parameter|Need|OptionalText)"
                   r"\(\s*\"([A-Za-z_][\w.-]*)\"")
COMPARES = re.compile(r"\bkey == \"([A-Za-z_][\w.-]*)\"")
IDLE = re.compile(r"(?:Idle\(\{|for \(const char\* idle :\s*\{)([^}]*)\}")
FINDS = re.compile(r"\b(?:body|config|parameters)\.Find\(\"([A-Za-z_]\w*)\"\)")
COMMAND_LINE = re.compile(r"add_(?:option|flag)(?:_function|_callback)?(?:<[^>]*>)?\(\s*\"(?:-\w,)?(--[\w-]+)")
SHAPE_MEMBER = re.compile(r"\{\"(\w+)\",\s*&k")
QUOTED = re.compile(r"\"([^\"]+)\"")


def source(path):
    return (ROOT / path).read_text(encoding="utf-8")


def files(folder):
    return [p for p in sorted((ROOT / folder).glob("*.cc")) if not p.name.endswith("_test.cc") and p.name != "body_reader.cc"]


def read_members(place, folder, finds=False):
    for path in files(folder):
        text = path.read_text(encoding="utf-8")
        for pattern in (READS, COMPARES) + ((FINDS,) if finds else ()):
            for name in pattern.findall(text):
                yield place, name
        for names in IDLE.findall(text):
            for name in QUOTED.findall(names):
                yield place, name


def url_parameters():
    """The parameters of the routes of the OpenSearch API, and those that every route has."""
    text = source("src/api/opensearch/routes.cc").split("constexpr std::pair<std::string_view, std::string_view> kNotBuilt")[0]
    constants = re.findall(r"constexpr std::string_view k\w+ =\s*((?:\"[^\"]*\"\s*)+);", text)
    inline = re.findall(r"\{\"[A-Z|]+\", \"/[^\"]*\", \w+, k\w+,\s*((?:\"[^\"]*\"\s*)+)\}", text)
    common = re.search(r"kCommon = \{([^}]*)\}", source("src/api/opensearch/router.cc")).group(1)
    for group in constants + inline:
        for name in "".join(QUOTED.findall(group)).split():
            yield "OpenSearch URL", name
    for name in QUOTED.findall(common):
        yield "OpenSearch URL", name


def settings():
    table = re.search(r"kKnown\[\] = \{(.*?)\n\};", source("src/api/opensearch/json/settings_json.cc"), re.DOTALL).group(1)
    for name in re.findall(r"\{\"(index\.[^\"]+)\"", table):
        yield "OpenSearch setting", name


def accepted():
    found = set(url_parameters()) | set(settings())
    for folder in ("json", "handlers", "request"):
        found |= set(read_members("OpenSearch body", f"src/api/opensearch/{folder}"))
    found |= set(read_members("analysis", "src/analysis")) | set(read_members("analysis", "src/analysis/locale"))
    found |= set(read_members("native", "src/api/native"))
    found |= set(read_members("Bedrock", "src/api/bedrock", finds=True))
    found |= {("Personalize", name) for name in SHAPE_MEMBER.findall(source("src/api/personalize/operation_table.cc"))}
    for path in files("src/cli"):
        found |= {("command line", name) for name in COMMAND_LINE.findall(path.read_text(encoding="utf-8"))}
    return found


def rows():
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        parts = line.split("\t")
        assert len(parts) == 3, f"{TABLE.name}:{number} has {len(parts)} columns"
        yield number, *parts


ROWS = list(rows()) if TABLE.exists() else []
LISTED = {(place, name) for _, place, name, _ in ROWS}


def test_walker_finds_parsers():
    places = {place for place, _ in accepted()}
    assert places == {"OpenSearch URL", "OpenSearch setting", "OpenSearch body", "analysis", "native", "Bedrock", "Personalize", "command line"}
    assert {("OpenSearch URL", "track_total_hits"), ("OpenSearch setting", "index.hidden"), ("OpenSearch body", "minimum_should_match"),
            ("analysis", "max_gram"), ("native", "question"), ("Bedrock", "max_tokens"), ("Personalize", "solutionConfig"),
            ("command line", "--port")} <= accepted()


def test_every_accepted_option_is_listed_once():
    assert len(LISTED) == len(ROWS), "a line occurs twice"
    missing = sorted(accepted() - LISTED)
    assert not missing, f"add to {TABLE.name} what shows the effect of these options, or {NO_EFFECT!r}: {missing}"
    gone = sorted(LISTED - accepted())
    assert not gone, f"no parser accepts these lines of {TABLE.name}: {gone}"


def test_few_effects_are_not_covered():
    assert sum(test.startswith(UNTESTED) for *_, test in ROWS) <= MAX_UNTESTED


@pytest.mark.parametrize("number,place,name,test", ROWS, ids=[f"{place}:{name}" for _, place, name, _ in ROWS])
def test_effect_of_every_option_has_a_test(number, place, name, test):
    if test.startswith((NO_EFFECT, UNTESTED)):
        return
    path, _, case = test.partition("#")
    assert (ROOT / path).is_file(), f"{TABLE.name}:{number}: no test file {path}"
    text = source(path)
    if case:
        group, _, title = case.rpartition(".")
        exists = re.search(rf"\(\s*{re.escape(group)},\s*{re.escape(title)}\)", text) if group else f"def {case}(" in text
        assert exists, f"{TABLE.name}:{number}: no test {case} in {path}"
    else:
        word = name.rstrip("*").rstrip(".")
        short = word.removeprefix("index.")
        assert word in text or short in text or short.rpartition(".")[2] in text, f"{TABLE.name}:{number}: {path} does not mention {name}"
