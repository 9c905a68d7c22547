# SPDX-License-Identifier: MIT
# upcast brings events into today's shape, check looks at the state behind each: plugins/stored.c.
status() {
    "$@" && code=0 || code=$?
    echo "exit $code"
}
so=$PLUGINS/stored.so
event() { # ID VERSION TYPE DATA
    echo "{\"aggregateType\":\"box\",\"aggregateId\":\"$1\",\"version\":$2,\"type\":\"$3\",\"at\":\"2026-07-01T0$2:00:00Z\",\"data\":$4}"
}
{
    event a 1 Put '{"n":3}'
    event a 2 Taken '{"By":1}'
    event a 3 Put '{"n":4,"Note":"x"}'
    event b 1 Added '{"By":2}'
    event b 2 Taken '{"By":3}'
    event b 3 Added '{"By":9}'
    event c 1 Added '{"By":1}'
    event c 2 Spoilt '{}'
    event d 1 Put '{"By":5}'
} >h.json
status refold bless -q -a "$so" h.json
cat golden/box.ndjson
status refold run -q -a "$so" --purity=all h.json
status refold show -a "$so" b h.json
status refold show -a "$so" --path /total a h.json
cat >box.scenario <<END
scenario: what is stored is brought into today's shape, and made so again
given Put {"n": 3}
when PutOld {"n": 4}
then Put {"n": 4}
state exactly {"events": 2, "note": "put", "total": 7}

scenario: a command whose event breaks what must hold fails
given Added {"By": 1}
when Take {"By": 2}
then Taken
END
status refold scenario -a "$so" box.scenario
