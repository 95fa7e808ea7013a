/* The same functions in every language: see the README beside these folders. */

#include <anabranch.h>

AB_SCALAR(add, BIGINT, ((BIGINT, a), (BIGINT, b)), .doc = "The sum of two numbers.") {
    return a + b;
}

AB_SCALAR_COLUMNS(add_columns, BIGINT, ((BIGINT, a), (BIGINT, b)), .doc = "The sum of two numbers, over whole columns.") {
    for (size_t row = 0; row < rows; row++) result[row] = (int64_t)((uint64_t)a.values[row] + (uint64_t)b.values[row]);
}

AB_SCALAR(mix, BIGINT, ((BIGINT, a), (BIGINT, b)), .doc = "`31 * a + b`, modulo 2⁶⁴.") {
    return (int64_t)(31 * (uint64_t)a + (uint64_t)b);
}

AB_SCALAR(spread, DOUBLE, ((DOUBLE, x), (DOUBLE, y)), .doc = "`x * y - x`.") {
    return x * y - x;
}

AB_SCALAR(root, DOUBLE, ((DOUBLE, x)), .doc = "The square root; an error of negative numbers.") {
    if (x < 0) ab_fail("it is negative");
    return __builtin_sqrt(x);
}

static bool begins_character(char byte) {
    return (byte & 0xc0) != 0x80;
}

AB_SCALAR(len, INT, ((STRING, text)), .doc = "Length of a text in characters.") {
    int32_t characters = 0;
    for (size_t at = 0; at < text.size; at++) characters += begins_character(text.data[at]);
    return characters;
}

AB_SCALAR(reverse, STRING, ((STRING, text)), .doc = "The characters of a text, the last one first.") {
    char *reversed = ab_alloc(text.size);
    size_t end = text.size;
    for (size_t at = text.size; at-- > 0;) {
        if (!begins_character(text.data[at])) continue;
        for (size_t byte = at; byte < end; byte++) *reversed++ = text.data[byte];
        end = at;
    }
    return (ab_string){reversed - text.size, text.size};
}

AB_SCALAR(both, BOOLEAN_OR_NULL, ((BOOLEAN_OR_NULL, p), (BOOLEAN_OR_NULL, q)), .doc = "SQL's AND.") {
    if ((p.valid && !p.value) || (q.valid && !q.value)) return AB_SOME(BOOLEAN, false);
    return p.valid && q.valid ? AB_SOME(BOOLEAN, true) : AB_NULL(BOOLEAN);
}

AB_DECIMAL(amount, 38, 4)

AB_SCALAR(add_amounts, amount, ((amount, a), (amount, b)), .doc = "The sum of two amounts of 38 digits.") {
    return a + b;
}

AB_SCALAR(later, TIMESTAMP_3, ((TIMESTAMP_3, at), (BIGINT, millis)), .doc = "So many milliseconds later.") {
    return at + millis;
}

AB_ARRAY(numbers, BIGINT_OR_NULL)

AB_SCALAR(backwards, numbers, ((numbers, items)), .doc = "The items of an array, the last one first.") {
    AB_VALUE(BIGINT_OR_NULL) *reversed = ab_alloc(items.count * sizeof *reversed);
    for (size_t at = 0; at < items.count; at++) reversed[at] = items.items[items.count - 1 - at];
    return (AB_VALUE(numbers)){reversed, items.count};
}

AB_ROW(place, (DOUBLE, x), (STRING_OR_NULL, name))

AB_SCALAR(mirrored, place, ((place, place)), .doc = "The place on the other side.") {
    place.x = -place.x;
    return place;
}

AB_SCALAR(ask, STRING, ((STRING, method), (STRING, url), (STRING, key), (STRING, body)), .nondeterministic = true,
          .doc = "What a web server answers to a request of a method with a key in its header and a body: status, type and "
                 "body.") {
    const ab_header header = {ab_text("X-Key"), key};
    const ab_http_request request = {
        .method = ab_format("%.*s", AB_PRINT(method)).data,
        .url = url,
        .headers = &header,
        .header_count = 1,
        .body = {(const uint8_t *)body.data, body.size},
        .timeout_ms = 1000,
    };
    ab_http_response response;
    if (!ab_http_send(&request, &response)) {
        ab_fail_with(response.error);
        return ab_text("");
    }
    ab_string type = ab_http_header(&response, "Content-Type");
    if (!type.data) type = ab_text("?");
    return ab_concat(ab_format("%d ", response.status), type, ab_text(" "), ab_http_text(&response));
}

/* Where the next word is looked for, and how many there were. */
typedef struct {
    size_t at;
    int32_t words;
} split_state;

AB_TABLE(split, ((STRING, word), (INT, place)), ((STRING, line)),
         .doc = "The words of a text, which spaces divide, and where each stands.") {
    while (state->at < line.size && line.data[state->at] == ' ') state->at++;
    size_t start = state->at;
    while (state->at < line.size && line.data[state->at] != ' ') state->at++;
    *word = ab_slice(line, start, state->at);
    *place = ++state->words;
    return word->size > 0;
}

AB_STATE(total, (BIGINT, sum), (BIGINT, count))

static void total_accumulate(total_state *group, int64_t x) {
    group->sum = (int64_t)((uint64_t)group->sum + (uint64_t)x);
    group->count += 1;
}

static void total_retract(total_state *group, int64_t x) {
    group->sum = (int64_t)((uint64_t)group->sum - (uint64_t)x);
    group->count -= 1;
}

static void total_merge(total_state *group, const total_state *other) {
    group->sum = (int64_t)((uint64_t)group->sum + (uint64_t)other->sum);
    group->count += other->count;
}

static AB_VALUE(BIGINT_OR_NULL) total_evaluate(const total_state *group) {
    return group->count ? AB_SOME(BIGINT, group->sum) : AB_NULL(BIGINT);
}

AB_AGGREGATE(total, BIGINT_OR_NULL, ((BIGINT, x)), (retract, merge),
             .doc = "The sum of numbers, modulo 2⁶⁴; NULL of none.");

AB_PACKAGE(add, add_columns, mix, spread, root, len, reverse, both, add_amounts, later, backwards, mirrored, ask, split, total);
