/* Columns: how their types are described, how they are read, and how they are built.
 *
 * A type is a tree of nodes, and so are a view of a column and a column under construction. Values are read from a view
 * and put into a builder by the small functions of each type in types.h; all else is the same for every type, and is
 * in src/column.c. */

#ifndef ANABRANCH_COLUMN_H
#define ANABRANCH_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A text in UTF-8, borrowed: it ends after `size` bytes, not with a zero. */
typedef struct {
    const char *data;
    size_t size;
} ab_string;

/* Bytes, borrowed. */
typedef struct {
    const uint8_t *data;
    size_t size;
} ab_bytes;

/* Which buffers a node has, after its validity. */
typedef enum {
    AB_LAYOUT_FIXED,  /* values of `width` bytes */
    AB_LAYOUT_BITS,   /* one bit per value */
    AB_LAYOUT_BINARY, /* offsets and bytes */
    AB_LAYOUT_LIST,   /* offsets into one child; of maps too, whose child is a struct */
    AB_LAYOUT_STRUCT, /* nothing; each child has as many rows */
} ab_layout;

struct ab_field;

/* A type: what a field node of the contract says, and its children. */
typedef struct ab_type {
    const char *format; /* of the Arrow C Data Interface */
    ab_layout layout;
    uint8_t width;
    bool nullable;
    size_t child_count;
    const struct ab_field *children;
} ab_type;

/* A named type. */
typedef struct ab_field {
    const char *name;
    const ab_type *type;
} ab_field;

/* A column to read. */
typedef struct ab_view {
    size_t rows;
    size_t null_count;
    const uint8_t *validity; /* one bit per row, clear where it is NULL; a null pointer where nothing is */
    const void *values;      /* or bits, or offsets */
    const char *data;        /* of texts and bytes */
    struct ab_view *children;
} ab_view;

/* A column under construction. Rows are put at the end, one by one, after ab_reserve has made room for them. */
typedef struct ab_builder {
    const ab_type *type;
    size_t length;     /* rows so far, of items of lists; whoever puts rows elsewhere knows */
    size_t capacity;   /* rows that there is room for */
    size_t null_count;
    uint8_t *validity; /* a null pointer while nothing is NULL */
    void *values;
    char *data;
    size_t data_size, data_capacity;
    struct ab_builder *children;
} ab_builder;

/* Memory that lives until the call returns; never a null pointer, aligned to 16 bytes, not initialised. */
void *ab_alloc(size_t size);

static inline bool ab_bit(const uint8_t *bits, size_t row) {
    return (bits[row / 8] >> (row % 8)) & 1;
}

static inline bool ab_is_null(const ab_view *view, size_t row) {
    return view->validity && !ab_bit(view->validity, row);
}

/* An empty builder, with room for so many rows. */
ab_builder ab_build(const ab_type *type, size_t rows);

/* Makes room for so many rows in all. */
void ab_grow(ab_builder *builder, size_t rows);

static inline void ab_reserve(ab_builder *builder, size_t rows) {
    if (rows > builder->capacity) ab_grow(builder, rows);
}

/* Puts a NULL. */
void ab_put_null(ab_builder *builder, size_t row);

/* Puts NULL in place of a decimal with too many digits, and makes the row fail. */
void ab_put_too_large(ab_builder *builder, size_t row);

/* Makes room for more bytes of texts. */
void ab_grow_data(ab_builder *builder, size_t size);

static inline void ab_put_bytes(ab_builder *builder, size_t row, const void *data, size_t size) {
    if (size > builder->data_capacity - builder->data_size) ab_grow_data(builder, size);
    if (size > 0) memcpy(builder->data + builder->data_size, data, size);
    builder->data_size += size;
    ((int32_t *)builder->values)[row + 1] = (int32_t)builder->data_size;
}

static inline void ab_put_bit(ab_builder *builder, size_t row, bool value) {
    uint8_t *byte = (uint8_t *)builder->values + row / 8;
    *byte = (uint8_t)((*byte & ~(1u << (row % 8))) | ((unsigned)value << (row % 8)));
}

/* Where the items of a row of a list lie in its child. */
typedef struct {
    size_t first, count;
} ab_extent;

static inline ab_extent ab_items(const ab_view *view, size_t row) {
    const int32_t *offsets = (const int32_t *)view->values;
    ab_extent extent = {(size_t)offsets[row], (size_t)(offsets[row + 1] - offsets[row])};
    return extent;
}

/* Makes room for the items of a row of a list, which are to be put from the returned row of the child on. */
static inline size_t ab_put_items(ab_builder *builder, size_t row, size_t count) {
    ab_builder *items = builder->children;
    size_t first = items->length;
    ab_reserve(items, first + count);
    items->length = first + count;
    ((int32_t *)builder->values)[row + 1] = (int32_t)items->length;
    return first;
}

#ifdef __cplusplus
}
#endif

#endif
