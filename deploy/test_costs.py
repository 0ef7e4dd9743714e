"""The runbook's table of costs is the one that costs.py computes."""

import pathlib
import subprocess
import sys
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent


class Costs(unittest.TestCase):
    def test_the_runbook_has_the_costs_that_are_computed(self):
        command = [sys.executable, FOLDER / "costs.py", "--check", FOLDER.parent / "docs/operations.md"]
        checked = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
