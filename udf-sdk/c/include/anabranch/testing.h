/* Calls the functions of a package as a host does, but natively: over columns, with NULLs, in chunks, with states that
 * are saved and brought back. What a function computes is tested best by calling it, as the C function that it is; this
 * is for what only a whole call shows.
 *
 *     AB_TEST_COLUMN(names, STRING_OR_NULL, AB_SOME(STRING, ab_text("Ada")), AB_NULL(STRING));
 *     ab_test_result greetings = ab_test_scalar("greet", &names, 1);
 *     assert(ab_equal(ab_get_STRING(&greetings.column, 0), ab_text("Hello, Ada!")));
 *     assert(ab_is_null(&greetings.column, 1));
 *
 * What these functions return lives until ab_test_end. */

#ifndef ANABRANCH_TESTING_H
#define ANABRANCH_TESTING_H

#include "function.h"
#include "http.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A column of arguments. */
typedef struct {
    const ab_type *type;
    ab_column column;
    size_t rows;
} ab_test_column;

/* Declares a column `name_` of values of type T. */
#define AB_TEST_COLUMN(name_, T, ...)                                                        \
    ab_test_column name_;                                                                    \
    do {                                                                                     \
        const ab_value_##T values[] = {__VA_ARGS__};                                         \
        size_t rows = sizeof values / sizeof *values;                                        \
        ab_builder builder = ab_test_build(&ab_type_##T, rows);                              \
        for (size_t row = 0; row < rows; row++) ab_put_##T(&builder, row, values[row]);      \
        name_ = ab_test_finish(&builder, rows);                                              \
    } while (0)

ab_builder ab_test_build(const ab_type *type, size_t rows);
ab_test_column ab_test_finish(ab_builder *builder, size_t rows);

/* What a scalar or aggregate function gave: read `column` with ab_get_T and ab_is_null. */
typedef struct {
    const char *wrong; /* the failure of the whole call; a null pointer where there is none */
    ab_view column;
    ab_row_errors errors;
} ab_test_result;

/* The message of a row that failed; a null pointer where it did not. */
const char *ab_test_error(const ab_row_errors *errors, size_t row);

/* What functions are bound with; "UTC", no options and no literals until something else is said. */
extern ab_string ab_test_time_zone;
extern const ab_option *ab_test_options;
extern size_t ab_test_option_count;
extern bool ab_test_literals; /* each argument of one row is a literal */

/* Calls the scalar function of this name that takes columns of these types. */
ab_test_result ab_test_scalar(const char *name, const ab_test_column *columns, size_t count);

/* A call of a table function. */
typedef struct {
    const char *wrong;
    const ab_function *function;
    uint32_t handle;
} ab_test_table;

/* A part of its output. */
typedef struct {
    const char *wrong;
    const uint32_t *rows; /* of the input, for each row of the output */
    size_t row_count;
    ab_view *columns;
    ab_row_errors errors;
    bool done;
} ab_test_chunk;

ab_test_table ab_test_begin(const char *name, const ab_test_column *columns, size_t count);
ab_test_chunk ab_test_next(const ab_test_table *table, uint32_t max_rows);

/* The accumulators of an aggregate function. */
typedef struct {
    const char *wrong;
    const ab_function *function;
    uint32_t handle;
    struct ab_accumulators *accumulators;
} ab_test_groups;

/* `like` has the types of the arguments. */
ab_test_groups ab_test_aggregate(const char *name, const ab_test_column *like, size_t count);
ab_test_result ab_test_accumulate(const ab_test_groups *groups, const uint32_t *ids, const ab_test_column *columns,
                                  size_t count);
ab_test_result ab_test_retract(const ab_test_groups *groups, const uint32_t *ids, const ab_test_column *columns,
                               size_t count);
ab_test_result ab_test_evaluate(const ab_test_groups *groups, const uint32_t *ids, size_t count);
/* Saves the states of some groups and merges them into others, or sets others to them. */
ab_test_result ab_test_merge(const ab_test_groups *groups, const uint32_t *from, const uint32_t *into, size_t count);
ab_test_result ab_test_restore(const ab_test_groups *groups, const uint32_t *from, const uint32_t *into, size_t count);
void ab_test_remove(const ab_test_groups *groups, const uint32_t *ids, size_t count);
void ab_test_drop(const ab_test_groups *groups);

/* Answers a request in place of a server, with what lives until the call returns: false and an `error`, or a response. */
typedef bool (*ab_test_answerer)(const ab_http_request *request, ab_http_response *response);

/* Has a function answer the requests; with a null pointer, as at first, there is no response to any. */
void ab_test_answer(ab_test_answerer answer);

/* Forgets what these functions returned. */
void ab_test_end(void);

#ifdef __cplusplus
}
#endif

#endif
