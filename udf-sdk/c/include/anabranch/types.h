/* The types of SQL in C. For each type T there are:
 *
 *     AB_VALUE(T)             its values in C
 *     T_OR_NULL               the type that may be NULL, with the members `valid` and `value`
 *     AB_SOME(T, value)       a value of T_OR_NULL
 *     AB_NULL(T)              NULL, a value of T_OR_NULL
 *     ab_column_T             a whole column, of flat types: rows, validity, values
 *
 * and, for the macros of macros.h, ab_type_T, ab_get_T and ab_put_T. */

#ifndef ANABRANCH_TYPES_H
#define ANABRANCH_TYPES_H

#include "each.h"
#include "function.h"

typedef __int128 ab_int128;

/* What a type defines and a package does not use is nothing to be warned of. */
#define AB_INLINE static inline __attribute__((unused))
#define AB_CONST static const __attribute__((unused))

#define AB_VALUE(T) ab_value_##T
#define AB_SOME(T, ...) ((ab_value_##T##_OR_NULL){.valid = true, .value = __VA_ARGS__})
#define AB_NULL(T) ((ab_value_##T##_OR_NULL){.valid = false})

/* The descriptions of T and T_OR_NULL, and all of T_OR_NULL; `...` is what a type says beside `nullable`. */
#define AB_DEFINE_TYPE(T, ctype, ...)                                                        \
    typedef ctype ab_value_##T;                                                              \
    typedef struct {                                                                         \
        bool valid;                                                                          \
        ab_value_##T value;                                                                  \
    } ab_value_##T##_OR_NULL;                                                                \
    AB_CONST ab_type ab_type_##T = {__VA_ARGS__};                                            \
    AB_CONST ab_type ab_type_##T##_OR_NULL = {.nullable = true, __VA_ARGS__};                \
    AB_INLINE ab_value_##T ab_get_##T(const ab_view *view, size_t row);                      \
    AB_INLINE void ab_put_##T(ab_builder *builder, size_t row, ab_value_##T value);          \
    AB_INLINE ab_value_##T##_OR_NULL ab_get_##T##_OR_NULL(const ab_view *view, size_t row) { \
        if (ab_is_null(view, row)) return AB_NULL(T);                                        \
        return AB_SOME(T, ab_get_##T(view, row));                                            \
    }                                                                                        \
    AB_INLINE ab_value_##T##_OR_NULL ab_constant_##T(size_t argument) {                      \
        ab_view view;                                                                        \
        if (!ab_literal(argument, &ab_type_##T, &view)) return AB_NULL(T);                   \
        return ab_get_##T##_OR_NULL(&view, 0);                                               \
    }                                                                                        \
    AB_INLINE void ab_put_##T##_OR_NULL(ab_builder *builder, size_t row, ab_value_##T##_OR_NULL value) { \
        if (value.valid)                                                                     \
            ab_put_##T(builder, row, value.value);                                           \
        else                                                                                 \
            ab_put_null(builder, row);                                                       \
    }

/* What a group keeps of a type: see AB_STATE. */
#define AB_DEFINE_FIXED_STATE(T)                                                             \
    typedef ab_value_##T ab_kept_##T;                                                        \
    AB_INLINE void ab_keep_##T(ab_kept_##T *kept, ab_value_##T value) { *kept = value; }     \
    AB_INLINE ab_value_##T ab_kept_value_##T(const ab_kept_##T *kept) { return *kept; }      \
    AB_INLINE void ab_drop_##T(ab_kept_##T *kept) { (void)kept; }

#define AB_DEFINE_FIXED(T, ctype, arrow)                                                     \
    AB_DEFINE_TYPE(T, ctype, .format = arrow, .layout = AB_LAYOUT_FIXED, .width = sizeof(ctype)) \
    typedef struct {                                                                         \
        size_t rows;                                                                         \
        const uint8_t *validity;                                                             \
        const ctype *values;                                                                 \
    } ab_column_##T;                                                                         \
    AB_INLINE ab_column_##T ab_column_of_##T(const ab_view *view) {                          \
        return (ab_column_##T){view->rows, view->validity, (const ctype *)view->values};     \
    }                                                                                        \
    AB_INLINE ab_column_##T ab_column_of_##T##_OR_NULL(const ab_view *view) {                \
        return ab_column_of_##T(view);                                                       \
    }                                                                                        \
    typedef ab_column_##T ab_column_##T##_OR_NULL;                                           \
    AB_INLINE ctype ab_get_##T(const ab_view *view, size_t row) {                            \
        return ((const ctype *)view->values)[row];                                           \
    }                                                                                        \
    AB_INLINE void ab_put_##T(ab_builder *builder, size_t row, ctype value) {                \
        ((ctype *)builder->values)[row] = value;                                             \
    }                                                                                        \
    AB_DEFINE_FIXED_STATE(T)                                                                 \
    AB_DEFINE_FIXED_STATE(T##_OR_NULL)

AB_DEFINE_FIXED(TINYINT, int8_t, "c")
AB_DEFINE_FIXED(SMALLINT, int16_t, "s")
AB_DEFINE_FIXED(INT, int32_t, "i")
AB_DEFINE_FIXED(BIGINT, int64_t, "l")
AB_DEFINE_FIXED(FLOAT, float, "f")
AB_DEFINE_FIXED(DOUBLE, double, "g")
AB_DEFINE_FIXED(DATE, int32_t, "tdD")             /* days since 1970-01-01 */
AB_DEFINE_FIXED(TIME, int32_t, "ttm")             /* milliseconds since midnight */
AB_DEFINE_FIXED(TIMESTAMP_0, int64_t, "tss:")     /* seconds since 1970-01-01 00:00:00 */
AB_DEFINE_FIXED(TIMESTAMP_3, int64_t, "tsm:")     /* milliseconds */
AB_DEFINE_FIXED(TIMESTAMP_6, int64_t, "tsu:")     /* microseconds */
AB_DEFINE_FIXED(TIMESTAMP_9, int64_t, "tsn:")     /* nanoseconds */
AB_DEFINE_FIXED(TIMESTAMP_LTZ_0, int64_t, "tss:UTC") /* likewise, since 1970-01-01 00:00:00 UTC */
AB_DEFINE_FIXED(TIMESTAMP_LTZ_3, int64_t, "tsm:UTC")
AB_DEFINE_FIXED(TIMESTAMP_LTZ_6, int64_t, "tsu:UTC")
AB_DEFINE_FIXED(TIMESTAMP_LTZ_9, int64_t, "tsn:UTC")
AB_DEFINE_FIXED(INTERVAL_YEAR_TO_MONTH, int32_t, "tiM") /* months */
AB_DEFINE_FIXED(INTERVAL_DAY_TO_SECOND, int64_t, "tDm") /* milliseconds */

AB_DEFINE_TYPE(BOOLEAN, bool, .format = "b", .layout = AB_LAYOUT_BITS)
AB_DEFINE_FIXED_STATE(BOOLEAN)
AB_DEFINE_FIXED_STATE(BOOLEAN_OR_NULL)

static inline bool ab_get_BOOLEAN(const ab_view *view, size_t row) {
    return ab_bit((const uint8_t *)view->values, row);
}

static inline void ab_put_BOOLEAN(ab_builder *builder, size_t row, bool value) {
    ab_put_bit(builder, row, value);
}

/* Bytes that a group owns; they grow by ab_append, and go with the group. */
typedef struct {
    uint8_t *data;
    size_t size, capacity;
} ab_buffer;

void ab_append(ab_buffer *buffer, const void *data, size_t size);
void ab_free_buffer(ab_buffer *buffer);

/* The text that a buffer holds, which goes with it. */
static inline ab_string ab_buffer_text(const ab_buffer *buffer) {
    return (ab_string){buffer->size ? (const char *)buffer->data : "", buffer->size};
}

#define AB_DEFINE_BINARY(T, ctype, byte, arrow)                                              \
    AB_DEFINE_TYPE(T, ctype, .format = arrow, .layout = AB_LAYOUT_BINARY)                    \
    typedef struct {                                                                         \
        size_t rows;                                                                         \
        const uint8_t *validity;                                                             \
        const int32_t *offsets;                                                              \
        const byte *data;                                                                    \
    } ab_column_##T;                                                                         \
    AB_INLINE ab_column_##T ab_column_of_##T(const ab_view *view) {                          \
        return (ab_column_##T){view->rows, view->validity, (const int32_t *)view->values, (const byte *)view->data}; \
    }                                                                                        \
    AB_INLINE ab_column_##T ab_column_of_##T##_OR_NULL(const ab_view *view) {                \
        return ab_column_of_##T(view);                                                       \
    }                                                                                        \
    typedef ab_column_##T ab_column_##T##_OR_NULL;                                           \
    AB_INLINE ctype ab_get_##T(const ab_view *view, size_t row) {                            \
        ab_extent extent = ab_items(view, row);                                              \
        return (ctype){(const byte *)view->data + extent.first, extent.count};               \
    }                                                                                        \
    AB_INLINE void ab_put_##T(ab_builder *builder, size_t row, ctype value) {                \
        ab_put_bytes(builder, row, value.data, value.size);                                  \
    }                                                                                        \
    typedef ab_buffer ab_kept_##T;                                                           \
    AB_INLINE void ab_keep_##T(ab_buffer *kept, ctype value) {                               \
        kept->size = 0;                                                                      \
        ab_append(kept, value.data, value.size);                                             \
    }                                                                                        \
    AB_INLINE ctype ab_kept_value_##T(const ab_buffer *kept) {                               \
        return (ctype){(const byte *)kept->data, kept->size};                                \
    }                                                                                        \
    AB_INLINE void ab_drop_##T(ab_buffer *kept) { ab_free_buffer(kept); }

AB_DEFINE_BINARY(STRING, ab_string, char, "u")
AB_DEFINE_BINARY(BYTES, ab_bytes, uint8_t, "z")

/* Defines the type `name`, DECIMAL(precision, scale): numbers without their point, 1250 for 12.50. A result with more
 * digits makes its row fail. */
#define AB_DECIMAL(name, precision, scale)                                                   \
    AB_DEFINE_TYPE(name, ab_int128, .format = "d:" #precision "," #scale, .layout = AB_LAYOUT_FIXED, .width = 16) \
    AB_DEFINE_FIXED_STATE(name)                                                              \
    AB_DEFINE_FIXED_STATE(name##_OR_NULL)                                                    \
    AB_INLINE ab_int128 ab_get_##name(const ab_view *view, size_t row) {                     \
        return ((const ab_int128 *)view->values)[row];                                       \
    }                                                                                        \
    AB_INLINE void ab_put_##name(ab_builder *builder, size_t row, ab_int128 value) {         \
        ab_int128 limit = ab_power_of_ten(precision);                                        \
        if (value > -limit && value < limit)                                                 \
            ((ab_int128 *)builder->values)[row] = value;                                     \
        else                                                                                 \
            ab_put_too_large(builder, row);                                                  \
    }

static inline ab_int128 ab_power_of_ten(int exponent) {
    ab_int128 power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}


/* Defines the type `name`, ARRAY<T>: its values have `items` and their `count`. */
#define AB_ARRAY(name, T)                                                                    \
    typedef struct {                                                                         \
        const ab_value_##T *items;                                                           \
        size_t count;                                                                        \
    } ab_items_of_##name;                                                                    \
    static const ab_field ab_item_of_##name = {"item", &ab_type_##T};                        \
    AB_DEFINE_TYPE(name, ab_items_of_##name, .format = "+l", .layout = AB_LAYOUT_LIST, .child_count = 1, \
                   .children = &ab_item_of_##name)                                           \
    AB_INLINE ab_items_of_##name ab_get_##name(const ab_view *view, size_t row) {            \
        ab_extent extent = ab_items(view, row);                                              \
        ab_value_##T *items = (ab_value_##T *)ab_alloc(extent.count * sizeof *items);        \
        for (size_t index = 0; index < extent.count; index++)                                \
            items[index] = ab_get_##T(view->children, extent.first + index);                 \
        return (ab_items_of_##name){items, extent.count};                                    \
    }                                                                                        \
    AB_INLINE void ab_put_##name(ab_builder *builder, size_t row, ab_items_of_##name value) { \
        size_t first = ab_put_items(builder, row, value.count);                              \
        for (size_t index = 0; index < value.count; index++)                                 \
            ab_put_##T(builder->children, first + index, value.items[index]);                \
    }

/* Defines the type `name`, MAP<K, V>: its values have `entries` with `key` and `value`, and their `count`. */
#define AB_MAP(name, K, V)                                                                   \
    AB_ROW(name##_entry, (K, key), (V, value))                                               \
    typedef struct {                                                                         \
        const ab_value_##name##_entry *entries;                                              \
        size_t count;                                                                        \
    } ab_entries_of_##name;                                                                  \
    static const ab_field ab_entry_of_##name = {"entries", &ab_type_##name##_entry};         \
    AB_DEFINE_TYPE(name, ab_entries_of_##name, .format = "+m", .layout = AB_LAYOUT_LIST, .child_count = 1, \
                   .children = &ab_entry_of_##name)                                          \
    AB_INLINE ab_entries_of_##name ab_get_##name(const ab_view *view, size_t row) {          \
        ab_extent extent = ab_items(view, row);                                              \
        ab_value_##name##_entry *entries =                                                   \
            (ab_value_##name##_entry *)ab_alloc(extent.count * sizeof *entries);             \
        for (size_t index = 0; index < extent.count; index++)                                \
            entries[index] = ab_get_##name##_entry(view->children, extent.first + index);    \
        return (ab_entries_of_##name){entries, extent.count};                                \
    }                                                                                        \
    AB_INLINE void ab_put_##name(ab_builder *builder, size_t row, ab_entries_of_##name value) { \
        size_t first = ab_put_items(builder, row, value.count);                              \
        for (size_t index = 0; index < value.count; index++)                                 \
            ab_put_##name##_entry(builder->children, first + index, value.entries[index]);   \
    }

/* Defines the type `name`, ROW<…>, of fields (T, field): its values are structs with these members. */
#define AB_ROW(name, ...)                                                                    \
    typedef struct {                                                                         \
        AB_EACH(AB_PAIR, AB_MEMBER, __VA_ARGS__)                                             \
    } ab_fields_of_##name;                                                                   \
    static const ab_field ab_children_of_##name[] = {AB_EACH(AB_PAIR, AB_FIELD, __VA_ARGS__)}; \
    AB_DEFINE_TYPE(name, ab_fields_of_##name, .format = "+s", .layout = AB_LAYOUT_STRUCT,    \
                   .child_count = sizeof ab_children_of_##name / sizeof(ab_field), .children = ab_children_of_##name) \
    AB_INLINE ab_fields_of_##name ab_get_##name(const ab_view *view, size_t row) {           \
        const ab_view *child = view->children;                                               \
        ab_fields_of_##name value;                                                           \
        AB_EACH(AB_PAIR, AB_GET_MEMBER, __VA_ARGS__)                                         \
        return value;                                                                        \
    }                                                                                        \
    AB_INLINE void ab_put_##name(ab_builder *builder, size_t row, ab_fields_of_##name value) { \
        ab_builder *child = builder->children;                                               \
        AB_EACH(AB_PAIR, AB_PUT_MEMBER, __VA_ARGS__)                                         \
    }

#define AB_MEMBER(T, field) ab_value_##T field;
#define AB_FIELD(T, field) {#field, &ab_type_##T},
#define AB_GET_MEMBER(T, field) value.field = ab_get_##T(child++, row);
#define AB_PUT_MEMBER(T, field) ab_put_##T(child++, row, value.field);

#endif
