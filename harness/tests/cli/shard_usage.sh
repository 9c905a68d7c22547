# SPDX-License-Identifier: MIT
# What is no shard; who takes none; and a matrix that gives it by a variable.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
bless h -a "$order"
for shard in '' 0/2 3/2 1 1/ /2 1/2/3 -1/2 1/-2 1/0 a/b ' 1/2' 1.0/2 1/1025 99999999999/99999999999; do
    status refold run -q --shard "$shard" h -a "$order"
done
status refold bless -q --shard 1/2 h -a "$order"
status refold compare -q --shard 1/2 "$order" "$order" h
REFOLD_SHARD=1/1 status refold run -q h -a "$order"
REFOLD_SHARD=2 status refold run -q h -a "$order"
echo '# one of them is empty, which is no fault of it'
status refold run -q --shard 1/2 h -a "$order"
status refold run -q --shard 2/2 h -a "$order"
