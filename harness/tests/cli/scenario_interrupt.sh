# SPDX-License-Identifier: MIT
# A signal ends it in order: 128 + its number, the worker killed, the scenario at hand not judged.
. "$ROOT/harness/tests/cli/scenario.inc"
file << 'END'
scenario: holds
given Noted
state {"events": 1}

scenario: does not come back
when Hang
then refused

scenario: never played
given Noted
state {"events": 1}
END
for signal in INT TERM HUP; do
    python3 -SEc 'import json, os, signal, subprocess, sys, time
run = subprocess.Popen(["refold", "scenario", "-r", "text", "-r", "json=r.json", "--timeout", "60", "-a", sys.argv[2], "s.scenario"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
def busy():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = open("/proc/%s/stat" % pid).read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(stat[1]) == run.pid and int(stat[11]) > 2:
            found.append(int(pid))
    return found
deadline = time.time() + 20
while not busy() and time.time() < deadline:
    time.sleep(0.005)
mine = busy()
run.send_signal(getattr(signal, "SIG" + sys.argv[1]))
out, err = run.communicate()
time.sleep(0.05)
report = json.load(open("r.json"))
print(sys.argv[1], "exit", run.returncode if run.returncode >= 0 else 128 - run.returncode, report["verdict"], report["exit"], report["error"], "left:", [p for p in mine if os.path.exists("/proc/%d" % p)])
print(out.decode(), err.decode(), sep="")' $signal "$decider"
done
