/* SPDX-License-Identifier: MIT */
/* The order that ships, without its table: a build with a bug wraps its apply. */
#ifndef SIM_ORDER_H
#define SIM_ORDER_H

#include <refold/aggregate.h>

#undef REFOLD_AGGREGATE_COMMANDS
#define REFOLD_AGGREGATE_COMMANDS(...)
#include "aggregates/order.c"

#define ORDER_WITH(type_rows, field_rows, apply_function)                                          \
    REFOLD_AGGREGATE_("order", 1, struct order, type_rows, field_rows, apply_function, commands,   \
                      sizeof(commands) / sizeof((commands)[0]), order_handle)
#define ORDER(apply_function) ORDER_WITH(types, fields, apply_function)

#endif
