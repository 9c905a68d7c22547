# SPDX-License-Identifier: MIT
# Pointers that only an escape tells apart are other rules: a pack of one is none of the other.
. "$ROOT/harness/tests/cli/history.inc"
case="$AGGREGATES/case.so"
mkdir h
printf '{"i":{"d":"one","~d":"two"},"i/d":"three","i~d":"four","t":"Opened","v":1}\n' > h/x
ids() { refold cat -e "id=$1,version=/v,type=/t" "$2" | sed 's/.*"aggregateId":"\([a-z]*\)".*/\1/'; }
for id in /i/d /i/~0d /i~1d /i~0d; do
    echo "== $id: $(ids "$id" h)"
    refold pack -q -e "id=$id,version=/v,type=/t" -o x.pack h
    for other in /i/d /i/~0d /i~1d /i~0d; do
        status refold run -q --no-compare -e "id=$other,version=/v,type=/t" -a "$case" x.pack
    done
    rm x.pack
done
