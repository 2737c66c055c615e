# SPDX-License-Identifier: Apache-2.0
"""Validates the bridge's HTTP answers against the OpenAPI document that it serves, and the document against OpenAPI's own schema."""

import http.client
import json

import jsonschema
import openapi_spec_validator


def ask(port: int, target: str, method: str = "GET") -> tuple:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, target)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def run(port: int, printed: str) -> list:
    served = ask(port, "/openapi.json")[2].decode()
    document = json.loads(served)
    faults = [] if served == printed else ["openapi: what is served is not what schema --kind openapi prints"]
    try:
        openapi_spec_validator.validate(document)
    except openapi_spec_validator.exceptions.OpenAPISpecValidatorError as error:
        faults.append(f"openapi: {error}")
    meters = json.loads(ask(port, "/v1/meters")[2])["meters"]
    targets = {}
    for path, operations in document["paths"].items():
        known = [path.replace("/v1/meters/{meter}", meter["links"]["self"]) for meter in meters]
        targets[path] = known + [path.replace("{meter}", "no%2Fbody")] if "{meter}" in path else [path]
        if any(parameter.get("name") == "register" for parameter in operations["get"].get("parameters", [])):
            # And once without the required parameters.
            targets[path] = [f"{target}?register=power" for target in targets[path]] + targets[path]
    judged = 0
    for path, requests in targets.items():
        for target in requests:
            status, headers, body = ask(port, target)
            faults += answer(document, path, target, status, headers, body)
            judged += 1
            head = ask(port, target, "HEAD")
            if head[0] != status or head[2]:
                faults.append(f"http: HEAD {target}: {head[0]}, {len(head[2])} bytes")
        if ask(port, requests[0], "POST")[0] != 405:
            faults.append(f"http: POST {requests[0]} is not refused")
    if not meters:
        faults.append("http: no meter is listed")
    print(f"  ok    answers judged by the OpenAPI document: {judged}")
    return faults


def answer(document: dict, path: str, target: str, status: int, headers, body: bytes) -> list:
    response = document["paths"][path]["get"]["responses"].get(str(status))
    if response is None:
        return [f"openapi: {target} answers {status}, which is not described"]
    while "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    kind = headers["Content-Type"].split(";")[0]
    if kind not in response["content"]:
        return [f"openapi: {target} answers {kind}, which is not described"]
    if not kind.endswith("json"):
        return []
    # Its references start at the document, so the schema is checked with the document around it. Published schemas
    # allow additional members; here none may appear without a description.
    schemas = json.loads(json.dumps(document["components"]["schemas"]))
    for name in ["meters", "health", "readiness", "problem", "state", "history"]:
        schemas[name]["additionalProperties"] = False
    validator = jsonschema.Draft202012Validator(
        {**response["content"][kind]["schema"], "components": {"schemas": schemas}},
        format_checker=jsonschema.FormatChecker())
    return [f"openapi: {target}: {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(json.loads(body))]
