/* A function of each kind, to start from. */

#include <anabranch.h>

AB_SCALAR(greet, STRING, ((STRING, name)), .doc = "Says hello to someone.") {
    return ab_concat(ab_text("Hello, "), name, ab_text("!"));
}

/* Where in the line the next word is looked for. */
typedef struct {
    size_t at;
} split_words_state;

static bool is_space(char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

AB_TABLE(split_words, ((STRING, word)), ((STRING, line)), .doc = "The words of a text.") {
    while (state->at < line.size && is_space(line.data[state->at])) state->at++;
    size_t start = state->at;
    while (state->at < line.size && !is_space(line.data[state->at])) state->at++;
    *word = ab_slice(line, start, state->at);
    return word->size > 0;
}

/* What a group needs to know for its mean. */
AB_STATE(mean, (DOUBLE, sum), (BIGINT, count))

static void mean_accumulate(mean_state *group, double x) {
    group->sum += x;
    group->count += 1;
}

static void mean_retract(mean_state *group, double x) {
    group->sum -= x;
    group->count -= 1;
}

static void mean_merge(mean_state *group, const mean_state *other) {
    group->sum += other->sum;
    group->count += other->count;
}

static AB_VALUE(DOUBLE_OR_NULL) mean_evaluate(const mean_state *group) {
    if (group->count == 0) return AB_NULL(DOUBLE);
    return AB_SOME(DOUBLE, group->sum / (double)group->count);
}

AB_AGGREGATE(mean, DOUBLE_OR_NULL, ((DOUBLE, x)), (retract, merge),
             .doc = "The arithmetic mean; NULL of no numbers.");

AB_PACKAGE(greet, split_words, mean);
