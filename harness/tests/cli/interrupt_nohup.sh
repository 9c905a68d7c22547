# SPDX-License-Identifier: MIT
# Under nohup a SIGHUP ends nothing: the terminal may go.
. "$ROOT/harness/tests/cli/history.inc"
event hang-1 1 Added | into 00
bless h -a "$crasher"
event hang-1 2 Added | into 01
python3 -SEc 'import signal, subprocess, sys, time
signal.signal(signal.SIGHUP, signal.SIG_IGN)
run = subprocess.Popen(["refold", "run", "-q", "--timeout", "60", "h", "-a", sys.argv[1]], stderr=subprocess.DEVNULL)
def heeds(number):
    fields = dict(line.split(":\t") for line in open("/proc/%d/status" % run.pid) if ":\t" in line)
    return int(fields["SigCgt"], 16) >> (number - 1) & 1
deadline = time.time() + 8
while not heeds(signal.SIGTERM) and time.time() < deadline:
    time.sleep(0.005)
run.send_signal(signal.SIGHUP)
time.sleep(0.1)
print("hung up:", run.poll())
run.send_signal(signal.SIGTERM)
print("terminated:", run.wait())' "$crasher"
