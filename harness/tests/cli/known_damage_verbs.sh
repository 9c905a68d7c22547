# SPDX-License-Identifier: MIT
# Who hears known-damage.json: run, bless, compare, golden prove and merge; not who reads no golden folder.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 4 OrderPaid '"AmountCents":500'; life b 2; } | into 00
bless h -a "$order" --accept-damage lost
status refold compare "$order" "$order" h
status refold golden prove golden h -a "$order"
for k in 1 2; do status refold run -q --shard $k/2 -r json=$k.json h -a "$order"; done
status refold merge 1.json 2.json
status refold pack -q h -o h.pack
status refold run h.pack -a "$order"
status refold types h > types.txt
tail -n 2 types.txt
status refold show a h -a "$order" > show.txt
echo '# shards on two days, or with another file'
status refold bless -q h -a "$order" --accept-damage lost --last-day 2026-12-31 --today 2026-11-01
rm golden/known-damage.json
status refold bless -q h -a "$order" --accept-damage lost --last-day 2026-12-31 --today 2026-11-01
for k in 1 2; do REFOLD_TODAY=2026-11-0$k status refold run -q --shard $k/2 -r json=$k.json h -a "$order"; done
status refold merge 1.json 2.json
REFOLD_TODAY=2026-12-01 status refold run -q --shard 1/2 -r json=1.json h -a "$order"
sed -i 's/"lost"/"not there"/' golden/known-damage.json
REFOLD_TODAY=2026-12-01 status refold run -q --shard 2/2 -r json=2.json h -a "$order"
status refold merge 1.json 2.json
