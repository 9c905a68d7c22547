# SPDX-License-Identifier: MIT
# A script for each of three shells, whatever the config here says; others are refused.
. "$ROOT/harness/tests/cli/history.inc"
refold completion --help
echo '{broken' > refold.json
for shell in bash zsh fish; do
    refold completion "$shell" > "$shell.script"
    grep -c "made by 'refold completion $shell'" "$shell.script"
done
code refold completion
code refold completion tcsh
code refold completion bash zsh
code refold completion bash --golden=g
ended=0
refold completion bash > /dev/full || ended=$?
echo "exit $ended"
