# SPDX-License-Identifier: MIT
# States that cannot be made: without JSON in between, a worker that dies of making one, an aggregate that is not pure.
. "$ROOT/harness/tests/cli/history.inc"
mirror="$PLUGINS/mirror.so"
{
    flat mirror nan 1 Add '{"By":1}'; flat mirror trap 1 Set '{"a":1}'; flat mirror trap 2 Trap; flat mirror trap 3 Set '{"a":2}'
    flat mirror odd 1 Set '{"a":1}'; flat mirror odd 2 Odd; flat mirror odd 3 Same; flat mirror odd 4 Set '{"a":1,"b":2}'
    flat mirror tree 1 Set '{"list":[1,{"x/y":[]}],"empty":{}}'; flat mirror tree 2 Set '{"list":[0,1,{"x/y":[]}],"empty":{}}'
    flat mirror impure 1 Impure
} | into 00
for id in trap odd tree; do
    status refold show $id h -a "$mirror"
    status refold show --blame -q $id h -a "$mirror"
done
status refold show --at 1 -q trap h -a "$mirror"
status refold show --at 2 -q odd h -a "$mirror"
status refold show --diff 1 2 -q odd h -a "$mirror"
status refold show --path /a -q odd h -a "$mirror"
status refold show --path '/list/1/x~1y' -q tree h -a "$mirror"
refold show impure h -a "$mirror" | sed 's/[0-9]\{2,\}$/PID/'
code refold show impure h -a "$mirror"
rm -r h
{ flat faller n 1 Add '{"By":1}'; flat faller n 2 NotANumber; flat faller n 3 Add '{"By":1}'; } | into 00
status refold show n h -a "$faller"
status refold show --at 3 -q n h -a "$faller"
status refold show --json n h -a "$faller" | sed -n '/"instances"/,/"withdrawn"/p'
