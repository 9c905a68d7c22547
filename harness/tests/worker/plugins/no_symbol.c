/* SPDX-License-Identifier: MIT */
/* A shared object that is no aggregate. */
extern int refold_nothing;
int refold_nothing = 1;
