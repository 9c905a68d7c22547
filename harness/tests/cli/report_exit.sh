# SPDX-License-Identifier: MIT
# Exit and verdict of a JSON report are those of the process, however it ends (history.inc compares them).
. "$ROOT/harness/tests/cli/history.inc"
end() {
    rm -f r.json
    echo "$1"
    shift
    code refold "$@" -q -r json=r.json 2> /dev/null
    pick r.json verdict exit
}
{ life a 3; life b 3; } | into 00
end 'first bless' bless h -a "$order"
end 'same' run h -a "$order"
life c 3 | into 01
end 'unblessed' run h -a "$order" --require-golden
end 'one id' run h -a "$order" --id c
end 'nothing' run h -a "$order" --id nobody
end 'no golden' run h -a "$order" -g elsewhere
end 'no compare' run h -a "$order" --no-compare
end 'no source' run nowhere -a "$order"
end 'no plugin' run h -a nowhere.so
CI=1 end 'in CI' bless h -a "$order"
end 'golden unwritten' bless h -a "$order" -g /proc/refold/golden
end 'other report unwritten' run h -a "$order" -r text=nowhere/r.txt
rm -f r.json
echo 'standard output full'
ended=0
refold run h -a "$order" -r json=r.json > /dev/full 2> /dev/null || ended=$?
echo "exit $ended"
pick r.json verdict exit
event c 3 OrderShipped | into 02
end 'damaged' run h -a "$order"
end 'damaged, and unwritten' run h -a "$order" -r json=nowhere/r.json
