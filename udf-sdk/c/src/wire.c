#include "wire.h"

#include "column.h"

/* Where the next node is read. */
typedef struct {
    ab_wire_batch rest;
    size_t end; /* of the last buffer */
} reader;

static const char *const wrong = "the columns of a call are not as their types say (a bug of the host)";

static const char *unpack_node(const ab_type *type, reader *reader, ab_column_node **next) {
    size_t count = ab_buffers_of(type->layout);
    ab_wire_batch *rest = &reader->rest;
    if (rest->layout_count < 2 + count) return wrong;
    const uint32_t *layout = rest->layout;
    ab_bytes *buffers = ab_alloc(count * sizeof *buffers);
    for (size_t index = 0; index < count; index++) {
        size_t size = layout[2 + index];
        buffers[index] = (ab_bytes){NULL, 0};
        if (size == 0) continue;
        size_t start = (reader->end + 15) & ~(size_t)15;
        if (start > rest->size || size > rest->size - start) return wrong;
        buffers[index] = (ab_bytes){rest->data + start, size};
        reader->end = start + size;
    }
    *(*next)++ = (ab_column_node){layout[0], layout[1], {buffers, count}};
    rest->layout += 2 + count;
    rest->layout_count -= 2 + count;
    for (size_t child = 0; child < type->child_count; child++) {
        const char *inner = unpack_node(type->children[child].type, reader, next);
        if (inner) return inner;
    }
    return NULL;
}

const char *ab_unpack(const ab_field *fields, size_t count, ab_wire_batch batch, ab_columns *columns) {
    reader reader = {batch, 0};
    *columns = (ab_columns){ab_alloc(count * sizeof *columns->items), count};
    for (size_t index = 0; index < count; index++) {
        ab_column *column = &columns->items[index];
        column->count = ab_count_nodes(fields[index].type);
        column->items = ab_alloc(column->count * sizeof *column->items);
        ab_column_node *next = column->items;
        const char *failed = unpack_node(fields[index].type, &reader, &next);
        if (failed) return failed;
    }
    return reader.rest.layout_count == 0 ? NULL : wrong;
}

ab_wire_columns ab_pack(ab_columns columns) {
    ab_wire_columns packed = {{NULL, 0}, {NULL, 0}};
    for (size_t index = 0; index < columns.count; index++) {
        const ab_column *column = &columns.items[index];
        packed.nodes.count += column->count;
        for (size_t node = 0; node < column->count; node++) packed.buffers.count += column->items[node].buffers.count;
    }
    ab_wire_node *node_at = packed.nodes.items = ab_alloc(packed.nodes.count * sizeof *packed.nodes.items);
    ab_bytes *buffer_at = packed.buffers.items = ab_alloc(packed.buffers.count * sizeof *packed.buffers.items);
    for (size_t index = 0; index < columns.count; index++) {
        const ab_column *column = &columns.items[index];
        for (size_t node = 0; node < column->count; node++) {
            const ab_column_node *from = &column->items[node];
            *node_at++ = (ab_wire_node){from->length, from->null_count};
            for (size_t buffer = 0; buffer < from->buffers.count; buffer++) *buffer_at++ = from->buffers.items[buffer];
        }
    }
    return packed;
}
