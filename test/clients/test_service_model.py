"""Requests are judged as botocore's service model says; answers are checked in every test (service_model.py)."""

import copy
import re

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import service_model

ARN = "arn:aws:personalize:us-east-1:123456789012:{}/none"
# Operations that this release refuses by name, and parts of requests that it does not check.
UNSUPPORTED = re.compile("BatchSegment|MetricAttribution|Algorithm|FeatureTransformation|Action")
SERVICES = ["personalize", "personalize-runtime", "personalize-events"]


def sample(shape, name=""):
    """A value that fits a shape, with required members only."""
    kind, least = shape.type_name, shape.metadata.get("min", 0)
    if kind == "structure":
        return {n: sample(shape.members[n], n) for n in shape.required_members}
    if kind == "list":
        return [sample(shape.member, name) for _ in range(max(least, 1))]
    if kind == "map":
        return {sample(shape.key, name): sample(shape.value, name)}
    if kind == "boolean":
        return True
    if kind != "string":
        return 1_790_000_000 if kind == "timestamp" else max(least, 1)
    if shape.metadata.get("enum"):
        return shape.metadata["enum"][0]
    special = {"Arn": ARN.format("solution"), "RoleArn": "arn:aws:iam::123456789012:role/r", "S3Location": "s3://bucket/key",
               "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k", "DatasetType": "Items", "DatasetKmsKeyArn": "k",
               "SchedulingExpression": "rate(7 days)"}
    if shape.name in special:
        return special[shape.name]
    return "a" * max(least, 1)


def wrong(shape):
    """Values that do not fit the shape itself, each with the constraint that it violates."""
    rules, kind = shape.metadata, shape.type_name
    if kind == "string":
        if "max" in rules:
            yield "max", "a" * (rules["max"] + 1)
        if rules.get("min", 0) > 0:
            yield "min", ""
        if rules.get("enum"):
            yield "enum", "nope"
        elif "pattern" in rules:
            yield "pattern", "#" if rules.get("max", 9) < 9 else "#!?"
    elif kind in ("integer", "long", "float", "double"):
        if "max" in rules:
            yield "max", rules["max"] + 1
        if "min" in rules:
            yield "min", rules["min"] - 1
    elif kind == "list":
        if rules.get("max"):
            yield "max", [sample(shape.member)] * (rules["max"] + 1)
        if rules.get("min"):
            yield "min", []
    elif kind == "map" and rules.get("max"):
        yield "max", {f"k{n}": sample(shape.value) for n in range(rules["max"] + 1)}


def violations(shape, good, put, where):
    """(where, request) for each single constraint below `shape`; `put` makes a request from a value at this place."""
    for rule, bad in wrong(shape):
        yield f"{where}: {rule}", put(bad)
    if shape.type_name == "structure":
        for name in shape.required_members:
            yield f"{where}.{name}: required", put({k: v for k, v in good.items() if k != name})
        for name, member in shape.members.items():
            inner = good.get(name, sample(member, name))
            yield from violations(member, inner, lambda v, n=name: put({**good, n: v}), f"{where}.{name}")
    elif shape.type_name == "list":
        yield from violations(shape.member, good[0], lambda v: put([v] + good[1:]), f"{where}[]")
    elif shape.type_name == "map":
        key = next(iter(good))
        yield from violations(shape.key, key, lambda v: put({v: good[key]}), f"the keys of {where}")
        yield from violations(shape.value, good[key], lambda v: put({key: v}), f"the values of {where}")


@pytest.fixture(scope="module")
def lenient(server):
    """Clients that send what the service model forbids."""
    config = Config(retries={"max_attempts": 0}, parameter_validation=False)
    return {name: boto3.client(name, endpoint_url=server.url, config=config) for name in SERVICES}


def code_of(client, operation, request):
    from botocore import xform_name
    try:
        getattr(client, xform_name(operation))(**copy.deepcopy(request))
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def operations():
    for service in SERVICES:
        model = boto3.client(service, region_name="us-east-1").meta.service_model
        for name in model.operation_names:
            if not UNSUPPORTED.search(name):
                yield pytest.param(service, name, id=name)


# Constraints that Trine does not have: keys are not used, and properties may also be objects, whose length is judged
# later, with InvalidInputException.
NOT_CHECKED = ("kmsKeyArn: pattern", ".properties: max", ".properties: min")


@pytest.mark.parametrize("service, operation", list(operations()))
def test_judges_requests_as_the_service_model_says(lenient, service, operation):
    client = lenient[service]
    shape = client.meta.service_model.operation_model(operation).input_shape
    good = sample(shape)
    assert not service_model.problems(shape, good), "the sample must fit"
    assert code_of(client, operation, good) != "ValidationException"
    accepted = []
    for where, request in violations(shape, good, lambda v: v, ""):
        # A sample that does not match may still fit, where the pattern admits every text.
        if where.endswith(NOT_CHECKED) or not service_model.problems(shape, request):
            continue
        if code_of(client, operation, request) != "ValidationException":
            accepted.append(where)
    assert not accepted, f"{operation} accepts {accepted}"
