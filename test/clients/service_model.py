"""Checks answers against botocore's service model, which boto3's parsers do not: they drop what they do not know."""

import base64
import json
import re


def problems(shape, value, where="answer"):
    """Lists the places where `value`, a decoded JSON value, does not fit the shape of a service model."""
    check = {"structure": _structure, "list": _list, "map": _map}.get(shape.type_name, _scalar)
    return check(shape, value, where)


def _structure(shape, value, where):
    if getattr(shape, "is_document_type", False):
        return []
    if not isinstance(value, dict):
        return [f"{where} is not an object"]
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        return [f"{where} is a union with the members {list(value)}"]
    found = [f"{where}.{name} is not in the service model" for name in value if name not in shape.members]
    found += [f"{where}.{name} is missing" for name in shape.required_members if name not in value]
    for name, member in value.items():
        if name in shape.members:
            found += problems(shape.members[name], member, f"{where}.{name}")
    return found


def _list(shape, value, where):
    if not isinstance(value, list):
        return [f"{where} is not a list"]
    return _length(shape, value, where) + [p for n, v in enumerate(value) for p in problems(shape.member, v, f"{where}[{n}]")]


def _map(shape, value, where):
    if not isinstance(value, dict):
        return [f"{where} is not an object"]
    found = _length(shape, value, where)
    for key, member in value.items():
        found += problems(shape.key, key, f"the key {key} of {where}") + problems(shape.value, member, f"{where}.{key}")
    return found


def _length(shape, value, where):
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    if len(value) < least or (most is not None and len(value) > most):
        return [f"{where} has the length {len(value)}, the service model says {least} to {most}"]
    return []


def _scalar(shape, value, where):
    kinds = {"string": str, "boolean": bool, "integer": int, "long": int, "float": (int, float), "double": (int, float),
             "timestamp": (int, float), "blob": str}
    if not isinstance(value, kinds[shape.type_name]) or (isinstance(value, bool) and shape.type_name != "boolean"):
        return [f"{where} is {value!r}, the service model says {shape.type_name}"]
    if shape.type_name == "blob":
        return _length(shape, base64.b64decode(value, validate=True), where)
    if shape.type_name != "string":
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        outside = (least is not None and value < least) or (most is not None and value > most)
        return [f"{where} is {value}, the service model says {least} to {most}"] if outside else []
    found = _length(shape, value, where)
    enum, pattern = shape.metadata.get("enum"), shape.metadata.get("pattern")
    if enum and value not in enum:
        found.append(f"{where} is {value!r}, the service model says one of {enum}")
    if pattern and "\\p" not in pattern and not re.search(pattern, value):
        found.append(f"{where} is {value!r}, which does not match {pattern}")
    return found


def watch(client):
    """Makes each later call of the client fail if its answer, or the kind of its error, is not in the service model."""

    def check(http_response, parsed, model, **_):
        if http_response.status_code < 300 and (model.has_streaming_output or model.has_event_stream_output):
            return  # the body is not JSON, or has not been read
        if http_response.status_code >= 300:
            known = {shape.name for shape in model.error_shapes} | {"ValidationException", "SerializationException"}
            code = parsed["Error"]["Code"]
            assert code in known, f"{model.name} does not know the error {code}"
            return
        body = json.loads(http_response.content or b"{}")
        found = problems(model.output_shape, body) if model.output_shape else [f"unexpected {name}" for name in body]
        # Answers repeat locations (file://) and roles as they were given.
        found = [problem for problem in found if "does not match" not in problem]
        assert not found, f"{model.name}: " + "; ".join(found)

    client.meta.events.register("after-call", check)
    return client
