# SPDX-License-Identifier: MIT
"""The same verdict where the golden is a digest golden: refold blesses it itself, of what was blessed."""

import os
import shutil

from trial import Trial


class DigestTrial(Trial):
    """`golden` is what a plain bless of `base` (files, setup) gives."""
    PARTS = Trial.PARTS + ("base",)

    def __init__(self, files, golden, setup, packed_golden=False, how="digest", base=None):
        super().__init__(files, golden, setup, packed_golden, how)
        self.base = base

    def write(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        files, setup = self.base
        plain = Trial(files, {}, setup)
        plain.write(os.path.join(folder, "base"))
        self.calls = []
        status, _ = self.call(os.path.join(folder, "base"), "bless", "-q", "--digest", "-g", "../golden",
                              *plain.options(), *plain.sources())
        if status != 0:
            raise AssertionError("the bless of a digest golden ends with %d: %s" % (status, self.stderr))
        self.write_files(folder)
