/* Functions as the host sees them, and what a function can ask while it runs. */

#ifndef ANABRANCH_FUNCTION_H
#define ANABRANCH_FUNCTION_H

#include "contract.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A call: the columns of the arguments, and for which rows the function is called. */
typedef struct {
    size_t rows;
    const ab_view *columns;
    const uint8_t *selected; /* one bit per row; a null pointer where all are */
} ab_batch;

static inline bool ab_is_selected(const ab_batch *batch, size_t row) {
    return !batch->selected || ab_bit(batch->selected, row);
}

/* What an aggregate function does with the accumulators of many groups. A group is `size` bytes, all zero while it is
 * empty. */
typedef struct {
    size_t size;
    const ab_field *state; /* the columns of a group's state */
    size_t state_count;
    /* Puts a C++ object there; without it, zeros are an empty group. */
    void (*create)(void *group);
    void (*drop)(void *group);
    void (*accumulate)(const ab_batch *batch, const uint32_t *groups, void *states);
    void (*retract)(const ab_batch *batch, const uint32_t *groups, void *states);
    void (*merge)(void *group, const void *other);
    void (*evaluate)(const void *group, ab_builder *result, size_t row);
    void (*save)(const void *group, ab_builder *columns, size_t row);
    void (*restore)(void *group, const ab_view *columns, size_t row);
} ab_aggregate;

/* What a table function does with a row of the input: `begin` reads its arguments into `size` bytes, `next` puts an
 * output row, if there is another. */
typedef struct {
    size_t size;
    void (*begin)(void *state, const ab_view *columns, size_t row);
    bool (*next)(void *state, ab_builder *columns, size_t row);
    void (*end)(void *state);
} ab_table;

/* A function of a package. */
typedef struct {
    const char *identifier; /* in the source */
    const char *name;       /* in SQL; a null pointer where it is the same */
    const char *doc;        /* Markdown, one sentence first; may be a null pointer */
    bool nondeterministic;
    ab_kind kind;
    const ab_field *parameters;
    size_t parameter_count;
    const ab_field *result; /* the value, or the columns of a table function */
    size_t result_count;
    void (*scalar)(const ab_batch *batch, ab_builder *result);
    bool over_columns; /* `scalar` does not look which rows are selected */
    ab_table table;
    ab_aggregate aggregate;
} ab_function;

/* What a package holds: AB_PACKAGE makes it. */
typedef struct {
    const char *name;
    const char *version;
    const ab_function *const *functions;
    size_t function_count;
} ab_package;

extern const ab_package ab_this_package;

/* ---- Errors ------------------------------------------------------------------------------------------------------ */

/* Makes the row that is computed fail, with a message as by printf. What the function then returns is not looked at, and
 * no other row is concerned. An aggregate function must leave its group as it was. */
void ab_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ab_fail_with(ab_string message);

/* The message of ab_fail, until the row is done: for tests, which then clear it. A null pointer where nothing failed. */
const char *ab_failure(void);
void ab_clear_failure(void);

/* Makes a row of a function over whole columns NULL, or fail. */
void ab_null_row(size_t row);
void ab_fail_row(size_t row, ab_string message);

/* Behind ab_failure. */
extern const char *ab_pending;

/* Takes note of the failure of a row. */
void ab_row_failed(size_t row);

/* After the value of a row was put, or was not because of a failure. */
static inline void ab_settle(size_t row) {
    if (__builtin_expect(ab_pending != NULL, 0)) ab_row_failed(row);
}

/* ---- What is known beforehand ------------------------------------------------------------------------------------ */

/* The session's time zone: an IANA name, or an offset. */
ab_string ab_time_zone(void);

/* An option of the function's DDL that the host does not know itself; its `data` is a null pointer where there is
 * none. */
ab_string ab_option_value(const char *key);

/* The column of an argument that is a literal, with one row; false where it is not one of that type. */
bool ab_literal(size_t argument, const ab_type *type, ab_view *view);

/* Memory of the place in the plan at which the function stands, zero at first: for what is costly to make, such as a
 * pattern of a literal. `drop`, if it is not a null pointer, is called with it when the place goes. */
void *ab_place(size_t size, void (*drop)(void *memory));

/* ---- Log --------------------------------------------------------------------------------------------------------- */

typedef enum { AB_ERROR, AB_WARN, AB_INFO, AB_DEBUG, AB_TRACE } ab_level;

/* Writes to the log of whoever runs the function; natively, to stderr. A package that does not call it does not import
 * the log. */
void ab_log(ab_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- Texts ------------------------------------------------------------------------------------------------------- */

/* A text of a string that ends with a zero. */
static inline ab_string ab_text(const char *text) {
    ab_string string = {text, strlen(text)};
    return string;
}

/* Part of a text, in bytes: from `start` until before `end`. */
static inline ab_string ab_slice(ab_string text, size_t start, size_t end) {
    ab_string part = {text.data + start, end - start};
    return part;
}

static inline bool ab_equal(ab_string left, ab_string right) {
    return left.size == right.size && (left.size == 0 || memcmp(left.data, right.data, left.size) == 0);
}

/* A new text as by printf. Print an ab_string with "%.*s", AB_PRINT(text). */
ab_string ab_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define AB_PRINT(text) (int)(text).size, (text).data

/* A new text of several, one after the other; C has the macro ab_concat(a, b, …). */
ab_string ab_concat_texts(const ab_string *texts, size_t count);

#ifdef __cplusplus
}
#endif

#endif
