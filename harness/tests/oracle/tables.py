# SPDX-License-Identifier: MIT
"""The tables of verbs and options, as the source and the help have them."""

import os
import re

from support import ROOT, refold


def option_table():
    """The rows of the option table, read from its source: name -> (letter or "", argument or None)."""
    with open(os.path.join(ROOT, "harness", "cli", "options.c"), encoding="utf-8") as f:
        rows = re.findall(r'\{RF_OPT_[A-Z_]+, "([a-z-]+)", (0|\'.\'), (NULL|"[^"]*"),', f.read())
    return {name: (letter.strip("'0"), None if argument == "NULL" else argument.strip('"'))
            for name, letter, argument in rows}


def verbs():
    """The verbs that `refold help` lists."""
    text = refold("help").stdout.decode().split("\nVerbs\n")[1].split("\n\n")[0]
    return re.findall(r"^  ([a-z-]+) ", text, re.M)


def options_of(verb):
    """The long options that the help of a verb lists, without dashes."""
    return re.findall(r"^  (?:-.,|   ) --([a-z-]+)", refold("help", verb).stdout.decode(), re.M)
