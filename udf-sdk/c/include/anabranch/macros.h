/* What an author writes before the body of a function, and the loops over rows that it makes. */

#ifndef ANABRANCH_MACROS_H
#define ANABRANCH_MACROS_H

#include "types.h"

/* ---- Scalar functions -------------------------------------------------------------------------------------------- */

/* A function of one row:
 *
 *     AB_SCALAR(add, BIGINT, ((BIGINT, a), (BIGINT, b)), .doc = "The sum of two numbers.") {
 *         return a + b;
 *     }
 *
 * It is an ordinary function, int64_t add(int64_t a, int64_t b). Where an argument is NULL, and its type is not one that
 * may be, it is not called, and the result is NULL. What follows the parameters are members of ab_function: `.doc`, the
 * `.name` in SQL where it is another (functions of one name are overloads), `.nondeterministic = true`. */
#define AB_SCALAR(identifier_, R, parameters_, ...)                                          \
    static ab_value_##R identifier_(AB_PARAMETERS parameters_);                              \
    static void ab_rows_of_##identifier_(const ab_batch *batch, ab_builder *result) {              \
        ab_builder out = *result;                                                            \
        AB_VIEWS parameters_                                                                 \
        AB_FOR_ROWS(batch, ab_value_##R value = identifier_(AB_ARGUMENTS parameters_),       \
                    ab_put_##R(&out, row, value), ab_put_null(&out, row), ab_put_null(&out, row)) \
        *result = out;                                                                       \
    }                                                                                        \
    AB_DESCRIBE_PARAMETERS(identifier_, AB_UNWRAP parameters_)                               \
    AB_DESCRIBE_VALUE(identifier_, R)                                                        \
    const ab_function ab_function_##identifier_ = {                                          \
        AB_DESCRIPTION(identifier_, AB_KIND_SCALAR), .scalar = ab_rows_of_##identifier_, __VA_ARGS__}; \
    static ab_value_##R identifier_(AB_PARAMETERS parameters_)

/* A function of whole columns of flat types, which sees `rows`, the arguments as ab_column_T and `result`, an array to
 * fill, of a type of fixed size:
 *
 *     AB_SCALAR_COLUMNS(add, BIGINT, ((BIGINT, a), (BIGINT, b)), .doc = "The sum of two numbers.") {
 *         for (size_t row = 0; row < rows; row++) result[row] = a.values[row] + b.values[row];
 *     }
 *
 * Rows with a NULL that the function does not take are NULL, whatever it computes of the arbitrary value that stands
 * there; ab_null_row and ab_fail_row are for the others. */
#define AB_SCALAR_COLUMNS(identifier_, R, parameters_, ...)                                  \
    static void identifier_(size_t rows, ab_value_##R *restrict result AB_COLUMN_PARAMETERS parameters_); \
    static void ab_rows_of_##identifier_(const ab_batch *batch, ab_builder *result) {              \
        (void)sizeof(ab_column_##R);                                                         \
        AB_VIEWS parameters_                                                                 \
        identifier_(batch->rows, (ab_value_##R *)result->values AB_COLUMN_ARGUMENTS parameters_); \
    }                                                                                        \
    AB_DESCRIBE_PARAMETERS(identifier_, AB_UNWRAP parameters_)                               \
    AB_DESCRIBE_VALUE(identifier_, R)                                                        \
    const ab_function ab_function_##identifier_ = {                                          \
        AB_DESCRIPTION(identifier_, AB_KIND_SCALAR), .scalar = ab_rows_of_##identifier_, .over_columns = true, __VA_ARGS__}; \
    static void identifier_(size_t rows, ab_value_##R *restrict result AB_COLUMN_PARAMETERS parameters_)

/* ---- Table functions --------------------------------------------------------------------------------------------- */

/* A function that gives rows, one at each call, until it returns false:
 *
 *     typedef struct { int64_t next; } count_to_state;
 *
 *     AB_TABLE(count_to, ((BIGINT, number)), ((BIGINT, last)), .doc = "The numbers from 1.") {
 *         *number = ++state->next;
 *         return *number <= last;
 *     }
 *
 * Its columns are pointers, its parameters values. `state` points to a NAME_state, all zero at the first call for a row
 * of the input; it may hold numbers and parts of the arguments, not what ab_alloc gave, which lives as long as a call.
 * A row that fails has no more output. */
#define AB_TABLE(identifier_, columns_, parameters_, ...)                                    \
    static bool identifier_(identifier_##_state *state, AB_OUTPUTS columns_ AB_MORE_PARAMETERS parameters_); \
    typedef struct {                                                                         \
        identifier_##_state state;                                                           \
        AB_MEMBERS parameters_                                                               \
    } ab_cursor_of_##identifier_;                                                                  \
    static void ab_begin_of_##identifier_(void *memory, const ab_view *view, size_t row) {         \
        ab_cursor_of_##identifier_ *cursor = (ab_cursor_of_##identifier_ *)memory;                       \
        *cursor = (ab_cursor_of_##identifier_){0};                                                 \
        AB_READ_MEMBERS parameters_                                                          \
        (void)view, (void)row;                                                               \
    }                                                                                        \
    static bool ab_next_of_##identifier_(void *memory, ab_builder *column, size_t row) {           \
        ab_cursor_of_##identifier_ *cursor = (ab_cursor_of_##identifier_ *)memory;                       \
        AB_OUTPUT_VARIABLES columns_                                                         \
        if (!identifier_(&cursor->state, AB_OUTPUT_POINTERS columns_ AB_MEMBER_ARGUMENTS parameters_)) return false; \
        if (ab_pending) return false;                                                        \
        AB_PUT_OUTPUTS columns_                                                              \
        return true;                                                                         \
    }                                                                                        \
    AB_DESCRIBE_PARAMETERS(identifier_, AB_UNWRAP parameters_)                               \
    static const ab_field ab_results_of_##identifier_[] = {AB_FIELDS columns_};                    \
    const ab_function ab_function_##identifier_ = {                                          \
        AB_DESCRIPTION(identifier_, AB_KIND_TABLE),                                          \
        .table = {sizeof(ab_cursor_of_##identifier_), ab_begin_of_##identifier_, ab_next_of_##identifier_, NULL}, __VA_ARGS__}; \
    static bool identifier_(identifier_##_state *state, AB_OUTPUTS columns_ AB_MORE_PARAMETERS parameters_)

/* ---- Aggregate functions ----------------------------------------------------------------------------------------- */

/* What an aggregate function NAME keeps of a group: a struct NAME_state of numbers, and of STRING and BYTES as ab_buffer,
 * which the group owns. All zero is an empty group.
 *
 *     AB_STATE(mean, (DOUBLE, sum), (BIGINT, count)) */
#define AB_STATE(identifier_, ...)                                                           \
    typedef struct {                                                                         \
        AB_EACH(AB_PAIR, AB_KEPT_MEMBER, __VA_ARGS__)                                              \
    } identifier_##_state;                                                                   \
    static const ab_field ab_state_fields_of_##identifier_[] = {AB_EACH(AB_PAIR, AB_FIELD, __VA_ARGS__)}; \
    static void ab_save_of_##identifier_(const void *memory, ab_builder *column, size_t row) {     \
        const identifier_##_state *group = (const identifier_##_state *)memory;              \
        AB_EACH(AB_PAIR, AB_SAVE_MEMBER, __VA_ARGS__)                                              \
    }                                                                                        \
    static void ab_restore_of_##identifier_(void *memory, const ab_view *column, size_t row) {     \
        identifier_##_state *group = (identifier_##_state *)memory;                          \
        AB_EACH(AB_PAIR, AB_RESTORE_MEMBER, __VA_ARGS__)                                           \
    }                                                                                        \
    static void ab_drop_of_##identifier_(void *memory) {                                           \
        identifier_##_state *group = (identifier_##_state *)memory;                          \
        AB_EACH(AB_PAIR, AB_DROP_MEMBER, __VA_ARGS__)                                              \
        *group = (identifier_##_state){0};                                                   \
    }

/* An aggregate function, after its AB_STATE. It has no body, but functions of its own:
 *
 *     static void mean_accumulate(mean_state *group, double x)
 *     static AB_VALUE(DOUBLE_OR_NULL) mean_evaluate(const mean_state *group)
 *     static void mean_retract(mean_state *group, double x)
 *     static void mean_merge(mean_state *group, const mean_state *other)
 *
 *     AB_AGGREGATE(mean, DOUBLE_OR_NULL, ((DOUBLE, x)), (retract, merge), .doc = "The arithmetic mean.");
 *
 * The fourth argument says which of the last two there are: (retract, merge), (retract), (merge) or (). */
#define AB_AGGREGATE(identifier_, R, parameters_, abilities_, ...)                           \
    AB_UPDATE_ROWS(identifier_, accumulate, parameters_)                                     \
    AB_DEFINE_ABILITIES(identifier_, parameters_, AB_UNWRAP abilities_)                      \
    static void ab_evaluate_of_##identifier_(const void *group, ab_builder *result, size_t row) { \
        ab_value_##R value = identifier_##_evaluate((const identifier_##_state *)group);     \
        if (ab_pending)                                                                      \
            ab_put_null(result, row);                                                        \
        else                                                                                 \
            ab_put_##R(result, row, value);                                                  \
    }                                                                                        \
    AB_DESCRIBE_PARAMETERS(identifier_, AB_UNWRAP parameters_)                               \
    AB_DESCRIBE_VALUE(identifier_, R)                                                        \
    const ab_function ab_function_##identifier_ = {                                          \
        AB_DESCRIPTION(identifier_, AB_KIND_AGGREGATE),                                      \
        .aggregate = {                                                                       \
            .size = sizeof(identifier_##_state),                                             \
            .state = ab_state_fields_of_##identifier_,                                             \
            .state_count = sizeof ab_state_fields_of_##identifier_ / sizeof(ab_field),             \
            .drop = ab_drop_of_##identifier_,                                                      \
            .accumulate = ab_accumulate_of_##identifier_,                                     \
            .evaluate = ab_evaluate_of_##identifier_,                                          \
            .save = ab_save_of_##identifier_,                                                      \
            .restore = ab_restore_of_##identifier_,                                                \
            AB_USE_ABILITIES(identifier_, AB_UNWRAP abilities_)},                            \
        __VA_ARGS__}

/* ---- The package ------------------------------------------------------------------------------------------------- */

/* Lists the functions of a package, once, in one of its files. The name and the version are the build's. */
#define AB_PACKAGE(...)                                                                      \
    AB_EACH(AB_NAME, AB_DECLARE_FUNCTION, __VA_ARGS__)                                       \
    static const ab_function *const ab_functions[] = {AB_EACH(AB_NAME, AB_LIST_FUNCTION, __VA_ARGS__)}; \
    const ab_package ab_this_package = {                                                     \
        AB_PACKAGE_NAME, AB_PACKAGE_VERSION, ab_functions, sizeof ab_functions / sizeof *ab_functions}

#ifndef AB_PACKAGE_NAME
#define AB_PACKAGE_NAME "package"
#define AB_PACKAGE_VERSION "0.0.0"
#endif

/* ---- What the macros above are made of --------------------------------------------------------------------------- */

#define AB_DECLARE_FUNCTION(name) extern const ab_function ab_function_##name;
#define AB_LIST_FUNCTION(name) &ab_function_##name,

#define AB_DESCRIPTION(identifier_, kind_)                                                   \
    .identifier = #identifier_, .kind = kind_, .parameters = ab_parameters_of_##identifier_,       \
    .parameter_count = sizeof ab_parameters_of_##identifier_ / sizeof(ab_field) - 1, .result = ab_results_of_##identifier_, \
    .result_count = sizeof ab_results_of_##identifier_ / sizeof(ab_field)

/* One more than there are, as C has no empty arrays. */
#define AB_DESCRIBE_PARAMETERS(identifier_, ...)                                             \
    static const ab_field ab_parameters_of_##identifier_[] = {AB_EACH(AB_PAIR, AB_FIELD, __VA_ARGS__){NULL, NULL}};
#define AB_DESCRIBE_VALUE(identifier_, R) static const ab_field ab_results_of_##identifier_[] = {{"", &ab_type_##R}};

/* Runs `compute` and then `put` with each row for which the function is called, `otherwise` with the others, and `fail`
 * instead of `put` where the row failed. The inner loop ends at a failure, so that it has none in it: the compiler then sees
 * that functions which cannot fail do not, and makes vector instructions of it. */
#define AB_FOR_ROWS(batch, compute_, put_, fail_, otherwise_)                                \
    size_t row = 0;                                                                          \
    while (row < (batch)->rows) {                                                            \
        if (!(batch)->selected) {                                                            \
            for (; row < (batch)->rows; row++) {                                             \
                compute_;                                                                    \
                if (__builtin_expect(ab_pending != NULL, 0)) break;                          \
                put_;                                                                        \
                ab_settle(row);                                                              \
            }                                                                                \
        } else {                                                                             \
            for (; row < (batch)->rows; row++) {                                             \
                if (!ab_is_selected(batch, row)) {                                           \
                    otherwise_;                                                              \
                    continue;                                                                \
                }                                                                            \
                compute_;                                                                    \
                if (__builtin_expect(ab_pending != NULL, 0)) break;                          \
                put_;                                                                        \
                ab_settle(row);                                                              \
            }                                                                                \
        }                                                                                    \
        if (ab_pending) {                                                                    \
            fail_;                                                                           \
            ab_row_failed(row++);                                                            \
        }                                                                                    \
    }

#define AB_PARAMETERS(...) AB_LIST(AB_PAIR, AB_PARAMETER, __VA_ARGS__)
#define AB_PARAMETER(T, name) ab_value_##T name
#define AB_MORE_PARAMETERS(...) AB_EACH(AB_PAIR, AB_MORE_PARAMETER, __VA_ARGS__)
#define AB_MORE_PARAMETER(T, name) , ab_value_##T name

#define AB_VIEWS(...)                                                                        \
    const ab_view *column = batch->columns;                                                  \
    (void)column;                                                                            \
    AB_EACH(AB_PAIR, AB_VIEW, __VA_ARGS__)
#define AB_VIEW(T, name) const ab_view name##_view = *column++;
#define AB_ARGUMENTS(...) AB_LIST(AB_PAIR, AB_ARGUMENT, __VA_ARGS__)
#define AB_ARGUMENT(T, name) ab_get_##T(&name##_view, row)
#define AB_MORE_ARGUMENTS(...) AB_EACH(AB_PAIR, AB_MORE_ARGUMENT, __VA_ARGS__)
#define AB_MORE_ARGUMENT(T, name) , ab_get_##T(&name##_view, row)

#define AB_COLUMN_PARAMETERS(...) AB_EACH(AB_PAIR, AB_COLUMN_PARAMETER, __VA_ARGS__)
#define AB_COLUMN_PARAMETER(T, name) , ab_column_##T name
#define AB_COLUMN_ARGUMENTS(...) AB_EACH(AB_PAIR, AB_COLUMN_ARGUMENT, __VA_ARGS__)
#define AB_COLUMN_ARGUMENT(T, name) , ab_column_of_##T(&name##_view)

#define AB_OUTPUTS(...) AB_LIST(AB_PAIR, AB_OUTPUT, __VA_ARGS__)
#define AB_OUTPUT(T, name) ab_value_##T *name
#define AB_OUTPUT_VARIABLES(...) AB_EACH(AB_PAIR, AB_OUTPUT_VARIABLE, __VA_ARGS__)
#define AB_OUTPUT_VARIABLE(T, name) ab_value_##T name##_output = {0};
#define AB_OUTPUT_POINTERS(...) AB_LIST(AB_PAIR, AB_OUTPUT_POINTER, __VA_ARGS__)
#define AB_OUTPUT_POINTER(T, name) &name##_output
#define AB_PUT_OUTPUTS(...) AB_EACH(AB_PAIR, AB_PUT_OUTPUT, __VA_ARGS__)
#define AB_PUT_OUTPUT(T, name) ab_put_##T(column++, row, name##_output);
#define AB_FIELDS(...) AB_EACH(AB_PAIR, AB_FIELD, __VA_ARGS__)
#define AB_MEMBERS(...) AB_EACH(AB_PAIR, AB_MEMBER, __VA_ARGS__)
#define AB_READ_MEMBERS(...) AB_EACH(AB_PAIR, AB_READ_MEMBER, __VA_ARGS__)
#define AB_READ_MEMBER(T, name) cursor->name = ab_get_##T(view++, row);
#define AB_MEMBER_ARGUMENTS(...) AB_EACH(AB_PAIR, AB_MEMBER_ARGUMENT, __VA_ARGS__)
#define AB_MEMBER_ARGUMENT(T, name) , cursor->name

#define AB_KEPT_MEMBER(T, name) ab_kept_##T name;
#define AB_SAVE_MEMBER(T, name) ab_put_##T(column++, row, ab_kept_value_##T(&group->name));
#define AB_RESTORE_MEMBER(T, name) ab_keep_##T(&group->name, ab_get_##T(column++, row));
#define AB_DROP_MEMBER(T, name) ab_drop_##T(&group->name);

#define AB_UPDATE_ROWS(identifier_, update, parameters_)                                     \
    static void ab_##update##_of_##identifier_(const ab_batch *batch, const uint32_t *groups, void *memory) { \
        identifier_##_state *states = (identifier_##_state *)memory;                         \
        AB_VIEWS parameters_                                                                 \
        AB_FOR_ROWS(batch, identifier_##_##update(&states[groups[row]] AB_MORE_ARGUMENTS parameters_), (void)0, \
                    (void)0, (void)0)                                                        \
    }

#define AB_DEFINE_ABILITIES(...) AB_DEFINE_TWO(__VA_ARGS__, , )
#define AB_DEFINE_TWO(identifier_, parameters_, one, two, ...)                               \
    AB_DEFINE_##one(identifier_, parameters_) AB_DEFINE_##two(identifier_, parameters_)
#define AB_DEFINE_(identifier_, parameters_)
#define AB_DEFINE_retract(identifier_, parameters_) AB_UPDATE_ROWS(identifier_, retract, parameters_)
#define AB_DEFINE_merge(identifier_, parameters_)                                            \
    static void ab_merge_of_##identifier_(void *group, const void *other) {                  \
        identifier_##_merge((identifier_##_state *)group, (const identifier_##_state *)other); \
    }

#define AB_USE_ABILITIES(...) AB_USE_TWO(__VA_ARGS__, , )
#define AB_USE_TWO(identifier_, one, two, ...) AB_USE_##one(identifier_) AB_USE_##two(identifier_)
#define AB_USE_(identifier_)
#define AB_USE_retract(identifier_) .retract = ab_retract_of_##identifier_,
#define AB_USE_merge(identifier_) .merge = ab_merge_of_##identifier_,

/* A new text of several, one after the other. */
#define ab_concat(...) \
    ab_concat_texts((const ab_string[]){__VA_ARGS__}, sizeof((const ab_string[]){__VA_ARGS__}) / sizeof(ab_string))

/* The value of an argument, from 0, that is a literal, as AB_VALUE(T_OR_NULL): NULL where it is not. */
#define AB_CONSTANT(T, argument) ab_constant_##T(argument)

#endif
