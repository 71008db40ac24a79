"""Documents and header comments are true: the files, types, members and libraries that they name exist."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED_FOLDERS = {"build", ".git", "node_modules", "trine-data"}
EXTENSIONS = r"(?:cc|h|py|md|txt|cmake|json|ndjson|csv|tsv|sh|java|xml|jsonl|mjs|lua|gz)"
BACKTICKS = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
PATH = re.compile(rf"^[A-Za-z0-9_.\-/]+(?:\.{EXTENSIONS}|/)$")
NAME = re.compile(r"^~?[A-Z][A-Za-z0-9]+(?:::[A-Za-z0-9_~]+)*$|^[a-z_]+(?:::[A-Za-z0-9_]+)+$")
MADE_LATER = {"build/", "facts/", "models/", "index/", "derived/", "scratch/"}  # by building or serving
# Files of a data directory or of a training, and files that examples of commands make up.
NO_FILES = {"model.bin", "metrics.json", "spec.json"}


def walk():
    todo = [ROOT]
    while todo:
        folder = todo.pop()
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                if path.name not in SKIPPED_FOLDERS:
                    todo.append(path)
            else:
                yield path


FILES = sorted(walk())
NAMES = {path.name for path in FILES}
DOCUMENTS = [path for path in FILES if path.suffix == ".md"]
GUIDES = [ROOT / name for name in ("README.md", "README.ko.md", "ARCHITECTURE.md", "HACKING.md", "STYLE.md", "docs/api.md")]
SOURCES = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in FILES
                    if path.suffix in (".cc", ".h") and (ROOT / "src") in path.parents)
WORDS = set(re.findall(r"\w+", SOURCES))


def label(path):
    return str(path.relative_to(ROOT))


def prose(path):
    """The document without its indented blocks, which are examples of commands and answers."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("    "))


def exists(document, name):
    if name in MADE_LATER or name in NO_FILES or name.startswith(("build/", "_", "/", "../")):
        return True
    if any((base / name).exists() for base in (ROOT, ROOT / "src", document.parent, ROOT / "test")):
        return True
    # The bare name suffices beside a file that was named with its folder.
    return "/" not in name.rstrip("/") and name in NAMES or any(label(path).endswith("/" + name) for path in FILES)


@pytest.mark.parametrize("document", DOCUMENTS, ids=label)
def test_named_files_exist(document):
    missing = sorted({text for text in BACKTICKS.findall(prose(document))
                      if PATH.match(text) and not exists(document, text)})
    assert not missing, f"{label(document)} names files that do not exist: {', '.join(missing)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=label)
def test_links_have_targets(document):
    missing = [link for link in LINK.findall(document.read_text(encoding="utf-8"))
               if "://" not in link and not (document.parent / link).exists()]
    assert not missing, f"{label(document)} links to files that do not exist: {', '.join(missing)}"


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "GLOSSARY.md"])
def test_guide_names_existing_types(name):
    """Types and functions in backticks are words of the source."""
    document = ROOT / name
    missing = sorted({text for text in BACKTICKS.findall(prose(document)) if NAME.match(text)
                      and not all(part in WORDS for part in text.split("::"))
                      and text not in ("PutEvents", "CreateSolutionVersion", "X-Amz-Target")})
    assert not missing, f"{name} names types that src/ does not define: {', '.join(missing)}"


def test_every_folder_has_a_readme():
    floors = [line.split(":")[0] for line in (ROOT / "cmake/floors.txt").read_text().splitlines()
              if line and not line.startswith("#")]
    folders = [ROOT / "src" / floor for floor in floors] + [ROOT / "src"]
    folders += [ROOT / name for name in ("test", "tools", "bench", "examples")]
    folders += [path for path in (ROOT / "test").iterdir() if path.is_dir() and path.name not in ("data", "__pycache__")]
    missing = [label(folder) for folder in folders if folder.is_dir() and any(folder.iterdir())
               and not (folder / "README.md").is_file()]
    assert not missing, f"folders without README.md: {', '.join(sorted(missing))}"


def test_comments_name_existing_documents():
    missing = set()
    for path in FILES:
        if path.suffix not in (".cc", ".h", ".py") or ROOT / "docs" in path.parents:
            continue
        for name in re.findall(r"\bdocs/[a-z0-9_/\-]+\.md\b", path.read_text(encoding="utf-8", errors="replace")):
            if not (ROOT / name).exists():
                missing.add(f"{name} (named by {label(path)})")
    assert not missing, "documents that do not exist: " + ", ".join(sorted(missing))


def test_native_endpoints_are_described():
    table = (ROOT / "src/api/native/api.cc").read_text(encoding="utf-8")
    endpoints = set(re.findall(r'Endpoint\{"(\w+)"', table)) | {"metrics", "health", "bindings"}
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    assert len(endpoints) > 5, "the table in src/api/native/api.cc was not found"
    missing = [name for name in sorted(endpoints) if f"/_trine/{name}" not in text]
    assert not missing, f"docs/api.md does not describe {', '.join(missing)}"


def test_guides_name_existing_options():
    options = set(re.findall(r'"(--[a-z][a-z\-]+)', (ROOT / "dev").read_text() + "".join(
        path.read_text(encoding="utf-8") for path in FILES if path.parent in (ROOT / "src/cli", ROOT / "tools"))))
    options |= set(re.findall(r"(--[a-z]+)\)", (ROOT / "dev").read_text()))
    options |= {"--once", "--help", "--gtest", "--target"} | {"--preset"}
    wrong = {f"{option} ({guide.name})" for guide in GUIDES if guide.exists()
             for line in guide.read_text(encoding="utf-8").splitlines() if "cmake" not in line
             for option in re.findall(r"(?<![\w-])--[a-z][a-z\-]+", line) if option not in options}
    assert not wrong, "no such option: " + ", ".join(sorted(wrong))


def test_korean_readme_has_the_same_commands():
    """Both languages show the two first commands and the same endpoints."""
    for name in ("README.md", "README.ko.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for needed in ("./dev demo", "./dev test", "/_trine/ask", "/_trine/bindings/", "trine import", "trine train"):
            assert needed in text, f"{name} does not show {needed}"


ERROR_MEMBERS = {"where", "expected", "got", "message", "code"}  # of base/result.h, which any contract may name


def comments_and_code(text):
    """The line comments of a C++ text, and the text without them."""
    comments, code = [], []
    for line in text.splitlines():
        before, mark, after = line.partition("//")
        code.append(before)
        comments.append(after if mark else "")
    return "\n".join(comments), "\n".join(code)


def unknown_names(header):
    """Lower-case names in backticks of a header comment that neither the code of its folder nor the data model defines."""
    comments, _ = comments_and_code(header.read_text(encoding="utf-8"))
    names = set(re.findall(r"`([a-z][a-z0-9_]*)`", comments))
    if not names:
        return set()
    code = "\n".join(comments_and_code(path.read_text(encoding="utf-8"))[1] for path in header.parent.iterdir()
                     if path.suffix in (".h", ".cc") and not path.name.endswith("_test.cc"))
    words = set(re.findall(r"\w+", code))
    families = set(re.findall(r"^\| `([a-z_]+)`", (ROOT / "docs/formats/keys.md").read_text(encoding="utf-8"), re.M))
    floors = {path.name for path in (ROOT / "src").iterdir()}
    return {name for name in names - ERROR_MEMBERS - families - floors if not {name, name + "_"} & words}


def test_header_comments_name_existing_code():
    headers = [path for path in FILES if path.suffix == ".h" and (ROOT / "src") in path.parents]
    assert len(headers) > 200
    wrong = {label(header): sorted(names) for header in headers if (names := unknown_names(header))}
    assert not wrong, f"header comments use names that the code does not define: {wrong}"


def test_header_check_finds_an_unknown_name(tmp_path):
    header = tmp_path / "a.h"
    header.write_text("// `rows` is at least 1; `on_stage` is called.\nvoid F(int rows);\n", encoding="utf-8")
    assert unknown_names(header) == {"on_stage"}


# Part of the compiler and the C library; not a decision.
SYSTEM_LIBRARIES = {"libstdc++", "libm", "libgcc_s", "libc", "libpthread", "libdl", "librt", "ld-linux-x86-64"}


def test_decision_on_libraries_matches_the_binary():
    """Each shared library that the program loads is in decision 0003, and each one listed there is loaded."""
    binary = pathlib.Path(os.environ.get("TRINE_BINARY", ROOT / "build/release/trine"))
    if not binary.exists():
        pytest.skip(f"{binary} is not built")
    dynamic = subprocess.run(["readelf", "-d", str(binary)], check=True, capture_output=True, text=True).stdout
    loaded = {name.split(".so")[0] for name in re.findall(r"\(NEEDED\).*\[(.+?)\]", dynamic)}
    sanitized = any(name.startswith(("libasan", "libtsan", "libubsan", "libgcov")) for name in loaded)
    loaded -= SYSTEM_LIBRARIES
    table = (ROOT / "docs/decisions/0003-libraries.md").read_text(encoding="utf-8")
    listed = {name for cell in re.findall(r"^\|(?:[^|]*\|){3} ([^|]*) \|$", table, re.M) for name in re.findall(r"lib[\w+-]+", cell)}
    assert len(listed) > 10, "the column of library files in decision 0003 was not found"
    if sanitized:
        pytest.skip("a sanitizer build loads other libraries")
    assert loaded == listed, f"only in the binary: {sorted(loaded - listed)}; only in decision 0003: {sorted(listed - loaded)}"


def test_metrics_are_described():
    used = set()
    for path in FILES:
        if path.suffix in (".cc", ".h") and (ROOT / "src") in path.parents and not path.name.endswith("_test.cc"):
            code = comments_and_code(path.read_text(encoding="utf-8"))[1]
            used |= set(re.findall(r'"(trine_[a-z_]+)"', code))
    text = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `(trine_[a-z_]+)`", text, re.M))
    assert len(used) > 8
    assert used == described, f"only in the source: {sorted(used - described)}; only in docs/metrics.md: {sorted(described - used)}"
