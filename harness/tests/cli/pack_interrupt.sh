# SPDX-License-Identifier: MIT
# A pack that is interrupted leaves what was there, and nothing else.
mkdir -p history/2017/03/01/00
echo '{"t":"OrderCreated","d":{"ID":"a","Version":1,"At":"2017-03-01T00:00:00Z"}}' >history/2017/03/01/00/one.json
refold pack -q history -o history.pack
sum=$(cksum <history.pack)
for signal in INT TERM; do
    python3 -SEc 'import array, fcntl, signal, subprocess, sys, termios, time
run = subprocess.Popen(["refold", "pack", "-", "-o", "history.pack"], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
run.stdin.write(b"{\"t\":\"A\",\"d\":{\"ID\":\"1\",\"Version\":1,\"At\":\"2020-01-01T00:00:00Z\"}}\n")
run.stdin.flush()
left = array.array("i", [1])
deadline = time.time() + 8
while left[0] > 0 and time.time() < deadline:  # until it is at work
    time.sleep(0.01)
    fcntl.ioctl(run.stdin, termios.FIONREAD, left)
run.send_signal(getattr(signal, "SIG" + sys.argv[1]))
_, err = run.communicate()
print(sys.argv[1], "exit", run.returncode if run.returncode >= 0 else 128 - run.returncode, err.decode().strip())' $signal
done
[ "$(cksum <history.pack)" = "$sum" ] && echo "as it was"
ls -A
