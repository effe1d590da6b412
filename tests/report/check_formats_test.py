# SPDX-License-Identifier: Apache-2.0
"""check_formats_test.py WRITE_CHECK_SAMPLES: the reports of checks as other programs read them."""
import json
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

folder = Path(tempfile.mkdtemp())
NAMES = ("small", "healthy", "broken", "awkward", "empty")
SCHEMA = json.loads((Path(__file__).parents[2] / "configs" / "check.schema.json").read_text(encoding="utf-8"))
KINDS = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
KNOWN = {"$schema", "$defs", "$ref", "title", "description", "type", "enum", "const", "properties", "required", "additionalProperties",
         "items", "minimum"}
LABEL = r'[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*"'
SERIES = re.compile(rf"([a-zA-Z_:][\w:]*)\{{({LABEL}(?:,{LABEL})*)\}} ([-+.\w]+)", re.ASCII)


def problems(value, schema, at="$"):
    """What of the value breaks the schema: the part of JSON Schema that ours uses."""
    unknown = set(schema) - KNOWN
    if unknown:
        return [f"{at}: the test does not know {unknown}"]
    if "$ref" in schema:
        return problems(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], at)
    found = []
    if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of those allowed")
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    fits = [kind for kind in kinds if isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))]
    if kinds and not fits:
        return found + [f"{at}: {value!r} is no {kinds}"]
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{at}: {value} is too small")
    if isinstance(value, dict):
        found += [f"{at}: no {name}" for name in schema.get("required", []) if name not in value]
        for name, inner in value.items():
            rule = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
            found += [f"{at}: {name} is unknown"] if rule is False else problems(inner, rule or {}, f"{at}.{name}")
    if isinstance(value, list):
        for index, inner in enumerate(value):
            found += problems(inner, schema.get("items", {}), f"{at}[{index}]")
    return found


class CheckFormats(unittest.TestCase):
    def test_json_follows_its_schema(self):
        for name in NAMES:
            report = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            if name == "empty":
                report["exit_code"] = 0
            self.assertEqual(problems(report, SCHEMA), [], name)
            self.assertEqual(sum(report["counts"].values()), len(report["findings"]))

    def test_the_schema_refuses(self):
        report = json.loads((folder / "small.json").read_text(encoding="utf-8"))
        for break_it in (lambda r: r.pop("answer"), lambda r: r.update(level="fast"), lambda r: r.update(extra=1),
                         lambda r: r["findings"][0].update(verdict="GOOD"), lambda r: r["findings"][2]["subject"].update(rank="3"),
                         lambda r: r["counts"].update(PASS=-1)):
            broken = json.loads(json.dumps(report))
            break_it(broken)
            self.assertEqual(len(problems(broken, SCHEMA)), 1)

    def test_junit_counts_what_it_holds(self):
        for name in NAMES:
            suite = ElementTree.parse(folder / f"{name}.xml").getroot()[0]
            cases = suite.findall("testcase")
            self.assertEqual(int(suite.get("tests")), len(cases))
            self.assertEqual(len({case.get("name") for case in cases}), len(cases), "two cases of one name")
            for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                self.assertEqual(int(suite.get(count)), len(suite.findall(f"testcase/{tag}")))

    def test_prometheus_is_an_exposition(self):
        for name in NAMES:
            described, series = [], set()
            lines = (folder / f"{name}.prom").read_text(encoding="utf-8").split("\n")
            self.assertEqual(lines.pop(), "")
            for number, line in enumerate(lines):
                if line.startswith("# HELP "):
                    self.assertNotIn(line.split(" ")[2], described, "a family in two pieces")
                    described.append(line.split(" ")[2])
                    self.assertEqual(lines[number + 1], f"# TYPE {described[-1]} gauge")
                elif not line.startswith("# TYPE "):
                    match = SERIES.fullmatch(line)
                    self.assertTrue(match, line)
                    self.assertEqual(match[1], described[-1])
                    self.assertNotIn((match[1], match[2]), series, "the same series twice")
                    series.add((match[1], match[2]))
                    float(match[3])

    def test_nagios_is_one_line(self):
        for name, state in (("small", "CRITICAL"), ("healthy", "OK"), ("broken", "CRITICAL"), ("awkward", "CRITICAL")):
            line = (folder / f"{name}.nagios").read_bytes()
            self.assertTrue(line.startswith(f"WARPSTEP {state} - ".encode()), line)
            self.assertEqual((line.count(b"\n"), line.count(b"|")), (1, 1))


if __name__ == "__main__":
    subprocess.run([sys.argv.pop(), folder], check=True)
    unittest.main()
