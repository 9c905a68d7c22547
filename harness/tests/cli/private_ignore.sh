# SPDX-License-Identifier: MIT
# An ignore rule below a private value, or of a key that is private, matches nothing: run and compare say the same.
. "$ROOT/harness/tests/cli/private.inc"
# build NAME: keeps this member of the data.
build() {
    sed "s/data = refold_event_data(event);/&\n    refold_value value;\n    data = refold_event_value(event, \"$1\", \&value) ? value.json : data;/" \
        "$ROOT/harness/tests/worker/plugins/keeper.c" > "$1.c"
}
build base; build head; cp "$PLUGINS/keeper.so" .
flat keeper a 1 Set '{"base":{"c":{"note":1,"k":5},"d":{"note":1}},"head":{"c":{"note":2,"k":5},"d":{"note":2}}}' | into 00
# both MEMBERS [OPTION...]: as run says, and as compare does.
both() {
    config "$1"
    shift
    rm -rf golden
    refold bless -q -a base.c h > blessed
    status refold run -q -a head.c h "$@"
    status refold compare -q base.c head.c h "$@"
}
both '"private":["/kept/c"],"ignore":["/kept/c/note","/kept/d"]'
both '"private":["/kept/c"],"ignore":["/kept/*/note"]'
both '"private":["/kept/d/note"],"ignore":["/kept/*/note"]'
both '"private":["/kept/c"],"ignore":["/kept/*"]'
both '"private":["/kept/*"],"ignore":["/kept/c","/kept/d"]'
both '"private":[{"path":"/kept/*","keys":"shown"}],"ignore":["/kept/c","/kept/d"]'
both '"private":["/kept/*"]' --ignore keeper:/kept/c --ignore /kept/d
both '"private":["/kept/*"]' --ignore '/kept/*'
# Who takes all has his own for what has none.
sed 's/c->events++/c->events += 2/' "$ROOT/aggregates/case.c" > head.c
rm -r h golden; { flat loan a 1 Opened; flat ship b 1 Sailed; } | into 00
for private in '"case":{"private":["/*"]},"ship":{"private":[],"ignore":["/none"]}' '"case":{"private":["/none"]},"loan":{"private":["/*"]}'; do
    printf '{"envelope":"flat","aggregates":{%s}}\n' "$private" > refold.json
    refold bless -q -a "$AGGREGATES/case.so" h > blessed
    status refold run -q -a head.c h --ignore /events -r json=r.json; tallies r.json
    status refold compare -q "$AGGREGATES/case.so" head.c h --ignore /events -r json=r.json; tallies r.json
done
