# SPDX-License-Identifier: MIT
# A signal, a closed pipe, a full disk, ^C while a pager runs: each ends in order, and leaves no process.
. "$ROOT/harness/tests/cli/history.inc"
{ event hang-1 1 Added; event hang-1 2 Added; } | into 00
for signal in INT TERM HUP; do
    python3 -SEc 'import os, signal, subprocess, sys, time
run = subprocess.Popen(["refold", "show", "--timeout", "60", "hang-1", "h", "-a", sys.argv[2]], stdout=subprocess.PIPE)
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
run.send_signal(getattr(signal, "SIG" + sys.argv[1]))
ended = run.wait()
time.sleep(0.05)
left = [pid for pid in mine if os.path.exists("/proc/%d" % pid)]
print(sys.argv[1], "exit", ended if ended >= 0 else 128 - ended, "hanging:", len(mine) > 0, "left:", left)' $signal "$crasher"
done
life b 5 | into 01
for view in "-v" "--json" "--blame" "--at 1"; do
    python3 -SEc 'import os, signal, subprocess, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
read, write = os.pipe()
os.close(read)
ended = subprocess.run(["refold", "show"] + sys.argv[1].split() + sys.argv[2:], stdout=write).returncode
print("closed: exit", ended if ended >= 0 else 128 - ended)' "$view" b h -a "$order"
done
for view in "-v" "--json" "--blame"; do
    ended=0
    refold show $view b h -a "$order" > /dev/full || ended=$?
    echo "full: exit $ended"
done
# ^C comes to all that run on the terminal: the pager decides what it means.
python3 -SEc 'import os, pty, sys, time
child, screen = pty.fork()
if child == 0:
    os.environ.update(TERM="xterm", PAGER="trap : INT; echo ready; sleep 0.3; cat")
    os.execvp("refold", ["refold", "show", "-q", "--color=never"] + sys.argv[1:])
shown = b""
while b"ready" not in shown:
    shown += os.read(screen, 4096)
os.write(screen, b"\x03")
while True:
    try:
        shown += os.read(screen, 4096)
    except OSError:
        break
print("^C:", shown.decode().replace("\r\n", " / "), "exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))' b h -a "$order"
