# SPDX-License-Identifier: MIT
# With the entries that stay there are never more than refold reads, which is 10,000.
. "$ROOT/harness/tests/cli/history.inc"
mkdir golden
python3 -SE -c 'print("{\"damage\":[\n%s\n],\"format\":1}" % ",\n".join(
    "{\"aggregate\":\"other\",\"id\":\"%d\",\"kind\":\"gap\",\"reason\":\"before\",\"to\":2,\"version\":2}" % i
    for i in range(9999)))' > golden/known-damage.json
{ for id in a b; do event $id 1 OrderCreated; event $id 3 OrderApproved; done; } | into 00
accept() {
    status refold bless -q h -a "$order" --accept-damage lost -r text -r json=r.json
    pick r.json damage.*.known
    grep -c '"gap"' golden/known-damage.json
}
accept
{ event a 1 OrderCreated; event a 3 OrderApproved; life b 3; } | into 00
accept
status refold run -q h -a "$order"
