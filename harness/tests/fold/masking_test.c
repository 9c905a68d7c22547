/* SPDX-License-Identifier: MIT */
/* What of a worker's answers passes, where values are private. */
#include "fold/masking.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

static const char key[] = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/** The answer's text, masked; for free. */
static char *
mask(uint32_t kind, uint32_t status, const char *text)
{
    static char pointer[] = "/email";
    static const struct rf_mask_rule rule = {.pointer = pointer};
    struct rf_privacy *privacy = rf_privacy_new(key, strlen(key));
    rf_privacy_add(privacy, &(struct rf_private_rules){
                                .aggregate = "keeper", .state = &rule, .state_count = 1});
    const struct rf_fold_request request = {.privacy = privacy};
    const struct rf_instance instance = {.aggregate_name = "keeper"};
    const struct rf_plan plan = {.instance = &instance};
    struct rf_lane lane = {.request = &request};
    struct rf_worker_answer answer = {
        .kind = kind, .status = status, .text = text, .text_bytes = strlen(text)};
    rf_masking_answer(&lane, &plan, &answer);
    char *masked = strndup(answer.text, answer.text_bytes);
    rf_masker_done(&lane.masker);
    rf_buf_done(&lane.masked);
    rf_privacy_free(privacy);
    return masked;
}

static void
expect_calls(uint32_t status, const char *text, const char *expected)
{
    char *masked = mask(RF_ANSWER_CALLS, status, text);
    cr_expect_str_eq(masked, expected, "%s: %s", text, masked);
    free(masked);
}

Test(masking, lets_pass_the_functions_that_were_called)
{
    expect_calls(RF_STATUS_OK, "0 time\n1 getrandom\n8 -\n", "0 time\n1 getrandom\n8 -\n");
    expect_calls(RF_STATUS_OK, "0 time", "0 time\n");
}

/* A worker that was scribbled over may have any text there. */
Test(masking, lets_pass_nothing_else_as_a_function)
{
    static const char *const others[] = {
        "0 ann@example.org\n", "0 tim\n",    "0 times \n", " 0 time\n", "1 time\n",
        "{\"email\":1}\n",     "0 time\r\n", "\n",         "8 --\n",    "-",
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        char text[64];
        expect_calls(RF_STATUS_OK, others[i], "");
        expect_calls(RF_STATUS_REJECTED, others[i], "");
        (void)snprintf(text, sizeof(text), "0 time\n%s", others[i]);
        expect_calls(RF_STATUS_OK, text, "0 time\n");
    }
}

Test(masking, hides_what_is_private_of_a_state_and_all_that_is_none)
{
    char *state = mask(RF_ANSWER_STATE, RF_STATUS_OK, "{\"email\":\"a\",\"plan\":\"free\"}");
    cr_expect(strstr(state, "\"email\":\"hmac:") != NULL && strstr(state, "free") != NULL, "%s",
              state);
    free(state);
    char *none = mask(RF_ANSWER_STATE, RF_STATUS_OK, "0 time\n");
    cr_expect(strstr(none, "time") == NULL && strstr(none, "hmac:") != NULL, "%s", none);
    free(none);
}

/** The status of a state's answer whose masked text may have so many bytes. */
static uint32_t
bound(uint32_t kind, size_t most, const char *text, bool expected)
{
    static char pointer[] = "/*";
    static const struct rf_mask_rule rule = {.pointer = pointer, .shows_keys = true};
    struct rf_privacy *privacy = rf_privacy_new(key, strlen(key));
    rf_privacy_add(privacy, &(struct rf_private_rules){
                                .aggregate = "keeper", .state = &rule, .state_count = 1});
    const struct rf_fold_request request = {.privacy = privacy};
    const struct rf_instance instance = {.aggregate_name = "keeper"};
    const struct rf_plan plan = {.instance = &instance};
    struct rf_lane lane = {.request = &request, .masked_most = most};
    struct rf_worker_answer answer = {
        .kind = kind, .status = RF_STATUS_OK, .text = text, .text_bytes = strlen(text)};
    rf_masking_answer(&lane, &plan, &answer);
    cr_expect_eq(memmem(answer.text, answer.text_bytes, "hmac:", 5) != NULL, expected);
    cr_expect_eq(memmem(answer.text, answer.text_bytes,
                        "longer than 192 MiB once its private values are hashed", 54) == NULL,
                 expected);
    rf_masker_done(&lane.masker);
    rf_buf_done(&lane.masked);
    rf_privacy_free(privacy);
    return answer.status;
}

/* "hmac:", 32 digits and quotes are 39 bytes. */
Test(masking, takes_no_state_that_is_too_long_for_a_golden_once_it_is_masked)
{
    const char *text = "[1,2]";
    const size_t masked = 2 * 39 + 3;
    cr_expect_eq(bound(RF_ANSWER_STATE, masked, text, true), RF_STATUS_OK);
    cr_expect_eq(bound(RF_ANSWER_STATE, masked - 1, text, false), RF_STATUS_BROKEN);
    cr_expect_eq(bound(RF_ANSWER_TRACE, masked - 1, text, false), RF_STATUS_BROKEN);
    cr_expect_eq(bound(RF_ANSWER_STATE, 0, text, true), RF_STATUS_OK);
    cr_expect_lt(RF_LIMIT_MASKED_STATE_BYTES + 6 * RF_LIMIT_ID_MOST + RF_MIB, RF_LIMIT_LINE_BYTES);
}
