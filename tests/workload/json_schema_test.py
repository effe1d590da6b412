#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every shipped workload file is valid under configs/workload.schema.json, and damaged ones are not."""
import copy
import glob
import json
import os
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"skipped: {error}; install python3-jsonschema and python3-yaml")
    sys.exit(77)


def errors_of(validator, document):
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(document)]


def damaged(document):
    """Copies of the document with one mistake each."""
    for key in ("version", "steps"):
        without = copy.deepcopy(document)
        del without[key]
        yield f"without {key}", without
    for path, change in (
        ("an unknown key", lambda d: d.update(bufers={})),
        ("another version", lambda d: d.update(version=2)),
        ("steps that are a map", lambda d: d.update(steps={})),
        ("an empty list of steps", lambda d: d.update(steps=[])),
        ("a step without a name", lambda d: d["steps"].append({"run": "barrier"})),
        ("a step with run and steps", lambda d: d["steps"][0].update(run="barrier", steps=[{"name": "a", "run": "b"}])),
        ("repeat beside steps", lambda d: d["steps"].append({"name": "x", "repeat": {}, "steps": [{"name": "y", "run": "b"}]})),
        ("no such type", lambda d: d.update(buffers={"x": {"count": 1, "dtype": "float"}})),
        ("count and shape", lambda d: d.update(buffers={"x": {"count": 1, "shape": [1]}})),
        ("times below 1", lambda d: d["steps"].append({"name": "x", "run": "b", "repeat": {"times": 0}})),
    ):
        changed = copy.deepcopy(document)
        change(changed)
        yield path, changed


def main(source):
    with open(os.path.join(source, "configs/workload.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    files = [name for folder in ("configs", "configs/check", "tests/workload/examples") for name in glob.glob(f"{source}/{folder}/*.yaml")
             if os.path.basename(name) != "check-floors.yaml"]  # no workload
    assert len(files) >= 10, files
    wrong = []
    for name in sorted(files):
        with open(name, encoding="utf-8") as file:
            document = yaml.safe_load(file)
        wrong += [f"{name}: {error}" for error in errors_of(validator, document)]
        wrong += [f"{name}: accepted {what}" for what, bad in damaged(document) if not errors_of(validator, bad)]
    print("\n".join(wrong) or f"{len(files)} files are valid")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
