# SPDX-License-Identifier: MIT
# The exit status table of the README has the codes of the contract, and both what the program does.
. "$ROOT/harness/tests/cli/history.inc"
python3 -SE - << 'END'
import os, re
root = os.environ["ROOT"]
def codes(path):
    text = open(os.path.join(root, path)).read()
    table = text.split("## Exit status")[1].split("\n## ")[0]
    return [line.split("|")[1].strip() for line in table.split("\n") if re.match(r"\| [0-9]", line)]
readme, contract = codes("README.md"), codes("harness/docs/contract.md")
assert readme == contract, (readme, contract)
print("\n".join(readme))
END
