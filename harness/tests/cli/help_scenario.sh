# SPDX-License-Identifier: MIT
# The help of scenario.
refold scenario --help
