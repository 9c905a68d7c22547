/* SPDX-License-Identifier: MIT */
/* Days, for what holds up to a last one. */
#include "base/day.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/time.h"

bool
rf_day_valid(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    int numbers[3] = {0};
    size_t part = 0;
    if (strlen(text) != strlen(form)) {
        return false;
    }
    for (size_t i = 0; form[i] != '\0'; i++) {
        if (form[i] == '-') {
            part++;
            if (text[i] != '-') {
                return false;
            }
        } else if (text[i] < '0' || text[i] > '9') {
            return false;
        } else {
            numbers[part] = numbers[part] * 10 + (text[i] - '0');
        }
    }
    return numbers[0] >= 1 && rf_date_valid(numbers[0], numbers[1], numbers[2]);
}

void
rf_day_today(char ret[RF_DAY_BYTES])
{
    time_t now = time(NULL);
    struct tm parts;
    RF_VERIFY(gmtime_r(&now, &parts) != NULL &&
              strftime(ret, RF_DAY_BYTES, "%Y-%m-%d", &parts) > 0);
}

bool
rf_day_is_over(const char *last, const char *today)
{
    return last != NULL && strcmp(last, today) < 0;
}
