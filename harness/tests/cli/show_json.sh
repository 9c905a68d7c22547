# SPDX-License-Identifier: MIT
# The same for programs; the form is that of reports/schema/show.schema.json (oracle/show_test.py).
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; } | into 00
status refold show --json a h -a "$order"
for view in "--at 1" "--diff 1 2" "--blame" "--path /items"; do
    # shellcheck disable=SC2086 # an option and its words
    refold show --json $view a h -a "$order" | sed -n '/"view"/,/"withdrawn"/p'
done
status refold show --json c h -a "$order"
