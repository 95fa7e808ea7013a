/* The functions of kitchen_sink.c, called natively as a host would. `make -C udf-sdk/c test` runs it with sanitizers. */

#include "kitchen_sink.c"

#include "../src/package.h"
#include <anabranch/testing.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                     \
    do {                                                                                     \
        if (!(condition)) {                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                  \
            exit(1);                                                                         \
        }                                                                                    \
    } while (0)

#define TEXT(text) AB_SOME(STRING, ab_text(text))
#define IS_TEXT(view, row, text) ab_equal(ab_get_STRING(view, row), ab_text(text))
#define IDS(...) ((const uint32_t[]){__VA_ARGS__})

/* Sends values there and back, some of them NULL. */
#define CHECK_SAME(function, T, equal, ...)                                                  \
    do {                                                                                     \
        const ab_value_##T some[] = {__VA_ARGS__};                                           \
        const size_t count = sizeof some / sizeof *some;                                     \
        for (size_t rows = 0; rows < 70; rows += 23) {                                       \
            ab_builder builder = ab_test_build(&ab_type_##T##_OR_NULL, 0);                   \
            for (size_t row = 0; row < rows; row++) {                                        \
                ab_reserve(&builder, row + 1);                                               \
                if (row % 3 == 1)                                                            \
                    ab_put_null(&builder, row);                                              \
                else                                                                         \
                    ab_put_##T(&builder, row, some[row % count]);                            \
            }                                                                                \
            ab_test_column column = ab_test_finish(&builder, rows);                          \
            ab_test_result result = ab_test_scalar(function, &column, 1);                    \
            CHECK(!result.wrong && result.errors.count == 0 && result.column.rows == rows);  \
            for (size_t row = 0; row < rows; row++) {                                        \
                CHECK(ab_is_null(&result.column, row) == (row % 3 == 1));                    \
                if (row % 3 == 1) continue;                                                  \
                ab_value_##T left = some[row % count], right = ab_get_##T(&result.column, row); \
                CHECK(equal);                                                                \
            }                                                                                \
        }                                                                                    \
    } while (0)

static bool equal_bigints(ab_value_bigints left, ab_value_bigints right) {
    if (left.count != right.count) return false;
    for (size_t index = 0; index < left.count; index++) {
        if (left.items[index].valid != right.items[index].valid) return false;
        if (left.items[index].valid && left.items[index].value != right.items[index].value) return false;
    }
    return true;
}

static bool equal_nested(ab_value_nested left, ab_value_nested right) {
    if (left.count != right.count) return false;
    for (size_t index = 0; index < left.count; index++) {
        ab_value_strings_OR_NULL one = left.items[index], other = right.items[index];
        if (one.valid != other.valid || (one.valid && one.value.count != other.value.count)) return false;
        for (size_t item = 0; one.valid && item < one.value.count; item++)
            if (!ab_equal(one.value.items[item], other.value.items[item])) return false;
    }
    return true;
}

static bool equal_counts(ab_value_counts left, ab_value_counts right) {
    if (left.count != right.count) return false;
    for (size_t index = 0; index < left.count; index++) {
        ab_value_counts_entry one = left.entries[index], other = right.entries[index];
        if (!ab_equal(one.key, other.key) || one.value.valid != other.value.valid) return false;
        if (one.value.valid && one.value.value != other.value.value) return false;
    }
    return true;
}

static void every_type_comes_back(void) {
    CHECK_SAME("same_bool", BOOLEAN, left == right, true, false);
    CHECK_SAME("same_tinyint", TINYINT, left == right, 1, INT8_MIN, INT8_MAX);
    CHECK_SAME("same_smallint", SMALLINT, left == right, 1, INT16_MIN, INT16_MAX);
    CHECK_SAME("same_int", INT, left == right, 1, INT32_MIN, INT32_MAX);
    CHECK_SAME("same_bigint", BIGINT, left == right, 1, INT64_MIN, INT64_MAX);
    CHECK_SAME("same_float", FLOAT, left == right, 1.5f, -0.25f);
    CHECK_SAME("same_double", DOUBLE, left == right, 1e300, -0.1);
    CHECK_SAME("same_decimal", amount, left == right, 12345, -((ab_int128)1 << 65));
    CHECK_SAME("same_string", STRING, ab_equal(left, right), ab_text(""), ab_text("Grüße"), ab_text("a longer text"));
    CHECK_SAME("same_bytes", BYTES, left.size == right.size && memcmp(left.data, right.data, left.size) == 0,
               {(const uint8_t *)"\0\xff", 2}, {(const uint8_t *)"", 0});
    CHECK_SAME("same_date", DATE, left == right, -1, 20000);
    CHECK_SAME("same_time", TIME, left == right, 0, 86399999);
    CHECK_SAME("same_timestamp_seconds", TIMESTAMP_0, left == right, -1, 1);
    CHECK_SAME("same_timestamp_millis", TIMESTAMP_3, left == right, -1, 1);
    CHECK_SAME("same_timestamp_micros", TIMESTAMP_6, left == right, -1, 1);
    CHECK_SAME("same_timestamp_nanos", TIMESTAMP_9, left == right, -1, 1);
    CHECK_SAME("same_timestamp_ltz", TIMESTAMP_LTZ_3, left == right, -1, 1);
    CHECK_SAME("same_year_month", INTERVAL_YEAR_TO_MONTH, left == right, -1, 13);
    CHECK_SAME("same_day_second", INTERVAL_DAY_TO_SECOND, left == right, -1, 1000);

    const ab_value_BIGINT_OR_NULL numbers[] = {AB_SOME(BIGINT, 1), AB_NULL(BIGINT), AB_SOME(BIGINT, -3)};
    CHECK_SAME("same_array", bigints, equal_bigints(left, right), {numbers, 3}, {NULL, 0}, {numbers + 1, 1});
    const ab_string texts[] = {ab_text("to"), ab_text("be")};
    const ab_value_strings_OR_NULL lists[] = {AB_SOME(strings, {texts, 2}), AB_NULL(strings), AB_SOME(strings, {texts, 0})};
    CHECK_SAME("same_nested", nested, equal_nested(left, right), {lists, 3}, {lists, 0}, {lists + 1, 2});
    const ab_value_counts_entry entries[] = {{ab_text("a"), AB_SOME(INT, 1)}, {ab_text("b"), AB_NULL(INT)}};
    CHECK_SAME("same_map", counts, equal_counts(left, right), {entries, 2}, {entries, 0}, {entries + 1, 1});
    CHECK_SAME("same_row", place, left.x == right.x && left.y.valid == right.y.valid && left.y.value == right.y.value
                   && left.name.valid == right.name.valid && ab_equal(left.name.value, right.name.value),
               {1, AB_SOME(DOUBLE, 2), TEXT("here")}, {-1, AB_NULL(DOUBLE), {.valid = false, .value = ab_text("")}});
}

static void nulls_and_errors_belong_to_their_rows(void) {
    AB_TEST_COLUMN(left, BIGINT_OR_NULL, AB_SOME(BIGINT, 1), AB_NULL(BIGINT), AB_SOME(BIGINT, INT64_MAX));
    AB_TEST_COLUMN(right, BIGINT, 10, 20, 1);
    const ab_test_column both[] = {left, right};
    const char *const adds[] = {"add", "add_rows"};
    for (size_t index = 0; index < 2; index++) {
        ab_test_result sums = ab_test_scalar(adds[index], both, 2);
        CHECK(ab_get_BIGINT(&sums.column, 0) == 11 && ab_get_BIGINT(&sums.column, 2) == INT64_MIN);
        CHECK(ab_is_null(&sums.column, 1) && sums.column.null_count == 1);
    }
    ab_test_result first = ab_test_scalar("coalesce", both, 2);
    CHECK(ab_get_BIGINT(&first.column, 0) == 1 && ab_get_BIGINT(&first.column, 1) == 20 && first.column.null_count == 0);

    AB_TEST_COLUMN(texts, STRING_OR_NULL, TEXT("a"), TEXT("error"), TEXT("null"), AB_NULL(STRING), TEXT("error"));
    ab_test_result failing = ab_test_scalar("fail_on", &texts, 1);
    CHECK(IS_TEXT(&failing.column, 0, "a") && failing.column.null_count == 4);
    CHECK(failing.errors.count == 2 && !ab_test_error(&failing.errors, 2));
    CHECK(strcmp(ab_test_error(&failing.errors, 4), "this text is an error") == 0);

    AB_TEST_COLUMN(numbers, DOUBLE_OR_NULL, AB_SOME(DOUBLE, 2), AB_SOME(DOUBLE, 0), AB_SOME(DOUBLE, -1), AB_NULL(DOUBLE));
    ab_test_result reciprocals = ab_test_scalar("reciprocal", &numbers, 1);
    CHECK(ab_get_DOUBLE(&reciprocals.column, 0) == 0.5 && reciprocals.column.null_count == 3);
    CHECK(reciprocals.errors.count == 1 && strcmp(ab_test_error(&reciprocals.errors, 2), "it is negative") == 0);

    const ab_int128 largest = ab_power_of_ten(20) - 1;
    AB_TEST_COLUMN(amounts, amount, largest, largest);
    AB_TEST_COLUMN(more, amount, -1, 1);
    ab_test_result sums = ab_test_scalar("add", (const ab_test_column[]){amounts, more}, 2);
    CHECK(ab_get_amount(&sums.column, 0) == largest - 1 && ab_is_null(&sums.column, 1));
    CHECK(strcmp(ab_test_error(&sums.errors, 1), "the value does not fit DECIMAL(20,4)") == 0);

    CHECK(ab_test_scalar("add", &texts, 1).wrong != NULL);
}

/* An ARRAY<STRING NOT NULL> that comes with NULLs in it all the same, as its SQL type allowed them. */
AB_ARRAY(loose_strings, STRING_OR_NULL)

static void a_null_within_an_argument_fails_its_row(void) {
    const ab_value_STRING_OR_NULL items[] = {TEXT("to"), AB_NULL(STRING), TEXT("be")};
    AB_TEST_COLUMN(lists, loose_strings_OR_NULL, AB_SOME(loose_strings, {items, 1}), AB_SOME(loose_strings, {items, 3}),
                   AB_NULL(loose_strings), AB_SOME(loose_strings, {items + 2, 1}));
    ab_test_result totals = ab_test_scalar("total", &lists, 1);
    CHECK(ab_get_BIGINT(&totals.column, 0) == 2 && ab_get_BIGINT(&totals.column, 3) == 2);
    CHECK(totals.errors.count == 1 && totals.column.null_count == 2);
    CHECK(strcmp(ab_test_error(&totals.errors, 1), "argument `texts` holds a NULL where the function takes none") == 0);
}

static void a_place_knows_its_session(void) {
    static ab_option options[1];
    options[0] = (ab_option){ab_text("greeting"), ab_text("hi")};
    AB_TEST_COLUMN(text, STRING, ab_text("x"));
    AB_TEST_COLUMN(two, STRING, ab_text("x"), ab_text("y"));
    ab_test_result result = ab_test_scalar("where_bound", &text, 1);
    CHECK(IS_TEXT(&result.column, 0, "UTC - x"));
    ab_test_options = options;
    ab_test_option_count = 1;
    ab_test_time_zone = ab_text("Asia/Tokyo");
    ab_test_literals = true;
    result = ab_test_scalar("where_bound", &text, 1);
    CHECK(IS_TEXT(&result.column, 0, "Asia/Tokyo hi literal x"));
    ab_test_literals = false;
    result = ab_test_scalar("where_bound", &two, 1);
    CHECK(IS_TEXT(&result.column, 0, "Asia/Tokyo hi x") && IS_TEXT(&result.column, 1, "Asia/Tokyo hi y again"));
    result = ab_test_scalar("random_number", NULL, 0);
    CHECK(ab_get_BIGINT(&result.column, 0) == 1);
}

/* Says what it was asked, refuses POST. */
static bool answer(const ab_http_request *request, ab_http_response *response) {
    if (strcmp(request->method, "POST") == 0) {
        response->error = ab_text("the request is refused");
        return false;
    }
    static const ab_header headers[] = {{{"content-length", 14}, {"1", 1}}, {{"content-type", 12}, {"text/plain", 10}}};
    ab_string said = ab_format("%s %.*s %.*s: %.*s %.*s %u", request->method, AB_PRINT(request->url),
                               AB_PRINT(request->headers[0].name), AB_PRINT(request->headers[0].value),
                               (int)request->body.size, (const char *)request->body.data, request->timeout_ms);
    response->status = 404;
    response->headers = headers;
    response->header_count = 2;
    response->body = (ab_bytes){(const uint8_t *)said.data, said.size};
    return true;
}

static void requests_are_answered_in_place_of_servers(void) {
    AB_TEST_COLUMN(methods, STRING_OR_NULL, TEXT("PUT"), TEXT("POST"), AB_NULL(STRING), TEXT(""));
    AB_TEST_COLUMN(urls, STRING, ab_text("https://a/b?c"), ab_text("https://a/"), ab_text("https://a/"), ab_text("https://a/d"));
    AB_TEST_COLUMN(bodies, STRING, ab_text("some"), ab_text(""), ab_text(""), ab_text(""));
    const ab_test_column columns[] = {methods, urls, bodies};
    ab_test_result fetched = ab_test_scalar("fetch", columns, 3);
    CHECK(fetched.column.null_count == 4 && fetched.errors.count == 3);
    CHECK(strstr(ab_test_error(&fetched.errors, 0), "natively no server is asked"));
    ab_test_answer(answer);
    fetched = ab_test_scalar("fetch", columns, 3);
    ab_test_answer(NULL);
    CHECK(IS_TEXT(&fetched.column, 0, "404 text/plain PUT https://a/b?c X-Kitchen: sink some 20000"));
    CHECK(IS_TEXT(&fetched.column, 3, "404 text/plain GET https://a/d X-Kitchen: sink  20000"));
    CHECK(fetched.errors.count == 1 && fetched.column.null_count == 2);
    CHECK(strcmp(ab_test_error(&fetched.errors, 1), "the request is refused") == 0);
}

static void a_header_is_found_by_its_name(void) {
    const ab_header headers[] = {{{"x-a", 3}, {"1", 1}}, {{"X-AB", 4}, {"2", 1}}, {{"x-ab", 4}, {"3", 1}}};
    const ab_http_response response = {.headers = headers, .header_count = 3};
    CHECK(ab_equal(ab_http_header(&response, "X-A"), ab_text("1")));
    CHECK(ab_equal(ab_http_header(&response, "x-ab"), ab_text("2")));
    CHECK(!ab_http_header(&response, "x-abc").data && !ab_http_header(&response, "").data);
}

static void tables_come_in_chunks(void) {
    AB_TEST_COLUMN(texts, STRING_OR_NULL, TEXT("a"), AB_NULL(STRING), TEXT("b"), TEXT("c"), TEXT("d"));
    AB_TEST_COLUMN(times, BIGINT, 3, 3, -1, 0, 2);
    for (uint32_t limit = 1; limit < 8; limit++) {
        ab_test_table table = ab_test_begin("repeat", (const ab_test_column[]){texts, times}, 2);
        char output[128] = "";
        size_t errors = 0;
        for (bool done = false; !done;) {
            ab_test_chunk chunk = ab_test_next(&table, limit);
            CHECK(!chunk.wrong && chunk.row_count <= limit);
            for (size_t row = 0; row < chunk.row_count; row++) {
                ab_string text = ab_get_STRING(&chunk.columns[0], row);
                ab_value_BIGINT_OR_NULL number = ab_get_BIGINT_OR_NULL(&chunk.columns[1], row);
                snprintf(output + strlen(output), sizeof output - strlen(output), "%u%.*s%c ", chunk.rows[row],
                         AB_PRINT(text), number.valid ? (char)('0' + number.value) : '-');
            }
            errors += chunk.errors.count;
            if (chunk.errors.count) CHECK(strcmp(ab_test_error(&chunk.errors, 2), "-1 times") == 0);
            done = chunk.done;
        }
        CHECK(strcmp(output, "0a1 0a2 0a- 4d1 4d- ") == 0 && errors == 1);
    }
}

static void a_row_that_fails_half_way_leaves_nothing_half_put(void) {
    const ab_value_BIGINT_OR_NULL items[] = {AB_SOME(BIGINT, 7), AB_SOME(BIGINT, INT64_MAX), AB_NULL(BIGINT)};
    AB_TEST_COLUMN(lists, bigints_OR_NULL, AB_SOME(bigints, {items, 3}), AB_SOME(bigints, {items + 2, 1}), AB_NULL(bigints));
    ab_test_table table = ab_test_begin("items", &lists, 1);
    ab_test_chunk chunk = ab_test_next(&table, 100);
    CHECK(chunk.done && chunk.row_count == 2 && chunk.rows[0] == 0 && chunk.rows[1] == 1);
    CHECK(ab_get_BIGINT(&chunk.columns[0], 0) == 7 && ab_is_null(&chunk.columns[0], 1));
    CHECK(ab_get_amount(&chunk.columns[1], 0) == 70000 && ab_get_amount(&chunk.columns[1], 1) == 0);
    CHECK(chunk.errors.count == 1 && ab_test_error(&chunk.errors, 0));
}

static void a_new_call_drops_what_was_left(void) {
    AB_TEST_COLUMN(text, STRING, ab_text("a"));
    AB_TEST_COLUMN(times, BIGINT, 1000000);
    const ab_test_column columns[] = {text, times};
    ab_test_table left = ab_test_begin("repeat", columns, 2);
    CHECK(!ab_test_next(&left, 10).done);
    ab_unbind(left.handle);
    CHECK(ab_test_next(&left, 10).wrong);
}

static void groups_accumulate_retract_merge_and_come_back(void) {
    AB_TEST_COLUMN(numbers, BIGINT_OR_NULL, AB_SOME(BIGINT, 1), AB_NULL(BIGINT), AB_SOME(BIGINT, 2), AB_SOME(BIGINT, 5));
    ab_test_groups sums = ab_test_aggregate("sum", &numbers, 1);
    ab_test_accumulate(&sums, IDS(0, 1, 0, 700), &numbers, 1);
    AB_TEST_COLUMN(one, BIGINT, 1);
    ab_test_retract(&sums, IDS(0), &one, 1);
    ab_test_result values = ab_test_evaluate(&sums, IDS(0, 1, 700), 3);
    CHECK(ab_get_BIGINT(&values.column, 0) == 2 && ab_is_null(&values.column, 1) && ab_get_BIGINT(&values.column, 2) == 5);
    ab_test_merge(&sums, IDS(0, 1), IDS(700, 700), 2);
    ab_test_restore(&sums, IDS(700, 1), IDS(3, 0), 2);
    values = ab_test_evaluate(&sums, IDS(0, 3, 700), 3);
    CHECK(ab_is_null(&values.column, 0) && ab_get_BIGINT(&values.column, 1) == 7 && ab_get_BIGINT(&values.column, 2) == 7);
    ab_test_remove(&sums, IDS(700, 9999), 2);
    values = ab_test_evaluate(&sums, IDS(700), 1);
    CHECK(ab_is_null(&values.column, 0));
    ab_test_drop(&sums);

    AB_TEST_COLUMN(texts, STRING, ab_text("a"), ab_text("error"), ab_text("a somewhat longer text"), ab_text("d"));
    AB_TEST_COLUMN(commas, STRING_OR_NULL, TEXT(","), TEXT(","), AB_NULL(STRING), TEXT(";"));
    const ab_test_column both[] = {texts, commas};
    ab_test_groups collected = ab_test_aggregate("collect_texts", both, 2);
    ab_test_result result = ab_test_accumulate(&collected, IDS(0, 0, 0, 1), both, 2);
    CHECK(result.errors.count == 1 && result.errors.items[0].row == 1);
    CHECK(ab_test_retract(&collected, IDS(0, 0, 0, 0), both, 2).wrong);
    ab_test_merge(&collected, IDS(1, 0), IDS(0, 0), 2);
    ab_test_restore(&collected, IDS(0), IDS(1), 1);
    values = ab_test_evaluate(&collected, IDS(1, 2), 2);
    CHECK(IS_TEXT(&values.column, 0, "5: a,a somewhat longer textd;a,a somewhat longer text"));
    CHECK(IS_TEXT(&values.column, 1, "0: "));
    ab_test_drop(&collected);
}

int main(void) {
    every_type_comes_back();
    nulls_and_errors_belong_to_their_rows();
    a_null_within_an_argument_fails_its_row();
    a_place_knows_its_session();
    requests_are_answered_in_place_of_servers();
    a_header_is_found_by_its_name();
    tables_come_in_chunks();
    a_row_that_fails_half_way_leaves_nothing_half_put();
    a_new_call_drops_what_was_left();
    groups_accumulate_retract_merge_and_come_back();
    ab_test_end();
    puts("kitchen sink: passed");
    return 0;
}
