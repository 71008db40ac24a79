"""Data directories of earlier releases open, and give the answers that the release gave that wrote them."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "examples" / "programs"), str(pathlib.Path(__file__).parent)]
import local_server  # noqa: E402
import checked_requests as checked  # noqa: E402
import make_dates  # noqa: E402

ARCHIVES = sorted((ROOT / "test/data/directories").glob("*.tar.gz"))


@pytest.fixture(scope="session")
def binary():
    path = pathlib.Path(os.environ.get("TRINE_BINARY", ROOT / "build" / "release" / "trine"))
    assert path.exists(), f"{path} does not exist: build it first (./dev build) or name it in TRINE_BINARY"
    return path


def unpack(archive, folder):
    with tarfile.open(archive) as packed:
        packed.extractall(folder)
    return folder / "data"


def name_of(archive):
    return archive.name.removesuffix(".tar.gz")


def test_a_sample_of_each_release_is_kept():
    assert "0.1.0" in [name_of(archive) for archive in ARCHIVES]


def without_gone(answer):
    """The answer without members that later releases no longer send: 0.1.0 listed solution versions with an empty name, which the service
    model of Personalize does not have."""
    if "/personalize/ListSolutionVersions " in answer["request"]:
        for version in answer["body"]["solutionVersions"]:
            version.pop("name", None)
    return answer


def holds(now, before):
    """Whether `now` has every value of `before`; a later release may add members to objects."""
    if isinstance(before, dict):
        return isinstance(now, dict) and all(key in now and holds(now[key], value) for key, value in before.items())
    if isinstance(before, list):
        return isinstance(now, list) and len(now) == len(before) and all(map(holds, now, before))
    return now == before


@pytest.mark.parametrize("archive", ARCHIVES, ids=name_of)
def test_answers_match_the_release_that_wrote_the_directory(archive, binary, tmp_path):
    data = unpack(archive, tmp_path)
    expected = json.loads(archive.with_name(name_of(archive) + ".json").read_text(encoding="utf-8"))
    for attempt in ("first start", "second start"):
        server = local_server.LocalServer(binary, data, log=tmp_path / f"{attempt}.log")
        try:
            found = checked.answers(server.url)
        finally:
            code = server.stop()
        assert code == 0, server.words()[-2000:]
        for before, now in zip(expected, found, strict=True):
            assert now["request"] == before["request"]
            assert holds(now, without_gone(before)), f"{attempt}: {before['request']}: {now} instead of {before}"


@pytest.mark.parametrize("archive", ARCHIVES, ids=name_of)
def test_check_reports_no_damage(archive, binary, tmp_path):
    data = unpack(archive, tmp_path)
    done = subprocess.run([binary, "check", "--data-dir", str(data)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


VALUES = sorted((ROOT / "test/data/directories/values").glob("*.tar.gz"))


@pytest.mark.parametrize("archive", VALUES, ids=name_of)
def test_values_of_earlier_releases_are_exact_and_found(archive, binary, tmp_path):
    """Segments of format version 01 hold rounded numbers, and 0.1.0 accepted documents that are refused today."""
    data = unpack(archive, tmp_path)
    magics = {path.read_bytes()[:8] for path in (data / "index").rglob("*.seg")}
    assert len(magics) == 1, "the sample has segments of one format"
    for attempt in ("first start", "second start"):
        server = local_server.LocalServer(binary, data, log=tmp_path / f"{attempt}.log")

        def found(query, sort=None):
            body = {"query": query, **({"sort": sort} if sort else {})}
            status, answer = checked.send(server.url, "POST", "/old/_search", body)
            assert status == 200, answer
            return [hit["_id"] for hit in answer["hits"]["hits"]]

        try:
            assert found({"term": {"big": 18446744073709551614}}) == ["0"]
            assert found({"term": {"big": 18446744073709551615}}) == ["1"]
            assert found({"range": {"big": {"gt": 9223372036854775808, "lt": 18446744073709551615}}}, ["big"]) == ["4", "0"]
            assert found({"exists": {"field": "big"}}, [{"big": "desc"}]) == ["1", "0", "4", "6"]
            for tag, ids in (("named", ["3"]), ("deleted", []), ("second", ["2"]), ("fourth", ["7"])):
                assert found({"term": {"tag": tag}}) == ids, tag
            for number in ("2", "3", "7"):
                assert checked.send(server.url, "GET", f"/old/_doc/{number}", None)[1]["found"]
            status, health = checked.send(server.url, "GET", "/_trine/health", None)
            assert status == 200 and health["status"] == "ok", health
        finally:
            code = server.stop()
        assert code == 0, server.words()[-2000:]
    assert not magics & {path.read_bytes()[:8] for path in (data / "index").rglob("*.seg")}, "the index was built again"


DATES = sorted((ROOT / "test/data/directories/dates").glob("*.tar.gz"))


@pytest.mark.parametrize("archive", DATES, ids=name_of)
def test_dates_that_an_earlier_release_accepted_are_kept(archive, binary, tmp_path):
    """No document is lost when its index is built again, at a start and by `trine rebuild`, and its dates are found as before."""
    data = unpack(archive, tmp_path)
    expected = json.loads(archive.with_name(name_of(archive) + ".json").read_text(encoding="utf-8"))
    for attempt in ("first start", "second start", "after a rebuild", "after a salvage"):
        if attempt.startswith("after"):
            options = ["--salvage"] if attempt == "after a salvage" else []
            done = subprocess.run([binary, "rebuild", *options, "--data-dir", str(data)], capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stdout + done.stderr
        server = local_server.LocalServer(binary, data, log=tmp_path / f"{attempt}.log")
        try:
            assert make_dates.answers(server.url) == expected, attempt
            assert checked.send(server.url, "GET", "/dates/_doc/late", None)[1]["_source"]["added"] == "no date at all"
            assert checked.send(server.url, "GET", "/_trine/health", None)[1]["status"] == "ok"
            status, _ = checked.send(server.url, "PUT", "/dates/_doc/new", {"standard": "2024-05-01T24:00"})
            assert status == 400, "new documents are read as OpenSearch reads them"
            if attempt == "first start":
                assert '1 values of 1 stored documents do not fit the mapping' in server.output(), server.output()
        finally:
            code = server.stop()
        assert code == 0, server.words()[-2000:]


def test_reports_a_directory_of_a_newer_version(binary, tmp_path):
    data = unpack(ARCHIVES[0], tmp_path)
    (data / "format").write_text("trine data directory 99\n", encoding="utf-8")
    before = sorted(path.name for path in data.rglob("*"))
    done = subprocess.run([binary, "check", "--data-dir", str(data)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "99" in done.stderr and "corrupt" not in done.stderr.lower(), done.stderr
    assert sorted(path.name for path in data.rglob("*")) == before, "the program must leave such a directory unchanged"
    shutil.rmtree(data)
