/* SPDX-License-Identifier: MIT */
/* Days, for what holds up to a last one: "2026-12-31". As texts they compare as days do. */
#ifndef RF_BASE_DAY_H
#define RF_BASE_DAY_H

#include <stdbool.h>

#define RF_DAY_BYTES 11

/** Whether it is a day of the calendar, years 0001 to 9999, written so and not otherwise. */
bool rf_day_valid(const char *text);
/** Today in UTC, by the system's clock. */
void rf_day_today(char ret[RF_DAY_BYTES]);
/** Whether a last day (NULL: there is none) is over. */
bool rf_day_is_over(const char *last, const char *today);

#endif
