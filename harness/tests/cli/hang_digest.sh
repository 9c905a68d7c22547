# SPDX-License-Identifier: MIT
# Twenty that hang in a world made for purity's sake say nothing of the run's own: what differs from a digest golden is found.
. "$ROOT/harness/tests/cli/history.inc"
sed 's/^    keeper->events++;/    if (getenv("TZ") != NULL \&\& strstr(getenv("TZ"), "1337") != NULL) {\n        (void)nanosleep(\&long_time, NULL);\n    }\n&/' \
    "$ROOT/harness/tests/worker/plugins/keeper.c" > keeper.c
echo '{"envelope":"flat","aggregates":{"keeper":{"plugin":"keeper.c"}}}' > refold.json
# of ADDED: so many make a bucket of more than twenty, which hang before the thread is done with its first.
of() {
    python3 -SEc 'import sys
for n in range(14000):
    print("{\"aggregateType\":\"keeper\",\"aggregateId\":\"i%d\",\"version\":1,\"type\":\"Set\",\"at\":1782864000,\"data\":{\"n\":%d}}"
          % (n, n if n % 1000 else n + int(sys.argv[1])))' "$1" | into 00
}
of 1
bless --digest --purity=off h
of 2
status refold run -q -j 1 --purity=off -r json=r.json h 2>&1
tallies r.json
status refold run -q -j 1 --purity=all --timeout 0.05 -r json=r.json h 2>&1
tallies r.json
