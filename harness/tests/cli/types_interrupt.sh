# SPDX-License-Identifier: MIT
# A signal ends it: 128 + its number, and the listing says so.
. "$ROOT/harness/tests/cli/history.inc"
for signal in INT TERM HUP; do
    for form in --json --dot -q; do
        python3 -SEc 'import array, fcntl, json, signal, subprocess, sys, termios, time
run = subprocess.Popen(["refold", "types", sys.argv[2], "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
run.stdin.write(b"{\"t\":\"A\",\"d\":{\"ID\":\"1\",\"Version\":1,\"At\":\"2020-01-01T00:00:00Z\"}}\n")
run.stdin.flush()
left = array.array("i", [1])
deadline = time.time() + 8
while left[0] > 0 and time.time() < deadline:  # until it is at work
    time.sleep(0.01)
    fcntl.ioctl(run.stdin, termios.FIONREAD, left)
run.send_signal(getattr(signal, "SIG" + sys.argv[1]))
out, err = run.communicate()
told = json.loads(out)["exit"] if sys.argv[2] == "--json" else out.decode().strip()
print(sys.argv[1], sys.argv[2], "exit", run.returncode if run.returncode >= 0 else 128 - run.returncode, "says", told)
# it may have come to the event by then, or not
print(err.decode().replace(", 0 of 1 events done", ""), end="")' $signal $form
    done
done
