# SPDX-License-Identifier: Apache-2.0
"""Validates publications against the schemas that the program prints, and the schemas against their own."""

import json
import pathlib
import re
import subprocess
import warnings
import xml.etree.ElementTree as ElementTree

import jmespath
import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


class YAML12(yaml.SafeLoader):
    """Editors read YAML 1.2, where `off` and times are strings."""


YAML12.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
YAML12.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))
CLOSED = {
    "reading", "state", "info", "bridge_info", "reject", "health", "command", "answer", "register", "register_of_state", "fix", "source"}


def printed(program: list, kind: str) -> str:
    return subprocess.run([*program, "schema", "--kind", kind], capture_output=True, check=True).stdout.decode()


def run(program: list, messages: list) -> list:
    faults = []
    schema = json.loads(printed(program, "json-schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    faults += publications(schema, messages)
    faults += asyncapi(json.loads(printed(program, "asyncapi")), schema)
    faults += smartgridready(printed(program, "smartgridready"), messages)
    return faults + editor(json.loads(printed(program, "yaml-editor")))


def editor(schema: dict) -> list:
    """The shipped profiles and every configuration of the documentation are valid, and misspelt ones are not."""
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    blocks = [(path, path.read_text(encoding="utf-8")) for path in sorted((ROOT / "Profiles").glob("*.yaml"))]
    for page in pages:
        blocks += [
            (page, block) for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
            if not block.startswith("cases:")]
    faults = []
    for path, text in blocks:
        for error in validator.iter_errors(yaml.load(text, Loader=YAML12)):
            causes = [f"{cause.json_path}: {cause.message[:120]}" for cause in error.context or [error]]
            faults.append(f"yaml-editor, {path.name}: {'; '.join(causes[:3])}")
    print(f"  ok    files judged by the editor schema: {len(blocks)}")
    for wrong in [
        {"source": {}}, {"sources": {"a": {"adapter": "gplugg"}}},
        {"sources": {"a": {"adapter": "gplug"}}, "outputs": ["homeassistant"]}, {"fixes": {"time.missing": "repair"}},
        {"sources": {"a": {"adapter": "gplug"}}, "http": {"port": 8080}},
        {"sources": {"a": {"adapter": "gplug"}}, "log": {"format": "xml"}},
    ]:
        if validator.is_valid(wrong):
            faults.append(f"yaml-editor takes {wrong}")
    return faults


def kind(topic: str) -> str:
    """The schema of a topic of the shipped profile; None for another topic."""
    for pattern, name in [
        (r"harmonized/v1/meter/[^/]+/(reading|state|info|availability)", r"\1"),
        (r"harmonized/v1/meter/[^/]+/(obis|value)/[^/]+", "value"),
        (r"harmonized/v1/bridge/[^/]+/(info)", "bridge_info"), (r"harmonized/v1/bridge/[^/]+/status", "availability"),
        (r"harmonized/v1/bridge/[^/]+/(reject|health|command|answer)", r"\1"),
    ]:
        match = re.fullmatch(pattern, topic)
        if match:
            return match.expand(name)
    return None


def publications(schema: dict, messages: list) -> list:
    # The published schema allows additional members; here none may appear that the schema lacks.
    for name in CLOSED:
        schema["$defs"][name]["additionalProperties"] = False
    validators = {
        name: jsonschema.Draft202012Validator(
            {"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]}, format_checker=jsonschema.FormatChecker())
        for name in schema["$defs"]}
    faults, counts = {}, {}
    for topic, payload, _ in messages:
        name = kind(topic)
        if name is None or not payload or name not in validators:
            if name and payload:
                faults.setdefault(f"{name}: no schema", topic)
            continue
        counts[name] = counts.get(name, 0) + 1
        text = payload.decode()
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        for error in validators[name].iter_errors(value):
            faults.setdefault(f"{name}: {error.json_path}: {error.message[:200]}", topic)
    print(f"  ok    publications judged: {counts}")
    return [f"{fault} ({topic})" for fault, topic in faults.items()]


def asyncapi(document: dict, schema: dict) -> list:
    """The model of AsyncAPI 3.0 in the package asyncapi3, and the targets of references, which a model does not check."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import asyncapi3.models
    faults = []
    try:
        asyncapi3.models.AsyncAPI3.model_validate(document)
    except ValueError as error:
        faults.append(f"asyncapi: {error}")
    for name, channel in document["channels"].items():
        named = set(re.findall(r"{(\w+)}", channel["address"]))
        if named != set(channel.get("parameters", {})):
            faults.append(f"asyncapi: the parameters of {name} are not those of its address")
        for message in channel["messages"].values():
            reference = message["payload"]["$ref"].removeprefix("#/components/schemas/")
            if reference not in document["components"]["schemas"]:
                faults.append(f"asyncapi: {name} refers to {reference}")
    for name, operation in document["operations"].items():
        channel = operation["channel"]["$ref"].removeprefix("#/channels/")
        if channel not in document["channels"]:
            faults.append(f"asyncapi: the operation {name} has no channel")
    for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)):
        target = document
        for part in reference.removeprefix("#/").split("/"):
            target = target.get(part) if isinstance(target, dict) else None
        if target is None:
            faults.append(f"asyncapi: {reference} leads nowhere")
    for name, part in document["components"]["schemas"].items():
        jsonschema.Draft7Validator.check_schema(part)
        if part.keys() != schema["$defs"][name].keys() - ({"additionalProperties"} if name in CLOSED else set()):
            faults.append(f"asyncapi: {name} is another schema")
    return faults


def smartgridready(text: str, messages: list) -> list:
    """Its queries must find values in a published state."""
    root = ElementTree.fromstring(text)
    namespace = {"s": "http://www.smartgridready.com/ns/V0/"}
    states = [json.loads(payload) for topic, payload, _ in messages if topic.endswith("/meter/house/state") and payload]
    faults = []
    points = root.findall(".//s:dataPointListElement", namespace)
    if len(points) < 5:
        faults.append(f"smartgridready: {len(points)} data points")
    found = [
        jmespath.search(point.find(".//s:responseQuery/s:query", namespace).text, states[0]) if states else None
        for point in points]
    if states and sum(value is not None for value in found) < 5:  # three powers, two counters
        faults.append(f"smartgridready: its queries find {found}")
    return faults
