/* How columns cross: those of every type in kitchen_sink.c are packed, passed as a host does, and unpacked. */

#include "kitchen_sink.c"

#include "../src/column.h"
#include "../src/package.h"
#include "../src/wire.h"
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                     \
    do {                                                                                     \
        if (!(condition)) {                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                  \
            exit(1);                                                                         \
        }                                                                                    \
    } while (0)

/* The same numbers in every run. */
static uint32_t seed = 1;

static uint32_t any(uint32_t below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* Puts some value of the type, or NULL. */
static void put_any(ab_builder *builder, size_t row) {
    const ab_type *type = builder->type;
    if (type->nullable && any(3) == 0) {
        ab_put_null(builder, row);
        return;
    }
    switch (type->layout) {
    case AB_LAYOUT_FIXED:
        for (size_t byte = 0; byte < type->width; byte++)
            ((uint8_t *)builder->values)[row * type->width + byte] = (uint8_t)any(256);
        break;
    case AB_LAYOUT_BITS: ab_put_bit(builder, row, any(2)); break;
    case AB_LAYOUT_BINARY: ab_put_bytes(builder, row, "a text of 20 letters", any(21)); break;
    case AB_LAYOUT_LIST: {
        size_t count = any(4), first = ab_put_items(builder, row, count);
        for (size_t item = first; item < first + count; item++) put_any(builder->children, item);
        break;
    }
    case AB_LAYOUT_STRUCT:
        for (size_t child = 0; child < type->child_count; child++) put_any(&builder->children[child], row);
        break;
    }
}

static ab_column column_of(const ab_type *type, size_t rows) {
    ab_builder builder = ab_build(type, rows);
    for (size_t row = 0; row < rows; row++) put_any(&builder, row);
    return ab_finish(&builder, rows);
}

/* Every type that is a parameter of some function, as a field of one long list of arguments. */
static size_t all_fields(ab_field *fields, size_t room) {
    size_t count = 0;
    for (size_t index = 0; index < ab_this_package.function_count; index++) {
        const ab_function *function = ab_this_package.functions[index];
        for (size_t parameter = 0; parameter < function->parameter_count; parameter++) {
            CHECK(count < room);
            fields[count++] = function->parameters[parameter];
        }
    }
    CHECK(count > 23);
    return count;
}

/* A batch that a test may spoil; each list has memory of just its size, so that sanitizers see a step beyond. */
typedef struct {
    uint32_t *layout;
    uint8_t *data;
    ab_wire_batch batch;
} passed;

/* What a host makes of columns that it was returned. */
static passed pass(ab_wire_columns columns, const ab_field *fields, size_t field_count) {
    size_t numbers = 2 * columns.nodes.count + columns.buffers.count, size = 0;
    for (size_t buffer = 0; buffer < columns.buffers.count; buffer++)
        if (columns.buffers.items[buffer].size > 0) size = ((size + 15) & ~(size_t)15) + columns.buffers.items[buffer].size;
    passed passed = {malloc(numbers * sizeof(uint32_t)), calloc(1, size ? size : 1), {0}};
    passed.batch = (ab_wire_batch){passed.layout, numbers, passed.data, size};
    const ab_bytes *buffer = columns.buffers.items;
    const ab_wire_node *node = columns.nodes.items;
    uint32_t *layout = passed.layout;
    size_t end = 0;
    for (size_t field = 0; field < field_count; field++) {
        /* Nodes in pre-order, without recursion: those that are still to come, the next on top. */
        const ab_type *open[32] = {fields[field].type};
        for (size_t depth = 1; depth > 0;) {
            const ab_type *type = open[--depth];
            *layout++ = node->length;
            *layout++ = node++->null_count;
            for (size_t count = ab_buffers_of(type->layout); count > 0; count--, buffer++) {
                *layout++ = (uint32_t)buffer->size;
                if (buffer->size == 0) continue;
                end = (end + 15) & ~(size_t)15;
                memcpy(passed.data + end, buffer->data, buffer->size);
                end += buffer->size;
            }
            for (size_t child = type->child_count; child > 0; child--) {
                CHECK(depth < 32);
                open[depth++] = type->children[child - 1].type;
            }
        }
    }
    CHECK(layout == passed.layout + numbers && end == size);
    return passed;
}

static void drop(passed *passed) {
    free(passed->layout);
    free(passed->data);
}

static bool is_same(const ab_column *left, const ab_column *right) {
    if (left->count != right->count) return false;
    for (size_t node = 0; node < left->count; node++) {
        const ab_column_node *one = &left->items[node], *other = &right->items[node];
        if (one->length != other->length || one->null_count != other->null_count) return false;
        if (one->buffers.count != other->buffers.count) return false;
        for (size_t buffer = 0; buffer < one->buffers.count; buffer++) {
            ab_bytes bytes = one->buffers.items[buffer], others = other->buffers.items[buffer];
            if (bytes.size != others.size || (bytes.size && memcmp(bytes.data, others.data, bytes.size))) return false;
        }
    }
    return true;
}

static void columns_of_every_type_come_back(void) {
    ab_field fields[128];
    size_t count = all_fields(fields, 128);
    for (size_t rows = 0; rows < 100; rows += 33) {
        ab_columns columns = {ab_alloc(count * sizeof(ab_column)), count}, unpacked;
        for (size_t index = 0; index < count; index++) columns.items[index] = column_of(fields[index].type, rows);
        passed passed = pass(ab_pack(columns), fields, count);
        CHECK(!ab_unpack(fields, count, passed.batch, &unpacked) && unpacked.count == count);
        for (size_t index = 0; index < count; index++) {
            CHECK(is_same(&columns.items[index], &unpacked.items[index]));
            ab_view view;
            CHECK(!ab_open(fields[index].type, &unpacked.items[index], rows, &view));
            /* Decimals are read in place. */
            CHECK(rows == 0 || fields[index].type->width != 16 || (uintptr_t)view.values % 16 == 0);
        }
        drop(&passed);
        ab_end_call();
    }
}

/* Each column by itself in every size of a bitmap's byte, so that each lies at the end of the data once. */
static void a_column_may_be_the_last_bytes(void) {
    ab_field fields[128];
    size_t count = all_fields(fields, 128);
    for (size_t index = 0; index < count; index++) {
        for (size_t rows = 1; rows < 18; rows++) {
            ab_column column = column_of(fields[index].type, rows);
            ab_columns unpacked;
            passed passed = pass(ab_pack((ab_columns){&column, 1}), &fields[index], 1);
            CHECK(!ab_unpack(&fields[index], 1, passed.batch, &unpacked) && is_same(&column, &unpacked.items[0]));
            drop(&passed);
        }
        ab_end_call();
    }
}

static void no_columns_have_no_layout(void) {
    ab_columns unpacked;
    CHECK(!ab_unpack(NULL, 0, (ab_wire_batch){0}, &unpacked) && unpacked.count == 0);
    CHECK(ab_unpack(NULL, 0, (ab_wire_batch){(uint32_t[]){0}, 1, NULL, 0}, &unpacked));
    ab_end_call();
}

static void a_layout_that_does_not_fit_is_refused(void) {
    ab_field fields[128];
    size_t count = all_fields(fields, 128);
    for (size_t index = 0; index < count; index++) {
        ab_column column = column_of(fields[index].type, 9);
        passed passed = pass(ab_pack((ab_columns){&column, 1}), &fields[index], 1);
        ab_wire_batch batch = passed.batch;
        ab_columns unpacked;
        for (batch.layout_count = 0; batch.layout_count < passed.batch.layout_count; batch.layout_count++)
            CHECK(ab_unpack(&fields[index], 1, batch, &unpacked));
        batch = passed.batch;
        for (batch.size = 0; batch.size < passed.batch.size; batch.size++)
            CHECK(ab_unpack(&fields[index], 1, batch, &unpacked));
        /* Numbers behind the columns. */
        uint32_t *longer = calloc(passed.batch.layout_count + 1, sizeof *longer);
        memcpy(longer, passed.layout, passed.batch.layout_count * sizeof *longer);
        batch = passed.batch;
        batch.layout = longer;
        batch.layout_count++;
        CHECK(ab_unpack(&fields[index], 1, batch, &unpacked));
        free(longer);
        drop(&passed);
        ab_end_call();
    }
}

/* Whatever a layout says, no step goes beyond the memory that there is. */
static void no_layout_leads_beyond_the_memory(void) {
    static const uint32_t odd[] = {0, 1, 2, 8, 9, 15, 16, 17, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};
    ab_field fields[128];
    size_t count = all_fields(fields, 128), refused = 0;
    for (uint32_t attempt = 0; attempt < 20000; attempt++) {
        const ab_field *field = &fields[attempt % count];
        uint32_t rows = any(20);
        ab_column column = column_of(field->type, rows);
        passed passed = pass(ab_pack((ab_columns){&column, 1}), field, 1);
        for (uint32_t spoilt = 1 + any(2); spoilt > 0; spoilt--) {
            uint32_t *number = &passed.layout[any((uint32_t)passed.batch.layout_count)];
            *number = any(2) ? odd[any(sizeof odd / sizeof *odd)] : *number + any(3) - 1;
        }
        ab_columns unpacked;
        ab_view view;
        bool failed = ab_unpack(field, 1, passed.batch, &unpacked) || ab_open(field->type, &unpacked.items[0], rows, &view);
        refused += failed;
        drop(&passed);
        ab_end_call();
    }
    CHECK(refused > 10000);
}

int main(void) {
    columns_of_every_type_come_back();
    a_column_may_be_the_last_bytes();
    no_columns_have_no_layout();
    a_layout_that_does_not_fit_is_refused();
    no_layout_leads_beyond_the_memory();
    puts("wire: passed");
    return 0;
}
