# SPDX-License-Identifier: MIT
# A signal ends a run in order: 128 + its number, no process, no file left, the golden untouched.
. "$ROOT/harness/tests/cli/history.inc"
{ event hang-1 1 Added; event a 1 Added; } | into 00
bless h -a "$crasher"
cp -r golden before
event hang-1 2 Added | into 01
for verb in run bless; do
    for signal in INT TERM HUP; do
        python3 -SEc 'import json, os, signal, subprocess, sys, time
run = subprocess.Popen(["refold", sys.argv[1], "-q", "-r", "json=r.json", "--timeout", "60", "h", "-a", sys.argv[3]], stderr=subprocess.DEVNULL)
def workers():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = open("/proc/%s/stat" % pid).read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(stat[1]) == run.pid:
            found.append((int(pid), int(stat[11])))
    return found
deadline = time.time() + 20
while not any(ticks > 2 for _, ticks in workers()) and time.time() < deadline:
    time.sleep(0.005)
mine = [pid for pid, _ in workers()]
run.send_signal(getattr(signal, "SIG" + sys.argv[2]))
ended = run.wait()
time.sleep(0.05)
left = [pid for pid in mine if os.path.exists("/proc/%d" % pid)]
report = json.load(open("r.json"))
os.remove("r.json")
print(sys.argv[1], sys.argv[2], "exit", ended if ended >= 0 else 128 - ended, report["verdict"], report["exit"], "hanging:", len(mine) > 0, "left:", left)' $verb $signal "$crasher"
    done
done
diff -r golden before && echo 'golden untouched'
