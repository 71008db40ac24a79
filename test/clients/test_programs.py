"""The programs of examples/, each run in its own process against one server."""

import json
import os
import subprocess
import sys

import pytest
from conftest import PROGRAMS


@pytest.fixture(scope="module")
def run(server, s3_endpoint):
    """run(program, *arguments, code=0) -> output; the program must end with exit code `code`."""
    def run_program(program, *arguments, code=0):
        env = {**os.environ, "AWS_ENDPOINT_URL": server.url, "AWS_ENDPOINT_URL_S3": s3_endpoint, "COLUMNS": "132"}
        done = subprocess.run([sys.executable, str(PROGRAMS / program), *arguments], env=env, text=True, encoding="utf-8",
                              capture_output=True, timeout=600, check=False)
        assert done.returncode == code, f"{program} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run_program


def state(clients):
    """Everything that the set-up creates, with versions and times. Equal states mean that nothing was changed."""
    from shop import pages
    p = clients.personalize
    groups = list(pages(p.list_dataset_groups, "datasetGroups"))
    found = {"groups": groups, "schemas": list(pages(p.list_schemas, "schemas")), "solutions": list(pages(p.list_solutions, "solutions")),
             "campaigns": list(pages(p.list_campaigns, "campaigns")),
             "imports": list(pages(p.list_dataset_import_jobs, "datasetImportJobs")),
             "trackers": list(pages(p.list_event_trackers, "eventTrackers"))}
    hits = clients.search.search(index="products", body={"size": 400, "version": True, "seq_no_primary_term": True, "_source": False})
    found["documents"] = sorted((h["_id"], h["_version"], h["_seq_no"]) for h in hits["hits"]["hits"])
    return json.loads(json.dumps(found, default=str))


def test_second_setup_changes_nothing(run, clients):
    run("demo_setup.py")
    first = state(clients)
    assert len(first["documents"]) == 400 and len(first["campaigns"]) == 2
    run("demo_setup.py")
    assert state(clients) == first


def test_triangle_program_succeeds(run):
    assert "FAIL" not in run("triangle.py")


def test_triangle_program_succeeds_twice(run):
    """The second run finds the pipelines and events of the first."""
    run("triangle.py")


def test_retail_through_s3(run):
    assert "FAIL" not in run("retail.py", "--name", "retail-s3")


def test_retail_through_a_folder(run, server):
    run("retail.py", "--name", "retail-folder", "--folder", str(server.files))


def test_three_people_in_korean(run):
    output = run("three_people.py")
    for words in ("user_street", "user_minimal", "user_42", "trine ask", "curl"):
        assert words in output


def test_three_people_in_english(run):
    assert "why:" in run("three_people.py", "--question", "What should I wear this weekend?", "--users", "user_street,user_minimal")


def test_program_without_a_server_explains_how_to_start_one(s3_endpoint):
    for program in ("demo_setup.py", "triangle.py", "three_people.py", "retail.py"):
        env = {**os.environ, "AWS_ENDPOINT_URL_S3": s3_endpoint}
        done = subprocess.run([sys.executable, str(PROGRAMS / program), "--endpoint", "http://127.0.0.1:9"], env=env, text=True,
                              encoding="utf-8", capture_output=True, timeout=120, check=False)
        assert done.returncode == 1
        assert "trine serve" in done.stderr and "Traceback" not in done.stderr, done.stderr
