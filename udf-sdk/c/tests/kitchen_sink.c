/* Every kind of function over every type: what the tests and measurements call. */

#include <anabranch.h>

AB_DECIMAL(amount, 20, 4)
AB_ARRAY(bigints, BIGINT_OR_NULL)
AB_ARRAY(strings, STRING)
AB_ARRAY(nested, strings_OR_NULL)
AB_MAP(counts, STRING, INT_OR_NULL)
AB_ROW(place, (DOUBLE, x), (DOUBLE_OR_NULL, y), (STRING_OR_NULL, name))

/* The value itself, of every type. */
#define SAME(identifier, T) \
    AB_SCALAR(identifier, T##_OR_NULL, ((T##_OR_NULL, value)), .doc = "The value itself.") { return value; }

SAME(same_bool, BOOLEAN)
SAME(same_tinyint, TINYINT)
SAME(same_smallint, SMALLINT)
SAME(same_int, INT)
SAME(same_bigint, BIGINT)
SAME(same_float, FLOAT)
SAME(same_double, DOUBLE)
SAME(same_decimal, amount)
SAME(same_string, STRING)
SAME(same_bytes, BYTES)
SAME(same_date, DATE)
SAME(same_time, TIME)
SAME(same_timestamp_seconds, TIMESTAMP_0)
SAME(same_timestamp_millis, TIMESTAMP_3)
SAME(same_timestamp_micros, TIMESTAMP_6)
SAME(same_timestamp_nanos, TIMESTAMP_9)
SAME(same_timestamp_ltz, TIMESTAMP_LTZ_3)
SAME(same_year_month, INTERVAL_YEAR_TO_MONTH)
SAME(same_day_second, INTERVAL_DAY_TO_SECOND)
SAME(same_array, bigints)
SAME(same_nested, nested)
SAME(same_map, counts)
SAME(same_row, place)

AB_SCALAR_COLUMNS(add, BIGINT, ((BIGINT, a), (BIGINT, b)), .doc = "The sum of two numbers, over whole columns.") {
    for (size_t row = 0; row < rows; row++) result[row] = (int64_t)((uint64_t)a.values[row] + (uint64_t)b.values[row]);
}

AB_SCALAR(add_rows, BIGINT, ((BIGINT, a), (BIGINT, b)), .doc = "The sum of two numbers, row by row.") {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

AB_SCALAR(add_doubles, DOUBLE, ((DOUBLE, a), (DOUBLE, b)), .name = "add", .doc = "An overload of `add`.") {
    return a + b;
}

AB_SCALAR(add_text, STRING, ((STRING, a), (STRING, b)), .name = "add", .doc = "An overload of `add`.") {
    return ab_concat(a, b);
}

AB_SCALAR(add_amounts, amount, ((amount, a), (amount, b)), .name = "add", .doc = "An overload of `add`.") {
    return a + b;
}

AB_SCALAR(len, INT, ((STRING, text)), .doc = "Length of a text in characters.") {
    int32_t characters = 0;
    for (size_t at = 0; at < text.size; at++) characters += (text.data[at] & 0xc0) != 0x80;
    return characters;
}

AB_SCALAR(coalesce, BIGINT_OR_NULL, ((BIGINT_OR_NULL, a), (BIGINT_OR_NULL, b)),
          .doc = "The first of two numbers that is not NULL.") {
    return a.valid ? a : b;
}

AB_SCALAR(fail_on, STRING_OR_NULL, ((STRING, text)),
          .doc = "The text; an error of the row where it is `error`, NULL where it is `null`.") {
    if (ab_equal(text, ab_text("error"))) ab_fail("this text is an %.*s", AB_PRINT(text));
    if (ab_equal(text, ab_text("null"))) return AB_NULL(STRING);
    return AB_SOME(STRING, text);
}

AB_SCALAR_COLUMNS(reciprocal, DOUBLE, ((DOUBLE, x)), .doc = "1/x; NULL of 0, an error of negative numbers.") {
    for (size_t row = 0; row < rows; row++) {
        result[row] = 1 / x.values[row];
        if (x.values[row] == 0) ab_null_row(row);
        if (x.values[row] < 0) ab_fail_row(row, ab_text("it is negative"));
    }
}

AB_SCALAR(total, BIGINT, ((strings, texts)), .doc = "The bytes of all texts, none of which may be NULL.") {
    int64_t total = 0;
    for (size_t index = 0; index < texts.count; index++) total += (int64_t)texts.items[index].size;
    return total;
}

AB_SCALAR(where_bound, STRING, ((STRING, text)), .doc = "The session's zone, an option and a literal, once looked at.") {
    bool *seen = ab_place(sizeof *seen, NULL);
    ab_string again = ab_text(*seen ? " again" : "");
    *seen = true;
    ab_string greeting = ab_option_value("greeting");
    AB_VALUE(STRING_OR_NULL) literal = AB_CONSTANT(STRING, 0);
    return ab_concat(ab_time_zone(), ab_text(" "), greeting.data ? greeting : ab_text("-"), ab_text(" "),
                     literal.valid ? ab_text("literal ") : ab_text(""), text, again);
}

static int64_t calls;

AB_SCALAR(random_number, BIGINT, (), .nondeterministic = true, .doc = "How often it was called.") {
    return ++calls;
}

AB_SCALAR(say, STRING, ((STRING, text)), .doc = "Writes the text to the log, and gives it back.") {
    ab_log(AB_INFO, "%.*s", AB_PRINT(text));
    return text;
}

AB_SCALAR(fetch, STRING, ((STRING, method), (STRING, url), (STRING, body)), .nondeterministic = true,
          .doc = "Status, content type and body of a response.") {
    const ab_header headers[] = {{ab_text("X-Kitchen"), ab_text("sink")}, {ab_text("Accept"), ab_text("text/plain")}};
    const ab_http_request request = {
        .method = method.size ? ab_format("%.*s", AB_PRINT(method)).data : NULL,
        .url = url,
        .headers = headers,
        .header_count = 2,
        .body = {(const uint8_t *)body.data, body.size},
        .timeout_ms = 20000,
    };
    ab_http_response response;
    if (!ab_http_send(&request, &response)) {
        ab_fail_with(response.error);
        return ab_text("");
    }
    ab_string type = ab_http_header(&response, "Content-Type");
    return ab_concat(ab_format("%d ", response.status), type, ab_text(" "), ab_http_text(&response));
}

typedef struct {
    int64_t count;
} repeat_state;

AB_TABLE(repeat, ((STRING, text), (BIGINT_OR_NULL, number)), ((STRING, of), (BIGINT, times)),
         .doc = "The text so many times, numbered; the last number is NULL. An error of negative times.") {
    if (times < 0) ab_fail("%lld times", (long long)times);
    if (state->count >= times) return false;
    *text = of;
    state->count++;
    *number = state->count < times ? AB_SOME(BIGINT, state->count) : AB_NULL(BIGINT);
    return true;
}

typedef struct {
    size_t at;
} items_state;

AB_TABLE(items, ((BIGINT_OR_NULL, item), (amount, scaled)), ((bigints, of)),
         .doc = "The items of an array, and as decimals, which is an error where they do not fit.") {
    if (state->at == of.count) return false;
    *item = of.items[state->at++];
    *scaled = item->valid ? (ab_int128)item->value * 10000 : 0;
    return true;
}

AB_STATE(sum, (BIGINT, sum), (BIGINT, count))

static void sum_accumulate(sum_state *group, int64_t x) {
    group->sum += x;
    group->count += 1;
}

static void sum_retract(sum_state *group, int64_t x) {
    group->sum -= x;
    group->count -= 1;
}

static void sum_merge(sum_state *group, const sum_state *other) {
    group->sum += other->sum;
    group->count += other->count;
}

static AB_VALUE(BIGINT_OR_NULL) sum_evaluate(const sum_state *group) {
    return group->count ? AB_SOME(BIGINT, group->sum) : AB_NULL(BIGINT);
}

AB_AGGREGATE(sum, BIGINT_OR_NULL, ((BIGINT, x)), (retract, merge), .doc = "The sum of numbers; NULL of none.");

AB_STATE(collect, (STRING, texts), (INT, count))

static void collect_accumulate(collect_state *group, ab_string text, AB_VALUE(STRING_OR_NULL) separator) {
    if (ab_equal(text, ab_text("error"))) {
        ab_fail("this text is an error");
        return;
    }
    ab_append(&group->texts, text.data, text.size);
    if (separator.valid) ab_append(&group->texts, separator.value.data, separator.value.size);
    group->count++;
}

static void collect_merge(collect_state *group, const collect_state *other) {
    ab_append(&group->texts, other->texts.data, other->texts.size);
    group->count += other->count;
}

static ab_string collect_evaluate(const collect_state *group) {
    return ab_format("%d: %.*s", group->count, AB_PRINT(ab_buffer_text(&group->texts)));
}

AB_AGGREGATE(collect, STRING, ((STRING, text), (STRING_OR_NULL, separator)), (merge), .name = "collect_texts",
             .doc = "The texts in the order of their arrival; an error of the row where one is `error`.");

AB_PACKAGE(same_bool, same_tinyint, same_smallint, same_int, same_bigint, same_float, same_double, same_decimal,
           same_string, same_bytes, same_date, same_time, same_timestamp_seconds, same_timestamp_millis,
           same_timestamp_micros, same_timestamp_nanos, same_timestamp_ltz, same_year_month, same_day_second,
           same_array, same_nested, same_map, same_row, add, add_rows, add_doubles, add_text, add_amounts, len,
           coalesce, fail_on, reciprocal, total, where_bound, random_number, say, fetch, repeat, items, sum, collect);
