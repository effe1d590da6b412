# SPDX-License-Identifier: Apache-2.0
"""formats_test.py WRITE_SAMPLES: the report files as other programs read them."""
import csv
import json
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

folder = Path(tempfile.mkdtemp())
NAMES = ("sample", "awkward", "failed")

# What the JUnit schemas of Jenkins and of Ant have in common: element -> (attributes it must have, may have, children in order).
JUNIT = {
    "testsuites": (set(), set(), ["testsuite"]),
    "testsuite": ({"id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors", "time"}, {"skipped"},
                  ["properties", "testcase", "system-out", "system-err"]),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": ({"classname", "name", "time"}, set(), ["skipped", "error", "failure"]),
    "skipped": (set(), {"message"}, []),
    "error": ({"type"}, {"message"}, []),
    "failure": ({"type"}, {"message"}, []),
    "system-out": (set(), set(), []),
    "system-err": (set(), set(), []),
}

LABEL = r'[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*"'
SAMPLE = re.compile(rf"([a-zA-Z_:][\w:]*)\{{({LABEL}(?:,{LABEL})*)\}} ([-+.\w]+)", re.ASCII)


class Formats(unittest.TestCase):
    def check_element(self, element):
        must, may, children = JUNIT[element.tag]
        self.assertLessEqual(must, set(element.keys()), element.tag)
        self.assertLessEqual(set(element.keys()), must | may, element.tag)
        order = [children.index(child.tag) for child in element]
        self.assertEqual(order, sorted(order), element.tag)
        for child in element:
            self.check_element(child)

    def test_junit_is_valid(self):
        for name in NAMES:
            root = ElementTree.parse(folder / f"{name}.xml").getroot()
            self.check_element(root)
            suite = root[0]
            self.assertRegex(suite.get("timestamp"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
            cases = suite.findall("testcase")
            self.assertEqual(int(suite.get("tests")), len(cases))
            for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                self.assertEqual(int(suite.get(count)), len(suite.findall(f"testcase/{tag}")))

    def test_junit_keeps_text(self):
        suite = ElementTree.parse(folder / "awkward.xml").getroot()[0]
        self.assertEqual(suite.get("name"), 'a "quoted", <marked> & back\\slashed\nname \ufffd caf\ufffd')
        self.assertEqual(suite.find("testcase/failure").get("message"), 'first a[0] = 1 (expected <2> & "3")')
        error = ElementTree.parse(folder / "failed.xml").getroot().find("testsuite/testcase/error")
        self.assertEqual(error.get("message"), "rank 1 on n2 died (signal 9); see what it printed")

    def test_csv_is_a_table(self):
        for name in NAMES:
            with open(folder / f"{name}.csv", newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file, strict=True))
            for row in rows:
                self.assertNotIn(None, row, name)            # no cell beyond the header
                self.assertNotIn(None, row.values(), name)   # and none missing
                for column in ("median", "min", "max", "p99", "stddev"):
                    self.assertTrue(row[column] == "" or float(row[column]) >= 0)
        with open(folder / "awkward.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(rows[0]["workload"], 'a "quoted", <marked> & back\\slashed\nname \x1b caf\ufffd')
        self.assertIn({"step": "gemm", "param_n": "1024", "param_m": "2", "metric": "time", "median": "0.002"}.items(),
                      [{k: r[k] for k in ("step", "param_n", "param_m", "metric", "median")}.items() for r in rows])

    def test_prometheus_is_an_exposition(self):
        for name in NAMES:
            described, seen, series = [], set(), set()
            text = (folder / f"{name}.prom").read_text(encoding="utf-8")
            self.assertTrue(text.endswith("\n"))
            lines = text.split("\n")[:-1]
            for number, line in enumerate(lines):
                if line.startswith("# HELP "):
                    described.append(line.split(" ")[2])
                    self.assertNotIn(described[-1], seen, "a family in two pieces")
                    self.assertEqual(lines[number + 1], f"# TYPE {described[-1]} gauge")
                    seen.add(described[-1])
                elif not line.startswith("# TYPE "):
                    match = SAMPLE.fullmatch(line)
                    self.assertTrue(match, line)
                    self.assertEqual(match[1], described[-1])
                    self.assertNotIn((match[1], match[2]), series, "the same series twice")
                    series.add((match[1], match[2]))
                    float(match[3])
            self.assertEqual(len([s for s in series if s[0] == "warpstep_verdict"]), 4)

    def test_json_is_json(self):
        verdicts = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["verdict"] for name in NAMES}
        self.assertEqual(verdicts, {"sample": "failed", "awkward": "failed", "failed": "no verdict"})


if __name__ == "__main__":
    subprocess.run([sys.argv.pop(), folder], check=True)
    unittest.main()
