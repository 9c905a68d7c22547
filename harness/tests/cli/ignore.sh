# SPDX-License-Identifier: MIT
# --ignore leaves a JSON pointer out: with an aggregate in front, with * for one step, from the config; what only differs there is counted.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; life c 2; flat case k 1 Opened; flat case k 2 Shut; flat case l 1 Opened; } | into 00
both="-a $order -a $AGGREGATES/case.so"
bless h $both
golden_edit '/"id":"a"/s/"updatedAt":"2026/"updatedAt":"1999/; /"id":"b"/s/"items":1/"items":2/'
golden_edit 's/"Opened":1/"Opened":5/; s/"first":"2026/"first":"1999/' case
try() {
    status refold run -q -r json=r.json h $both "$@"
    tallies r.json
}
try
try --ignore /updatedAt
try --ignore order:/updatedAt --ignore order:/items
try --ignore case:/updatedAt --ignore order:/first
try --ignore '/*' --ignore '/counts/*'
try --ignore 'case:/counts/*' --ignore case:/first
try --ignore 'case:/counts' --ignore 'case:/first/deeper' --ignore /counts/Opened/x
try --ignore '/counts/*/x' --ignore /first
echo '{"aggregates":{"order":{"ignore":["/items"]},"case":{"ignore":["/counts","/first"]}}}' > refold.json
try --ignore /updatedAt
