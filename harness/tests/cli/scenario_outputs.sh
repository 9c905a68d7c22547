# SPDX-License-Identifier: MIT
# A report that cannot be written: 5. A reader that has gone: SIGPIPE. Names do nothing to who reads them.
. "$ROOT/harness/tests/cli/scenario.inc"
file << 'END'
scenario: ::error::name ##[group] [31mred
when Make {"type": "::warning::x"}
then refused "::set-output name=a::b"

scenario: holds
given Noted
state {"events": 1}
END
full refold scenario -a "$decider" s.scenario
ended refold scenario -q -a "$decider" -r text -r json=/nowhere/r.json s.scenario
ended refold scenario -q -a "$decider" -r json=r.json -r text=/nowhere/r.txt s.scenario
grep '"exit"' r.json
mkfifo pipe
cat pipe > got &
ended refold scenario -q -a "$decider" -r json=pipe -r text=/nowhere/r.txt s.scenario
wait
grep '"exit"' got
rm pipe
python3 -SEc 'import os, signal, subprocess, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
read, write = os.pipe()
os.close(read)
print("ended by", -subprocess.run(["refold", "scenario", "-a", sys.argv[1], "s.scenario"], stdout=write).returncode)' "$decider"
cp s.scenario '::error::.scenario'
ended refold scenario -a "$decider" '::error::.scenario'
refold scenario -a "$decider" -r json '::error::.scenario' > r.json || true
schema r.json scenario-report.schema.json
