/* SPDX-License-Identifier: MIT */
/* The review at the terminal. */
#include "cli/review.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "cli/review_show.h"
#include "cli/say.h"
#include "cli/terminal.h"

/* Narrow terminals show less of a value, wide ones more; the rest of its line is a path. */
#define PATH_COLUMNS        24
#define LEAST_VALUE_WIDTH   40
#define LARGEST_VALUE_WIDTH 400

/** Where to go after a question. */
enum step {
    STEP_ON,   /* to what comes next */
    STEP_BACK, /* to what came before */
    STEP_STAY, /* ask again */
    STEP_UP,   /* from the instances to their group */
    STEP_QUIT,
    STEP_LEFT,        /* early, and nothing is to be written */
    STEP_END,         /* standard input is over */
    STEP_INTERRUPTED, /* by a signal */
};

struct walk {
    struct rf_review *review;
    struct rf_review_view view;
    struct rf_buf out;
};

static void
print(struct walk *walk)
{
    rf_say_lines(&walk->out);
    rf_buf_clear(&walk->out);
}

static void
say(struct walk *walk, const char *text)
{
    rf_buf_string(&walk->out, text);
    print(walk);
}

/** Asks for a key; it is shown, if it is one that stands for something. */
static int
ask(struct walk *walk, const char *question, const char *keys)
{
    rf_buf_string(&walk->out, question);
    rf_buf_string(&walk->out, " [");
    for (const char *key = keys; *key != '\0'; key++) {
        rf_buf_string(&walk->out, key == keys ? "" : ",");
        rf_buf_byte(&walk->out, *key);
    }
    say(walk, "] ");
    int key = rf_terminal_key();
    bool is_one = key > 0 && strchr(keys, key) != NULL;
    if (is_one) {
        rf_buf_byte(&walk->out, (char)key);
    }
    say(walk, "\n");
    return is_one || key < 0 ? key : 0;
}

/** The step that a key is, which means the same everywhere. */
static enum step
common_step(struct walk *walk, int key, const char *help)
{
    switch (key) {
    case '?':
        rf_buf_string(&walk->out, help);
        return STEP_STAY;
    case RF_KEY_END:
        return STEP_END;
    case RF_KEY_INTERRUPTED:
        return STEP_INTERRUPTED;
    case 'b':
        return STEP_BACK;
    case 'q':
        return STEP_QUIT;
    default:
        rf_buf_string(&walk->out, "? tells what the keys do\n");
        return STEP_STAY;
    }
}

/* ---- reasons --------------------------------------------------------------------------------- */

/** Blanks at both ends and characters that cannot be seen go. */
static void
tidy(struct rf_buf *line)
{
    size_t kept = 0;
    for (size_t i = 0; i < line->used; i++) {
        unsigned char byte = (unsigned char)line->bytes[i];
        if (byte >= ' ' && byte != 0x7f && (kept > 0 || byte != ' ')) {
            line->bytes[kept++] = (char)byte;
        }
    }
    while (kept > 0 && line->bytes[kept - 1] == ' ') {
        kept--;
    }
    line->used = kept;
}

/** Why a group is accepted. The end of standard input is no reason; the next question meets it. */
static enum step
ask_reason(struct walk *walk, struct rf_review_group *group)
{
    struct rf_buf line = {0};
    int end;
    for (;;) {
        say(walk, "why? (Enter: no reason) ");
        rf_buf_clear(&line);
        end = rf_terminal_line(&line);
        tidy(&line);
        if (end != 0 || line.used == 0 || rf_utf8_valid(line.bytes, line.used) == line.used) {
            break;
        }
        say(walk, "that is no UTF-8; once more\n");
    }
    if (end != 0) {
        say(walk, "\n");
    }
    free(group->reason);
    group->reason = line.used == 0 ? NULL : rf_strndup(line.bytes, line.used);
    rf_buf_done(&line);
    return end == RF_KEY_INTERRUPTED ? STEP_INTERRUPTED : STEP_ON;
}

/* ---- instances of a group -------------------------------------------------------------------- */

static const char instance_help[] =
    "a  accept: its line becomes what is shown\n"
    "r  reject: its line stays as it is; this is to be mended\n"
    "s  skip: its line stays as it is; decide another time\n"
    "d  details: all of its changes\n"
    "b  back to the instance before\n"
    "g  back to the group; what is not decided can be accepted or rejected at once\n"
    "q  quit: asks whether to write what was accepted so far\n";

static enum step
ask_instance(struct walk *walk, struct rf_review_group *group, size_t place)
{
    int key = ask(walk, "accept this one?", "arsdbgq?");
    switch (key) {
    case 'a':
        rf_review_decide_one(walk->review, group, place, RF_ACCEPTED);
        return STEP_ON;
    case 'r':
        rf_review_decide_one(walk->review, group, place, RF_REJECTED);
        return STEP_ON;
    case 's':
        rf_review_decide_one(walk->review, group, place, RF_SKIPPED);
        return STEP_ON;
    case 'd':
        rf_review_show_instance(&walk->view, group, place, true, &walk->out);
        return STEP_STAY;
    case 'g':
        return STEP_UP;
    default:
        return common_step(walk, key, instance_help);
    }
}

/** Goes through what is undecided; ends with STEP_UP, or what ends the walk. */
static enum step
walk_instances(struct walk *walk, struct rf_review_group *group)
{
    for (size_t place = 0; place < group->count;) {
        if (rf_review_decision(walk->review, group, place) != RF_UNDECIDED) {
            place++;
            continue;
        }
        rf_review_show_instance(&walk->view, group, place, false, &walk->out);
        enum step step;
        do {
            step = ask_instance(walk, group, place);
        } while (step == STEP_STAY);
        if (step == STEP_BACK && place == 0) {
            return STEP_UP;
        }
        if (step == STEP_BACK) {
            place--;
            rf_review_decide_one(walk->review, group, place, RF_UNDECIDED);
        } else if (step != STEP_ON) {
            return step;
        }
    }
    return STEP_UP;
}

/* ---- groups ---------------------------------------------------------------------------------- */

static const char group_help[] =
    "a  accept: the lines of these instances become what today's build makes of them\n"
    "r  reject: their lines stay as they are; this is to be mended\n"
    "s  skip: their lines stay as they are; decide another time\n"
    "d  details: some of them in full, with the event to blame\n"
    "i  go through them, one instance at a time\n"
    "b  back to the group before, undecided again\n"
    "q  quit: asks whether to write what was accepted so far\n";

/** Accepts what is undecided of a group. */
static enum step
accept_group(struct walk *walk, struct rf_review_group *group)
{
    rf_review_decide(walk->review, group, RF_ACCEPTED);
    return ask_reason(walk, group);
}

static enum step
walk_into(struct walk *walk, struct rf_review_group *group)
{
    enum step step = walk_instances(walk, group);
    if (step != STEP_UP) {
        return step;
    }
    if (group->decided[RF_UNDECIDED] > 0) {
        return STEP_STAY;
    }
    return group->decided[RF_ACCEPTED] > 0 ? ask_reason(walk, group) : STEP_ON;
}

static enum step
ask_group(struct walk *walk, struct rf_review_group *group)
{
    if (group->decided[RF_UNDECIDED] < group->count) {
        rf_review_show_decided(group, &walk->out);
        rf_buf_string(&walk->out, "; ");
    }
    size_t undecided = group->decided[RF_UNDECIDED];
    if (undecided == 1) {
        rf_buf_string(&walk->out, "accept this one?");
    } else {
        rf_buf_string(&walk->out, "accept these ");
        rf_text_part_number(undecided, &walk->out);
        rf_buf_byte(&walk->out, '?');
    }
    int key = ask(walk, "", "arsdibq?");
    switch (key) {
    case 'a':
        return accept_group(walk, group);
    case 'r':
        rf_review_decide(walk->review, group, RF_REJECTED);
        return STEP_ON;
    case 's':
        rf_review_decide(walk->review, group, RF_SKIPPED);
        return STEP_ON;
    case 'd':
        rf_review_show_details(&walk->view, group, &walk->out);
        return STEP_STAY;
    case 'i':
        return walk_into(walk, group);
    default:
        return common_step(walk, key, group_help);
    }
}

/** Ends with STEP_ON, or with what ended it early. */
static enum step
walk_groups(struct walk *walk)
{
    for (size_t number = 0; number < walk->review->group_count;) {
        struct rf_review_group *group = &walk->review->groups[number];
        rf_review_show_group(&walk->view, number, &walk->out);
        enum step step;
        do {
            step = ask_group(walk, group);
        } while (step == STEP_STAY);
        if (step == STEP_BACK) {
            rf_review_reset(walk->review, group);
            number -= number > 0 ? 1 : 0;
            rf_review_reset(walk->review, &walk->review->groups[number]);
        } else if (step == STEP_ON) {
            number++;
        } else {
            return step;
        }
    }
    return STEP_ON;
}

/* ---- the end --------------------------------------------------------------------------------- */

static void
forget_all(struct walk *walk)
{
    for (size_t i = 0; i < walk->review->group_count; i++) {
        rf_review_reset(walk->review, &walk->review->groups[i]);
    }
}

/** Left early: what was accepted is written only where that is asked for. */
static enum step
quit(struct walk *walk)
{
    uint64_t accepted = rf_review_count(walk->review, RF_ACCEPTED);
    int key = 0;
    if (accepted == 0) {
        say(walk, "nothing was accepted: nothing is written\n");
        return STEP_LEFT;
    }
    while (key == 0) {
        rf_buf_string(&walk->out, "write what was accepted so far, ");
        rf_text_part_number(accepted, &walk->out);
        rf_buf_string(&walk->out, accepted == 1 ? " instance?" : " instances?");
        key = ask(walk, "", "yn");
    }
    if (key == 'y') {
        return STEP_ON;
    }
    forget_all(walk);
    if (key < 0) {
        return key == RF_KEY_END ? STEP_END : STEP_INTERRUPTED;
    }
    say(walk, "nothing is written\n");
    return STEP_LEFT;
}

static void
say_decided(struct walk *walk)
{
    struct rf_review_group all = {0};
    for (int i = 0; i < RF_DECISION_COUNT_; i++) {
        all.decided[i] = rf_review_count(walk->review, (enum rf_decision)i);
    }
    rf_buf_byte(&walk->out, '\n');
    rf_review_show_decided(&all, &walk->out);
    say(walk, "\n");
}

rf_code
rf_review_walk(const struct rf_replay *replay, struct rf_review *review,
               struct rf_blessing *blessing, bool *ret_left, struct rf_err *reterr)
{
    size_t columns = rf_terminal_width();
    size_t width = columns < LEAST_VALUE_WIDTH + PATH_COLUMNS     ? LEAST_VALUE_WIDTH
                   : columns > LARGEST_VALUE_WIDTH + PATH_COLUMNS ? LARGEST_VALUE_WIDTH
                                                                  : columns - PATH_COLUMNS;
    struct walk walk = {
        .review = review,
        .view = {.replay = replay,
                 .review = review,
                 .blessing = blessing,
                 .look = {.color = replay->settings->color_err, .value_width = width}},
    };
    rf_terminal_forget();
    rf_review_show_start(&walk.view, &walk.out);
    print(&walk);
    enum step step = walk_groups(&walk);
    if (step == STEP_QUIT) {
        step = quit(&walk);
    }
    if (step == STEP_END) {
        forget_all(&walk);
        say(&walk, "standard input is over: nothing is written\n");
    }
    *ret_left = step == STEP_LEFT || step == STEP_END;
    if ((step == STEP_ON || step == STEP_LEFT) && review->group_count > 0) {
        say_decided(&walk);
    }
    rf_buf_done(&walk.out);
    return step == STEP_INTERRUPTED ? rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped") : RF_OK;
}
