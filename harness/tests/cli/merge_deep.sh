# SPDX-License-Identifier: MIT
# States as deep as may be: a report has them some values deeper, and is merged all the same, also where records may not be so deep.
. "$ROOT/harness/tests/cli/history.inc"
keeper="$PLUGINS/keeper.so"
deep() {
    python3 -SEc 'import sys; n = int(sys.argv[1]); print("[" * n + "5" + "]" * n)' "$1"
}
{ for id in a b c; do flat keeper $id 1 Set "$(deep 510)"; done; } | into 00
bless h -a "$keeper"
{ flat keeper a 1 Set "$(deep 509)"; flat keeper b 1 Set "$(deep 510)"; flat keeper c 1 Set 6; } | into 00
for k in 1 2; do code refold run -q --shard $k/2 h -a "$keeper" -r json=$k.json; done
code refold merge -q 1.json 2.json -r text=merged.txt
code refold run -q h -a "$keeper" -r text=whole.txt
cmp merged.txt whole.txt
echo '{"limits":{"depth":8}}' > refold.json
code refold merge -q 1.json 2.json
