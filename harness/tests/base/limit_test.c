/* SPDX-License-Identifier: MIT */
/* No test hangs for ever. Criterion 2.4.1 reads --timeout and does not heed it; what a test says
 * itself it does heed. */
#include <criterion/criterion.h>
#include <criterion/hooks.h>

#define SECONDS_MOST 120

ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
    FOREACH_SET(struct criterion_suite_set * suite, tests->suites)
    {
        bool has_own = suite->suite.data != NULL && suite->suite.data->timeout > 0;
        FOREACH_SET(struct criterion_test * test, suite->tests)
        {
            if (!has_own && test->data->timeout <= 0) {
                test->data->timeout = SECONDS_MOST;
            }
        }
    }
}
