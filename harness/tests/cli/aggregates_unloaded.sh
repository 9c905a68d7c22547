# SPDX-License-Identifier: MIT
# An aggregate that the config names, and that its plugins have not: nothing of it would be folded, so nothing is the same.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; flat loan b 1 Begun; } | into 00
config() { echo "{\"aggregates\":{$1}}" > refold.json; }
config "\"order\":{\"plugin\":\"$order\"},\"loan\":{}"
status refold run h -r json=r.json
pick r.json verdict exit
status refold bless h
if ls golden; then echo 'it was blessed'; fi
echo '# a slip; and another name'
config "\"orders\":{\"plugin\":\"$order\"}"
status refold run h
config "\"order\":{},\"parcel\":{\"plugin\":\"$order\"}"
status refold run h
echo '# what -a names is what is meant; and what nothing is compared with'
config "\"order\":{\"plugin\":\"$order\"},\"loan\":{}"
status refold bless h -a "$order" -q
status refold run h -a "$order" -q
status refold compare "$order" "$order" h -q
status refold show a h -q
echo '# a golden is shown to be right as a whole'
status refold golden prove golden h -q
status refold golden prove golden h -q -a "$order"
echo '# one that takes all takes it'
config "\"order\":{\"plugin\":\"$order\"},\"case\":{\"plugin\":\"$AGGREGATES/case.so\"},\"loan\":{}"
status refold run h --no-compare -q
