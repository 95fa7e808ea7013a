/* From the nodes of columns to views, from builders to nodes. */

#ifndef ANABRANCH_SRC_COLUMN_H
#define ANABRANCH_SRC_COLUMN_H

#include "anabranch/contract.h"

/* How many nodes a type has, its own and those within it. */
size_t ab_count_nodes(const ab_type *type);

/* How many buffers a node has, the validity among them. */
size_t ab_buffers_of(ab_layout layout);

/* Appends the nodes of a field, in memory of the call. */
void ab_describe(const char *name, const ab_type *type, bool nullable, ab_field_nodes *nodes);

/* The nodes of a struct of such fields. */
ab_field_nodes ab_describe_struct(const ab_field *fields, size_t count);

/* Whether nodes describe this type, whatever the names and which rows may be NULL. */
bool ab_has_type(const ab_field_nodes *nodes, const ab_type *type);

/* A view of a column; a null pointer, or what is wrong with it: only a host that breaks the contract gets there. */
const char *ab_open(const ab_type *type, const ab_column *column, size_t rows, ab_view *view);

/* Whether a row has a value that holds no NULL where its type has none, within it. */
bool ab_is_complete(const ab_type *type, const ab_view *view, size_t row);

/* Whether ab_is_complete may be false. */
bool ab_may_lack(const ab_type *type, const ab_view *view);

/* Undoes what was put at the end, if anything was. */
void ab_take_back(ab_builder *builder, size_t row);

/* The nodes of a built column of so many rows. */
ab_column ab_finish(ab_builder *builder, size_t rows);

/* Number of bytes of a bitmap. */
static inline size_t ab_bitmap_size(size_t rows) {
    return (rows + 7) / 8;
}

#endif
