# SPDX-License-Identifier: MIT
# A run that fails before anything is read leaves no older report that could pass for its own.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
bless h -a "$order"
for failing in "run nowhere -a $order" "run h -a $order -g elsewhere" "run h -a nowhere.so" "bless h -a nowhere.so"; do
    code refold run h -a "$order" -r json=r.json -r text=r.txt
    status refold $failing -r json=r.json -r text=r.txt
    pick r.json verb verdict exit nothing error history.objects differences damage warnings
    tail -n 2 r.txt
done
refold run nowhere -a "$order" -r json > said.json || echo "exit $?"
python3 -SEc 'import json; print(json.load(open("said.json"))["verdict"])'
