/* SPDX-License-Identifier: MIT */
/* How two numbers stand to each other, as qsort asks for it. */
#ifndef RF_BASE_ORDER_H
#define RF_BASE_ORDER_H

/** Below, at or above 0. For two integers of one type, or two pointers into one array; each is
 * evaluated twice. No difference: that would overflow. */
#define RF_ORDER(a, b) (((a) > (b)) - ((a) < (b)))

#endif
