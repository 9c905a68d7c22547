# SPDX-License-Identifier: MIT
# Whoever names a golden's file means its folder: a sentence, before anything is read or written.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
bless h -a "$order"
exec 2>&1
for verb in run bless "golden prove" "golden verify" "golden prune --dry-run"; do
    case $verb in
    *verify) status refold $verb golden/order.ndjson ;;
    *prove) status refold $verb golden/order.ndjson h -a "$order" ;;
    *) status refold $verb -q h -a "$order" -g golden/order.ndjson ;;
    esac
done
REFOLD_GOLDEN=golden/order.ndjson/ status refold run -q h -a "$order"
echo '{"golden":"golden/order.meta.json"}' > refold.json
status refold run -q h -a "$order"
status refold run -q h -a "$order" -g golden
