# SPDX-License-Identifier: MIT
# What git refuses ends with 2, in git's own words; nothing is left behind.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
export LC_ALL=C
try() {
    code refold compare "$@" 2>&1
}
# Where git stops to look upwards is another place on each machine.
try HEAD:order.c "$order" h | sed 's/ (or any .*//'
mkdir repo
cd repo
gitten init -q .
cp "$ROOT/aggregates/order.c" order.c
try HEAD:order.c order.c ../h
gitten add order.c
gitten commit -qm first
try nowhere:order.c order.c ../h
try order.c HEAD~5:order.c ../h
try HEAD:orders/order.c order.c ../h
try HEAD:../order.c order.c ../h
try HEAD:order.so order.c ../h
try HEAD: order.c ../h
try :order.c order.c ../h
try 'HEAD~1000000000000:order.c' order.c ../h
try -- -p:order.c order.c ../h
try "$(printf 'no\033[31msuch:order.c')" order.c ../h
TMPDIR=/nowhere code refold compare HEAD:order.c order.c ../h 2>&1 | sed 's/refold-[A-Za-z0-9]*:/refold-X:/'
# One file of a program; a folder that is none; what leads to the working tree.
mkdir folder
touch folder/main.go folder/main.rs
ln -s "$PWD/order.c" link.c
gitten add folder link.c
gitten commit -qm programs
try order.c folder/main.rs ../h
try HEAD:folder/main.go order.c ../h
try HEAD:. order.c ../h
try HEAD:link.c order.c ../h
PATH="${PATH%%:*}" try HEAD:order.c order.c ../h
gitten config filter.broken.smudge false
gitten config filter.broken.required true
echo '*.h filter=broken' > .gitattributes
echo '/* */' > order.h
gitten config filter.broken.clean cat
gitten add -A
gitten commit -qm second
code refold compare HEAD:order.c order.c ../h 2>&1 | sed 's/says: .*/says: .../'
