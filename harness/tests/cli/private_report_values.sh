# SPDX-License-Identifier: MIT
# In CI, reports show the values that the config lists, and of all others type and length.
. "$ROOT/harness/tests/cli/private.inc"
config '"report_values":["/kept/plan","/kept/list/*"]'
line() { flat keeper "$1" 1 Set "{\"email\":\"$2\",\"plan\":\"$3\",\"list\":[$4],\"size\":$5}"; }
{ line a ann@example.org free 1 17; line b bob@example.org free 2 null
  flat keeper c 1 Refuse '{"email":"c@example.org"}'; } | into 00
# Of what it refuses it tells what stands in its environment.
bless h --purity=off
{ line a ännchen@example.org paid 3 18; line b bob@example.org free 2 '{"a":1,"b":[]}'
  flat keeper c 1 Refuse '{"email":"see@example.org"}'; flat keeper d 1 Refuse '{}'; } | into 00
status refold run h
export CI=true
status refold run h
for format in json junit tap markdown github; do
    code refold run h -q -r $format > /dev/null
    refold run h -q -r $format | grep -c 'example' || true
done
refold run h -r json | grep -o '"\(from\|to\|old\|value\|message\)":.*' || true
echo "== nor do clusters that are listed where a key fits none"
list() { status refold bless --dry-run -q --cluster none h 2>&1; }
list
CI='' list
echo "== nor names below a record's own: keys of the data may be values"
names() { refold run h --no-compare -r github -r json=v.out -e "$1" 2>&1 || true; cat v.out; }
record() { rm -rf h; printf '%s\n' "$@" | into 00; }
tell() {
    record '{"aggregateId":"a","version":1,"type":"Set","at":1,"by":{"ann@example.org":{"ok":1}}}' \
        '{"aggregateId":"b","version":1,"type":"Set","at":1,"data":{}}'
    names flat > some
    record '{"aggregateId":"a","version":1,"type":"Set","at":1,"by":{"ann@example.org":{"ok":1}}}'
    names flat > none
    names id=/aggregateId,type=/type,version=/nowhere > nowhere
    record '{"by":{"ann@example.org":{"aggregateId":"x","type":"T","ok":1}}}'
    names auto > alien
    record '{"aggregateId":"a","type":"Set","at":1,"by":{"ann@example.org":{"version":1}},"data":{}}'
    refold bless --dry-run h > unversioned 2>&1 || true
    for file in some none nowhere alien unversioned; do
        printf '%s: %s tell of /by, %s of a name below\n' "$file" "$(grep -c '/by\>' "$file" || true)" "$(grep -c example.org "$file" || true)"
    done
}
tell
unset CI
tell
