# SPDX-License-Identifier: MIT
# What --purity does not take; alone it does not take the word behind it.
. "$ROOT/harness/tests/cli/history.inc"
event a 1 Added '"By":1' | into 00
status refold run --purity=some -a "$crasher" h
status refold run --purity=0 -a "$crasher" h
status refold run --purity=-3 -a "$crasher" h
status refold run --purity=99999999999999999999 -a "$crasher" h
status refold run --purity= -a "$crasher" h
status refold run --purity --purity=all -a "$crasher" h
status refold run --shard 1/2 --purity -a "$crasher" h
status refold run --purity=yes -a "$crasher" h
REFOLD_PURITY=yes status refold run -a "$crasher" h
REFOLD_PURITY=none status refold run -a "$crasher" h
status refold show --purity a h
echo "--- alone"
status refold run --no-compare --purity -a "$crasher" h
status refold run --no-compare -q --shard 1/2 --purity=all -a "$crasher" h
echo "--- a variable holds a value: 1 is a number"
event b 1 Added '"By":1' | into 01
REFOLD_PURITY=1 status refold run --no-compare -r json=r.json -q -a "$crasher" h
pick r.json purity.mode purity.examined
