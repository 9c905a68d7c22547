# SPDX-License-Identifier: MIT
# The verb's help, from the tables of options and verbs.
refold doctor --help
