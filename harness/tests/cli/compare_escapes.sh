# SPDX-License-Identifier: MIT
# Ids, types, messages and names of builds are hostile: nothing in the report does anything, or runs into the next line.
. "$ROOT/harness/tests/cli/history.inc"
{
    two '\u001b[31mred' 1 add take
    two 'it'"'"'s; $(rm x)' 1 add take
    two '\n\u202e' 1 add take
    two 'nul\u0000' 1 add take
    event types 1 'Un\u001b[1mheard\u0000\n'
    event types2 1 'OnlyHead'
} | into 00
cp "$twin_base" "$(printf 'b\033[7m.so')"
cp "$twin_head" "it's head.so"
status refold compare "$(printf 'b\033[7m.so')" "it's head.so" h -r text -r json=r.json | cat -v
pick r.json differences.*.id | cat -v
for id in -rf it; do
    rm -r h
    two $id 1 add take | into 00
    refold compare "$twin_base" "it's head.so" h | tail -n 1
done
