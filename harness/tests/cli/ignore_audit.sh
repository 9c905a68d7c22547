# SPDX-License-Identifier: MIT
# Each run tells what its ignore rules swallow, which of them are idle, and which are over.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; life c 2; life d 2; } | into 00
bless h -a "$order"
golden_edit '/"id":"[ab]"/s/"updatedAt":"2026/"updatedAt":"1999/; /"id":"b"/s/"items":1/"items":2/'
cat > refold.json << 'END'
{"aggregates": {"order": {"ignore": ["/updatedAt", {"path": "/items", "reason": "counted anew", "until": "2026-11-30"}]}}}
END
try() {
    status refold run -r text -r json=r.json h -a "$order" "$@"
    pick r.json aggregates.0.ignored_only ignores.*.path ignores.*.expired ignores.*.changes ignores.*.instances ignores.*.only today
}
try --today 2026-11-30
echo '# the day after'
try --today 2026-12-01
echo '# two rules for one, and one that is idle'
try --today 2026-11-30 --ignore '/*' --ignore order:/nowhere
echo '# nothing was compared, or not all: nothing is said of idle rules'
try --today 2026-11-30 --no-compare --ignore /nowhere
try --today 2026-11-30 --id c
status refold run -q --today 2026-11-30 h -a "$AGGREGATES/file.so" --ignore /nowhere
echo '# a bless that compares tells too'
status refold bless -q --dry-run --today 2026-12-01 h -a "$order"
status refold bless -q --cluster 34faa8de0b9adf23 --today 2026-12-01 h -a "$order"
echo '# nor is it silent in CI'
for format in tap github; do
    status refold run -r "$format" h -a "$order" --today 2026-11-30 2>&1 | grep -e '^#' -e '^::notice'
done
