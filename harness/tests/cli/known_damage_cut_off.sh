# SPDX-License-Identifier: MIT
# A bless that is killed between its renames: known-damage.json is read where that has left it, and is unchanged there.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 1; event a 3 OrderApproved; } | into 00
bless h -a "$order" --accept-damage lost
{ life b 1; event b 3 OrderApproved; } | into 01
ended=0
strace -qq -o /dev/null -e trace=rename -e inject=rename:signal=KILL:when=2 \
    refold bless -q h -a "$order" --accept-damage 'lost too' > /dev/null || ended=$?
echo "killed $ended"
cat golden/known-damage.json
status refold run -q h -a "$order"
status refold bless -q --dry-run h -a "$order" --accept-damage again
{ life c 1; event c 3 OrderApproved; } | into 02
status refold bless -q --dry-run h -a "$order" --accept-damage again
status refold bless -q h -a "$order" --accept-damage again
cat golden/known-damage.json
