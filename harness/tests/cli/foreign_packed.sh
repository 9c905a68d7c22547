# SPDX-License-Identifier: MIT
# What begins as records do and holds no event is damage under any name, as it lies and packed.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
bless h -a "$order"
first=$(event a 2 OrderApproved)
text=$(printf '%s' "$first" | sed 's/["\\]/\\&/g')
try() { # TEXT: under a name without an ending, plain, as gzip, and as gzip in gzip
    echo "== $(printf '%s' "$1" | cut -c 1-30)"
    printf '%s' "$1" > plain
    member < plain > once
    member < once > twice
    for form in plain once twice; do
        cp $form h/2026/07/01/00/part-0
        status refold run -q h -a "$order" 2> /dev/null
    done
}
try "[[$first]]"
try "[[[$first]]]"
try "[\"$text\"]"
try "[[\"$text\"]]"
try "$(printf '\357\273\277')[[$first]]"
try "\"$text\""
echo "== so is what has one in a line of something else"
for front in 'INFO: ' 'data: ' 'x,'; do
    try "$front$first"
done
try "x $first y"
try "cb($first);"
try "<e>$first</e>"
try "1,\"$(printf '%s' "$first" | sed 's/"/""/g')\""
try "INFO \"$text\""
try "INFO: $first
{\"t\":\"Order"
try "x,{\"t\":"
try "# v1
{\"t\":\"OrderApproved\",\"d\":{\"x\":NaN}}"
try "# v1
{t:\"OrderApproved\"}"
try "[]
{\"t\":\"Order"
try 'INFO "{\n \"t\" : \"OrderApproved\"}"'
try 'INFO "x=\"{\\\"t\\\":1}\""'
try 'INFO: {
  "t":"OrderApproved"
}'
try "$(printf '%s' "$first" | base64 -w 0 | cut -c 1-99)"
try "INFO: $(printf '%s' "$first" | base64 -w 0 | sed 's/./*/9')"
try "$(printf '%s' "$first" | base64 -w 76)"
b64=$(printf '%s' "$first" | base64 -w 0)
try "[\"$b64\"]"
try "[[\"2026-07-01\",$first]]"
try "[\"x\",\"INFO $text\"]"
try "[\"$b64"
try "INFO {\\u0022t\\u0022:1}"
try "$(printf '%s' "$first" | gzip -nc | base64 -w 76)"
echo "== what holds none is foreign; what holds nothing is read"
try "[1,2]"
try "['\"]foo
*.o"
try '["1.0","2.0"]'
printf '\211PNG\r\n\032\n\000\n{\001\377\000"\n[\002"x' > picture
try "$(tr -d '\000' < picture)"
try "x,{}"
try "x,{\"t\""
try 'M{\"u}ller {"a", "b"} {n:1}'
try "[]"
