#include "column.h"

#include "anabranch/types.h"

/* ---- Descriptions ------------------------------------------------------------------------------------------------ */

size_t ab_count_nodes(const ab_type *type) {
    size_t count = 1;
    for (size_t child = 0; child < type->child_count; child++) count += ab_count_nodes(type->children[child].type);
    return count;
}

static ab_field_node *describe_into(const char *name, const ab_type *type, bool nullable, ab_field_node *node) {
    *node++ = (ab_field_node){ab_text(name), ab_text(type->format), nullable, (uint32_t)type->child_count};
    for (size_t child = 0; child < type->child_count; child++) {
        const ab_field *field = &type->children[child];
        node = describe_into(field->name, field->type, field->type->nullable, node);
    }
    return node;
}

void ab_describe(const char *name, const ab_type *type, bool nullable, ab_field_nodes *nodes) {
    nodes->count = ab_count_nodes(type);
    nodes->items = ab_alloc(nodes->count * sizeof *nodes->items);
    describe_into(name, type, nullable, nodes->items);
}

ab_field_nodes ab_describe_struct(const ab_field *fields, size_t count) {
    ab_type type = {.format = "+s", .layout = AB_LAYOUT_STRUCT, .child_count = count, .children = fields};
    ab_field_nodes nodes;
    ab_describe("", &type, false, &nodes);
    return nodes;
}

/* How many nodes were of this type, 0 where they are not. */
static size_t match(const ab_field_node *nodes, size_t count, const ab_type *type) {
    if (count == 0 || nodes->children != type->child_count || !ab_equal(nodes->format, ab_text(type->format))) return 0;
    size_t matched = 1;
    for (size_t child = 0; child < type->child_count; child++) {
        size_t more = match(nodes + matched, count - matched, type->children[child].type);
        if (more == 0) return 0;
        matched += more;
    }
    return matched;
}

bool ab_has_type(const ab_field_nodes *nodes, const ab_type *type) {
    return nodes->count > 0 && match(nodes->items, nodes->count, type) == nodes->count;
}

/* ---- Views ------------------------------------------------------------------------------------------------------- */

static const int32_t NO_OFFSETS[1] = {0};

size_t ab_buffers_of(ab_layout layout) {
    switch (layout) {
    case AB_LAYOUT_BINARY: return 3;
    case AB_LAYOUT_STRUCT: return 1;
    default: return 2;
    }
}

static const char *open_node(const ab_type *type, const ab_column *column, size_t *next, ab_view *view) {
    if (*next == column->count) return "a column has fewer nodes than its type (a bug of the host)";
    const ab_column_node *node = &column->items[(*next)++];
    const ab_bytes *buffers = node->buffers.items;
    size_t rows = node->length;
    *view = (ab_view){.rows = rows, .null_count = node->null_count};
    if (node->buffers.count != ab_buffers_of(type->layout))
        return "a column has other buffers than its type (a bug of the host)";
    const char *const too_short = "a buffer is shorter than its column (a bug of the host)";
    if (node->null_count > 0) {
        if (buffers[0].size < ab_bitmap_size(rows)) return too_short;
        view->validity = buffers[0].data;
    }
    if (type->layout != AB_LAYOUT_STRUCT) view->values = buffers[1].data;
    size_t reach = rows;
    switch (type->layout) {
    case AB_LAYOUT_FIXED:
        if (buffers[1].size / type->width < rows) return too_short;
        break;
    case AB_LAYOUT_BITS:
        if (buffers[1].size < ab_bitmap_size(rows)) return too_short;
        break;
    case AB_LAYOUT_BINARY:
    case AB_LAYOUT_LIST:
        if (rows == 0) view->values = NO_OFFSETS;
        else if (buffers[1].size / sizeof(int32_t) < rows + 1) return too_short;
        reach = (size_t)((const int32_t *)view->values)[rows];
        break;
    case AB_LAYOUT_STRUCT: break;
    }
    if (type->layout == AB_LAYOUT_BINARY) {
        if (buffers[2].size < reach) return too_short;
        view->data = (const char *)buffers[2].data;
    }
    if (type->child_count == 0) return NULL;
    view->children = ab_alloc(type->child_count * sizeof *view->children);
    for (size_t child = 0; child < type->child_count; child++) {
        const char *wrong = open_node(type->children[child].type, column, next, &view->children[child]);
        if (wrong) return wrong;
        if (view->children[child].rows < reach) return "a column is shorter than what holds it (a bug of the host)";
    }
    return NULL;
}

const char *ab_open(const ab_type *type, const ab_column *column, size_t rows, ab_view *view) {
    size_t next = 0;
    const char *wrong = open_node(type, column, &next, view);
    if (wrong) return wrong;
    return view->rows == rows ? NULL : "the columns of a call differ in their number of rows (a bug of the host)";
}

bool ab_may_lack(const ab_type *type, const ab_view *view) {
    for (size_t child = 0; child < type->child_count; child++) {
        const ab_type *inner = type->children[child].type;
        if ((view->children[child].null_count > 0 && !inner->nullable) || ab_may_lack(inner, &view->children[child]))
            return true;
    }
    return false;
}

bool ab_is_complete(const ab_type *type, const ab_view *view, size_t row) {
    ab_extent extent = type->layout == AB_LAYOUT_LIST ? ab_items(view, row) : (ab_extent){row, 1};
    for (size_t child = 0; child < type->child_count; child++) {
        const ab_type *inner = type->children[child].type;
        for (size_t item = extent.first; item < extent.first + extent.count; item++) {
            bool null = ab_is_null(&view->children[child], item);
            if (null ? !inner->nullable : !ab_is_complete(inner, &view->children[child], item)) return false;
        }
    }
    return true;
}

/* ---- Builders ---------------------------------------------------------------------------------------------------- */

ab_builder ab_build(const ab_type *type, size_t rows) {
    ab_builder builder = {.type = type};
    if (type->child_count > 0) {
        builder.children = ab_alloc(type->child_count * sizeof *builder.children);
        for (size_t child = 0; child < type->child_count; child++)
            builder.children[child] = ab_build(type->children[child].type, 0);
    }
    ab_grow(&builder, rows);
    return builder;
}

static size_t bytes_of(const ab_type *type, size_t rows) {
    switch (type->layout) {
    case AB_LAYOUT_FIXED: return rows * type->width;
    case AB_LAYOUT_BITS: return ab_bitmap_size(rows);
    case AB_LAYOUT_BINARY:
    case AB_LAYOUT_LIST: return (rows + 1) * sizeof(int32_t);
    case AB_LAYOUT_STRUCT: return 0;
    }
    return 0;
}

/* A larger copy of what is there. */
static void *larger(const void *old, size_t old_size, size_t size) {
    void *memory = ab_alloc(size);
    if (old_size > 0) memcpy(memory, old, old_size);
    return memory;
}

void ab_grow(ab_builder *builder, size_t rows) {
    const ab_type *type = builder->type;
    size_t old = builder->capacity;
    size_t capacity = rows > 2 * old ? rows : 2 * old;
    if (builder->validity) {
        builder->validity = larger(builder->validity, ab_bitmap_size(old), ab_bitmap_size(capacity));
        memset(builder->validity + ab_bitmap_size(old), 0xff, ab_bitmap_size(capacity) - ab_bitmap_size(old));
    }
    if (type->layout != AB_LAYOUT_STRUCT) {
        size_t used = builder->values ? bytes_of(type, old) : 0;
        builder->values = larger(builder->values, used, bytes_of(type, capacity));
        bool has_offsets = type->layout == AB_LAYOUT_BINARY || type->layout == AB_LAYOUT_LIST;
        if (used == 0 && has_offsets) *(int32_t *)builder->values = 0;
        /* Bits are set one by one, beside others. */
        if (type->layout == AB_LAYOUT_BITS) memset((char *)builder->values + used, 0, bytes_of(type, capacity) - used);
    } else {
        for (size_t child = 0; child < type->child_count; child++) ab_reserve(&builder->children[child], capacity);
    }
    builder->capacity = capacity;
}

void ab_grow_data(ab_builder *builder, size_t size) {
    size_t capacity = 2 * builder->data_capacity;
    if (capacity < builder->data_size + size) capacity = builder->data_size + size;
    if (capacity < 16 * builder->capacity) capacity = 16 * builder->capacity;
    builder->data = larger(builder->data, builder->data_size, capacity);
    builder->data_capacity = capacity;
}

void ab_put_null(ab_builder *builder, size_t row) {
    const ab_type *type = builder->type;
    if (!builder->validity) {
        size_t size = ab_bitmap_size(builder->capacity);
        builder->validity = memset(ab_alloc(size), 0xff, size);
    }
    builder->validity[row / 8] &= (uint8_t)~(1u << (row % 8));
    builder->null_count++;
    switch (type->layout) {
    case AB_LAYOUT_FIXED: memset((char *)builder->values + row * type->width, 0, type->width); break;
    case AB_LAYOUT_BITS: ab_put_bit(builder, row, false); break;
    case AB_LAYOUT_BINARY: ab_put_bytes(builder, row, NULL, 0); break;
    case AB_LAYOUT_LIST: ab_put_items(builder, row, 0); break;
    case AB_LAYOUT_STRUCT:
        for (size_t child = 0; child < type->child_count; child++) ab_put_null(&builder->children[child], row);
        break;
    }
}

void ab_take_back(ab_builder *builder, size_t row) {
    if (row >= builder->capacity) return;
    if (builder->validity && !ab_bit(builder->validity, row)) {
        builder->validity[row / 8] |= (uint8_t)(1u << (row % 8));
        builder->null_count--;
    }
    const ab_type *type = builder->type;
    if (type->layout == AB_LAYOUT_BINARY) {
        builder->data_size = (size_t)((const int32_t *)builder->values)[row];
    } else if (type->layout == AB_LAYOUT_LIST) {
        ab_builder *items = builder->children;
        size_t first = (size_t)((const int32_t *)builder->values)[row];
        while (items->length > first) ab_take_back(items, --items->length);
    } else if (type->layout == AB_LAYOUT_STRUCT) {
        for (size_t child = 0; child < type->child_count; child++) ab_take_back(&builder->children[child], row);
    }
}

void ab_put_too_large(ab_builder *builder, size_t row) {
    /* The format is d:precision,scale. */
    ab_fail_with(ab_concat_texts((ab_string[]){ab_text("the value does not fit DECIMAL("),
                                               ab_text(builder->type->format + 2), ab_text(")")}, 3));
    ab_put_null(builder, row);
}

static ab_column_node *finish_into(ab_builder *builder, size_t rows, ab_column_node *node) {
    const ab_type *type = builder->type;
    ab_bytes *buffers = ab_alloc(3 * sizeof *buffers);
    buffers[0] = builder->null_count > 0 ? (ab_bytes){builder->validity, ab_bitmap_size(rows)} : (ab_bytes){NULL, 0};
    buffers[1] = (ab_bytes){builder->values, bytes_of(type, rows)};
    buffers[2] = (ab_bytes){(const uint8_t *)builder->data, builder->data_size};
    *node++ = (ab_column_node){(uint32_t)rows, (uint32_t)builder->null_count, {buffers, ab_buffers_of(type->layout)}};
    for (size_t child = 0; child < type->child_count; child++) {
        ab_builder *inner = &builder->children[child];
        node = finish_into(inner, type->layout == AB_LAYOUT_STRUCT ? rows : inner->length, node);
    }
    return node;
}

ab_column ab_finish(ab_builder *builder, size_t rows) {
    ab_column column = {.count = ab_count_nodes(builder->type)};
    column.items = ab_alloc(column.count * sizeof *column.items);
    finish_into(builder, rows, column.items);
    return column;
}
