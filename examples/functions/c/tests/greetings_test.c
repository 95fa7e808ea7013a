/* Tests the functions natively: `anabranch function build` has put the SDK where the README says. */

#include "../src/greetings.c"

#include <anabranch/testing.h>
#include <assert.h>
#include <stdio.h>

/* The functions are what they look like. */
static void greets(void) {
    assert(ab_equal(greet(ab_text("Ada")), ab_text("Hello, Ada!")));

    split_words_state state = {0};
    ab_string word;
    ab_string line = ab_text(" to be ");
    assert(split_words(&state, &word, line) && ab_equal(word, ab_text("to")));
    assert(split_words(&state, &word, line) && ab_equal(word, ab_text("be")));
    assert(!split_words(&state, &word, line));
}

/* And a host calls them over columns, with NULLs, for many groups. */
static void the_mean_of_groups(void) {
    AB_TEST_COLUMN(numbers, DOUBLE_OR_NULL, AB_SOME(DOUBLE, 1), AB_NULL(DOUBLE), AB_SOME(DOUBLE, 2));
    ab_test_groups means = ab_test_aggregate("mean", &numbers, 1);
    ab_test_accumulate(&means, (const uint32_t[]){0, 1, 0}, &numbers, 1);
    ab_test_result result = ab_test_evaluate(&means, (const uint32_t[]){0, 1}, 2);
    assert(ab_get_DOUBLE(&result.column, 0) == 1.5);
    assert(ab_is_null(&result.column, 1));
    ab_test_drop(&means);
}

int main(void) {
    greets();
    the_mean_of_groups();
    ab_test_end();
    puts("greetings: passed");
    return 0;
}
