# SPDX-License-Identifier: MIT
# Workers that are killed from outside: their instances are folded again, or named; never the same in silence.
. "$ROOT/harness/tests/cli/history.inc"
for id in a b c d e f g h i j k l m n o p q r s t; do event $id 1 Add '"By":1'; event $id 2 Slow; event $id 3 Add '"By":2'; done | into 00
cp "$faller" other.so
python3 -SEc 'import json, os, signal, subprocess, sys, time
run = subprocess.Popen(["refold", "compare", sys.argv[1], "other.so", "h", "-q", "-r", "json=r.json"], stdout=subprocess.DEVNULL)
killed = []
deadline = time.time() + 8
while run.poll() is None and time.time() < deadline:
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = open("/proc/%s/stat" % pid).read().rsplit(")", 1)[1].split()
            name = open("/proc/%s/cmdline" % pid).read()
            if int(stat[1]) == run.pid and ("--fold" in name or "--serve" in name) and len(killed) < 5:
                os.kill(int(pid), signal.SIGKILL)
                killed.append(pid)
        except OSError:
            continue
    time.sleep(0.2)
ended = run.wait()
report = json.load(open("r.json"))
tally = report["aggregates"][0]
fallen = report["differences"]
assert ended == report["exit"] == (1 if fallen else 0), ended
assert tally["instances"] == 20 == tally["same"] + len(fallen), tally
assert len(fallen) <= len(killed), (fallen, killed) # one that was not yet ready costs nothing
for d in fallen:
    assert "SIGKILL" in d["message"], d
assert report["history"]["events"] == 60 and report["history"]["folded"] + report["history"]["unfolded"] == 60
print("killed:", len(set(killed)))' "$faller"
