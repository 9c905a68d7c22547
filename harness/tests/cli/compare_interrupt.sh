# SPDX-License-Identifier: MIT
# A signal ends a comparison in order: 128 + its number, no process and no file left.
. "$ROOT/harness/tests/cli/history.inc"
mkdir repo
cd repo
gitten init -q .
cp "$ROOT/harness/tests/worker/plugins/twin.h" "$ROOT/harness/tests/worker/plugins/twin_base.c" "$ROOT/harness/tests/worker/plugins/twin_head.c" .
gitten add -A
gitten commit -qm twins
cd ..
two a 1 add hang | into 00
two b 1 hang add | into 01
for hour in 00 01; do
    python3 -SEc 'import json, os, signal, subprocess, sys, time
run = subprocess.Popen(["refold", "compare", "-q", "-r", "json=../r.json", "--timeout", "60", "HEAD:twin_base.c", "HEAD:twin_head.c", "../h/2026/07/01/" + sys.argv[1]], cwd="repo", stderr=subprocess.DEVNULL)
def workers():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = open("/proc/%s/stat" % pid).read().rsplit(")", 1)[1].split()
            name = open("/proc/%s/cmdline" % pid).read()
        except OSError:
            continue
        if int(stat[1]) == run.pid and "--fold" in name:
            found.append(int(pid))
    return found
deadline = time.time() + 20
wanted = 2 if sys.argv[1] == "00" else 1
while len(workers()) < wanted and time.time() < deadline:
    time.sleep(0.005)
time.sleep(0.1)
mine = workers()
run.send_signal(signal.SIGINT)
ended = run.wait()
time.sleep(0.05)
left = [pid for pid in mine if os.path.exists("/proc/%d" % pid)]
report = json.load(open("r.json"))
print("exit", ended if ended >= 0 else 128 - ended, report["verdict"], report["exit"], "workers:", len(mine), "left:", left)' $hour
done
