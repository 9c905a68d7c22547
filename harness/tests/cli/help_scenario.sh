# SPDX-License-Identifier: MIT
# The help of scenario and new.
refold scenario --help
refold help new
