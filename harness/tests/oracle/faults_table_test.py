# SPDX-License-Identifier: MIT
"""The table of harness/docs/faults.md against the tests that there are. Its figures come from `make test-faults`."""

import importlib.machinery
import importlib.util
import os

from support import expect, ROOT

LAST_ROW = 31


def tool():
    """scripts/test-faults, as a module."""
    path = os.path.join(ROOT, "scripts", "test-faults")
    loader = importlib.machinery.SourceFileLoader("test_faults", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("test_faults", loader))
    loader.exec_module(module)
    return module


def test_every_row_names_the_tests_that_show_it():
    faults = tool()
    table, names = faults.table(), faults.shown_by()
    expect(sorted(table), list(range(1, LAST_ROW + 1)), "rows")
    expect(sorted(set(names) - set(table)), [], "rows that tests claim and the table lacks")
    told = {number: row[5] for number, row in table.items() if not faults.waits(row)}
    expect([number for number in told if number not in names], [], "rows that no test shows")
    expect(told, {number: "; ".join(names[number]) for number in told}, "tests (scripts/test-faults --write puts them there)")


def test_what_was_run_has_passed():
    faults = tool()
    for number, row in faults.table().items():
        if faults.waits(row):
            expect(row[3:5], ["", ""], "row %d has cases, and waits" % number)
        elif row[3]:  # figures stand there once --write has put them there
            run, passed = (int(cell.replace(",", "")) for cell in row[3:5])
            expect((run > 0, passed), (True, run), "row %d: cases and passed" % number)
