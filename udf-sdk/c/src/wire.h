/* How columns cross: one list of numbers that says where everything is, and the bytes. */

#ifndef ANABRANCH_WIRE_H
#define ANABRANCH_WIRE_H

#include "anabranch/contract.h"

/* Columns that the host passes: for each node its rows, how many are NULL, and the bytes of each of its buffers, which
 * lie in `data`, each at the next multiple of 16. */
typedef struct {
    const uint32_t *layout;
    size_t layout_count;
    const uint8_t *data;
    size_t size;
} ab_wire_batch;

/* A node of a column that is returned. */
typedef struct {
    uint32_t length;
    uint32_t null_count;
} ab_wire_node;

/* Columns that are returned. */
typedef struct {
    struct {
        ab_wire_node *items;
        size_t count;
    } nodes;
    struct {
        ab_bytes *items;
        size_t count;
    } buffers;
} ab_wire_columns;

/* The columns of these fields, whose buffers stay where they are. A null pointer, or what is wrong with them: only a host
 * that breaks the contract gets there. */
const char *ab_unpack(const ab_field *fields, size_t count, ab_wire_batch batch, ab_columns *columns);

/* The same columns as they are returned. */
ab_wire_columns ab_pack(ab_columns columns);

#endif
