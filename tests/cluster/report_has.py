# SPDX-License-Identifier: Apache-2.0
"""report_has.py FILE EXPRESSION: exits 0 when EXPRESSION is true of the JSON report, which it sees as r."""
import json
import sys

with open(sys.argv[1]) as file:
    report = json.load(file)
if not eval(sys.argv[2], {"r": report}):
    summary = {key: report[key] for key in ("verdict", "exit_code", "failure") if key in report}
    sys.exit(f"not true of the report: {sys.argv[2]} ({summary})")
