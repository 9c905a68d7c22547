# SPDX-License-Identifier: MIT
"""The speaker and the asker in Python, both made from the protocol's page, understand each other."""

import speaker


def test_speaker_and_asker_agree():
    assert speaker.self_test() == 0
