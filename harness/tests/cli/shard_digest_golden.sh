# SPDX-License-Identifier: MIT
# --shard with a digest golden is refused before anything is read; without a comparison it is not looked at.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c; do life $id 3; done; } | into 00
bless --digest h -a "$order"
status refold run -q --shard 1/2 h -a "$order"
REFOLD_SHARD=2/2 status refold run -q h -a "$order"
echo '# be it that of an aggregate which is not loaded'
mv golden/order.digest.json golden/other.digest.json
status refold run -q --shard 1/2 h -a "$order"
echo '# nothing is compared'
status refold run -q --no-compare --shard 1/2 h -a "$order"
status refold run -q --no-compare --shard 2/2 h -a "$order"
