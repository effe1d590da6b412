# SPDX-License-Identifier: Apache-2.0
"""check_html_test.py WRITE_CHECK_SAMPLES: the page of a check in headless Chromium; 77 (skipped) where there is none."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

folder = Path(tempfile.mkdtemp())
browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def opened(name, script=""):
    """The elements of the page after its scripts and `script`, and what it wrote to its console."""
    page = folder / f"{name}.opened.html"
    text = (folder / f"{name}.html").read_text(encoding="utf-8")
    page.write_text(text.replace("</body>", f"<script>{script}</script></body>"), encoding="utf-8")
    profile = tempfile.mkdtemp(dir=folder)
    done = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
                           "--enable-logging=stderr", "--window-size=1200,900", "--virtual-time-budget=3000", "--dump-dom", page.as_uri()],
                          capture_output=True, text=True, timeout=80, env={**os.environ, "HOME": profile})
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


class Page(unittest.TestCase):
    def test_the_console_is_seen(self):
        self.assertEqual(len(opened("small", "undefined_name();")[1]), 1)

    def test_broken_step(self):
        report = json.loads((folder / "broken.json").read_text(encoding="utf-8"))
        dom, console = opened("broken", "document.querySelector('[data-filter=UNKNOWN]').click();")
        self.assertEqual(console, [])
        gpus = [gpu for node in report["nodes"] for gpu in node["gpus"]]
        self.assertEqual(len(re.findall(r'<div class="gpu ', dom)), len(gpus))
        self.assertEqual(len(re.findall(r'<div class="gpu fail', dom)), len([g for g in gpus if g["verdict"] == "FAIL"]))
        self.assertEqual(len(re.findall(r"<circle ", dom)), len([s for s in report["samples"] if s["value"] is not None]))
        findings = re.findall(r'<article class="finding [^>]*>', dom)
        self.assertTrue(any("UNKNOWN" in one for one in findings) and any("FAIL" in one for one in findings))
        for one in findings:  # the filter has been clicked
            self.assertEqual("hidden" in one, "UNKNOWN" not in one, one)

    def test_healthy_and_awkward_steps(self):
        for name in ("healthy", "awkward", "small", "empty"):
            dom, console = opened(name)
            self.assertEqual(console, [], name)
            self.assertEqual(dom.count("<h1>"), 1)
        self.assertNotIn("<marked", opened("awkward")[0])

    def test_it_fits_a_phone(self):
        # Windows of headless Chromium are at least 500 wide: a frame is as narrow as a phone.
        frame = folder / "phone.html"
        frame.write_text('<!DOCTYPE html><iframe style="width:360px;height:800px" src="broken.html"></iframe><script>onload = () => '
                         '{ const d = frames[0].document.documentElement; document.title = d.scrollWidth + "/" + d.clientWidth; }</script>',
                         encoding="utf-8")
        profile = tempfile.mkdtemp(dir=folder)
        dom = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                              f"--user-data-dir={profile}", "--allow-file-access-from-files", "--virtual-time-budget=3000", "--dump-dom",
                              frame.as_uri()], capture_output=True, text=True, timeout=80, env={**os.environ, "HOME": profile}).stdout
        width, window = map(int, re.search(r"<title>(\d+)/(\d+)</title>", dom).groups())
        self.assertLessEqual(width, window)


if __name__ == "__main__":
    if browser is None:
        print("skipped: no chromium here to open the page with")
        sys.exit(77)
    subprocess.run([sys.argv.pop(), folder], check=True)
    unittest.main()
