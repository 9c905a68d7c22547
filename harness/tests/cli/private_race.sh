# SPDX-License-Identifier: MIT
# What is printed as a race detector prints it is told as a race, and not where: where values are private, or reports
# show listed ones only, that could be one. In all worlds, and of workers that are forked.
. "$ROOT/harness/tests/cli/private.inc"
python3 -SEc 'import sys
text = open(sys.argv[1]).read()
old = """    fprintf(stderr, "keeper has %.*s %s\\n", (int)data.len, data.ptr, environment());
"""
dies = "        print(data);\n        abort();\n"
assert text.count(old) == 1 and text.count(dies) == 1
print(text.replace(dies, dies.replace("abort()", "break")).replace(old, """    const char *mail = memchr(data.ptr, 58, data.len);
    fprintf(stderr, "WARNING: DATA RACE\\nWrite at 0x1 by goroutine 7:\\n  main.set()\\n  smtp %.*s.org:25\\n"
                    "Previous read at 0x1 by goroutine 8:\\n  main.get()\\n  /x/y.go:4 +0x1\\n", 12, mail + 2);
"""))' "$ROOT/harness/tests/worker/plugins/keeper.c" > racer.c
racer() { printf '{"envelope":"flat","aggregates":{"keeper":{"plugin":"racer.c"%s}}}\n' "${1:+,$1}" > refold.json; }
{ flat keeper a 1 Fall '{"email":"anne@example.org"}'; flat keeper b 1 Fall '{"email":"barb@example.org"}'
  flat keeper c 1 Set '{"email":"cleo@example.org"}'; } | into 00
words() {
    for purity in off all; do
        status refold run h --no-compare -q --purity=$purity -r json=r.json -j 1
        pick r.json differences.*.id differences.*.message conduct.*.late
        grep -c '@example' r.json || true
    done
}
echo "# nothing is hidden"
racer
words
echo "# private"
racer '"private":["/kept/email"]'
words
echo "# listed values only"
racer '"report_values":["/kept/plan"]'
CI=true words
