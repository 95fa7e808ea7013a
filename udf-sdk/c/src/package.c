#include "package.h"

#include <stdlib.h>

#include "column.h"
#include "place.h"

ab_field_nodes ab_describe_result(const ab_function *function) {
    if (function->kind == AB_KIND_TABLE) return ab_describe_struct(function->result, function->result_count);
    const ab_type *type = function->result->type;
    bool nullable = type->nullable;
    /* A NULL that a scalar function does not take makes its result NULL. */
    for (size_t index = 0; function->kind == AB_KIND_SCALAR && index < function->parameter_count; index++)
        nullable |= !function->parameters[index].type->nullable;
    ab_field_nodes nodes;
    ab_describe("", type, nullable, &nodes);
    return nodes;
}

ab_metadata ab_describe_package(void) {
    const ab_package *package = &ab_this_package;
    ab_signature *signatures = ab_alloc(package->function_count * sizeof *signatures);
    for (size_t index = 0; index < package->function_count; index++) {
        const ab_function *function = package->functions[index];
        ab_parameter *parameters = ab_alloc(function->parameter_count * sizeof *parameters);
        for (size_t place = 0; place < function->parameter_count; place++) {
            const ab_field *parameter = &function->parameters[place];
            parameters[place].name = ab_text(parameter->name);
            /* A NULL may always be sent: where the function does not take it, it is not called. */
            ab_describe(parameter->name, parameter->type, true, &parameters[place].type);
        }
        ab_signature *signature = &signatures[index];
        *signature = (ab_signature){
            .name = ab_text(function->name ? function->name : function->identifier),
            .kind = (uint8_t)function->kind,
            .parameters = {parameters, function->parameter_count},
            .deterministic = !function->nondeterministic,
            .retracts = function->aggregate.retract != NULL,
            .merges = function->aggregate.merge != NULL,
            .doc = ab_text(function->doc ? function->doc : ""),
        };
        signature->result = ab_describe_result(function);
    }
    return (ab_metadata){ab_text(package->name), ab_text(package->version), {signatures, package->function_count}};
}

/* ---- Scalar functions -------------------------------------------------------------------------------------------- */

static void null_unselected(ab_builder *builder, const ab_batch *batch) {
    size_t size = ab_bitmap_size(batch->rows);
    if (!builder->validity) builder->validity = memset(ab_alloc(size), 0xff, size);
    size_t valid = 0;
    for (size_t byte = 0; byte < size; byte++) {
        builder->validity[byte] &= batch->selected[byte];
        uint8_t rows = builder->validity[byte];
        /* The last byte has bits of no rows. */
        if (8 * (byte + 1) > batch->rows) rows &= (uint8_t)((1u << (batch->rows % 8)) - 1);
        valid += (size_t)__builtin_popcount(rows);
    }
    builder->null_count = batch->rows - valid;
}

const char *ab_call(uint32_t handle, uint32_t rows, ab_columns columns, ab_scalar_result *result) {
    ab_place_in_plan *place;
    const char *wrong = ab_find_place(handle, AB_KIND_SCALAR, &place);
    if (wrong) return wrong;
    ab_enter(place);
    const ab_function *function = place->function;
    ab_batch batch;
    wrong = ab_open_batch(function->parameters, function->parameter_count, rows, columns, &batch);
    if (wrong) return wrong;
    ab_builder builder = ab_build(function->result->type, rows);
    ab_current.result = &builder;
    function->scalar(&batch, &builder);
    /* A function of rows has put NULL where it was not called; one over whole columns knows nothing of it. */
    if (function->over_columns && batch.selected) null_unselected(&builder, &batch);
    *result = (ab_scalar_result){ab_finish(&builder, rows), ab_current.errors};
    return NULL;
}

/* ---- Table functions --------------------------------------------------------------------------------------------- */

static void end_row(const ab_function *function, ab_cursor *cursor) {
    if (cursor->state && function->table.end) function->table.end(cursor->state);
    cursor->state = NULL;
}

void ab_drop_cursor(ab_place_in_plan *place) {
    if (!place->cursor) return;
    end_row(place->function, place->cursor);
    ab_arena_free(&place->cursor->memory);
    free(place->cursor);
    place->cursor = NULL;
}

const char *ab_begin(uint32_t handle, uint32_t rows, ab_columns columns) {
    ab_place_in_plan *place;
    const char *wrong = ab_find_place(handle, AB_KIND_TABLE, &place);
    if (wrong) return wrong;
    ab_enter(place);
    ab_drop_cursor(place);
    const ab_function *function = place->function;
    ab_batch batch;
    wrong = ab_open_batch(function->parameters, function->parameter_count, rows, columns, &batch);
    if (wrong) return wrong;
    void *room = ab_alloc(function->table.size);
    place->cursor = ab_allocate_zeroed(1, sizeof *place->cursor);
    /* The arguments lie in the memory of this call, which goes over to the cursor. */
    *place->cursor = (ab_cursor){.memory = ab_call_memory, .batch = batch, .early = ab_current.errors, .room = room};
    ab_call_memory = (ab_arena){0};
    return NULL;
}

/* Steps to the next row of the input that has output to be looked for; false where there are no more. */
static bool next_row(const ab_function *function, ab_cursor *cursor) {
    while (cursor->row < cursor->batch.rows) {
        size_t row = cursor->row++;
        if (ab_is_selected(&cursor->batch, row)) {
            /* What arguments need beside their columns lives as long as these. */
            ab_arena call = ab_call_memory;
            ab_call_memory = cursor->memory;
            function->table.begin(cursor->room, cursor->batch.columns, row);
            cursor->memory = ab_call_memory;
            ab_call_memory = call;
            cursor->state = cursor->room;
            return true;
        }
        if (cursor->early_at < cursor->early.count && cursor->early.items[cursor->early_at].row == row) {
            ab_fail_with(cursor->early.items[cursor->early_at++].message);
            ab_row_failed(row);
        }
    }
    return false;
}

const char *ab_next(uint32_t handle, uint32_t max_rows, ab_table_chunk *chunk) {
    ab_place_in_plan *place;
    const char *wrong = ab_find_place(handle, AB_KIND_TABLE, &place);
    if (wrong) return wrong;
    if (!place->cursor) return "there is no call whose output could be fetched (a bug of the host)";
    ab_enter(place);
    const ab_function *function = place->function;
    ab_cursor *cursor = place->cursor;
    size_t limit = max_rows ? max_rows : 1;
    size_t count = 0, capacity = 0;
    uint32_t *rows = NULL;
    ab_builder *columns = ab_alloc(function->result_count * sizeof *columns);
    for (size_t column = 0; column < function->result_count; column++)
        columns[column] = ab_build(function->result[column].type, 0);
    bool done = false;
    while (count < limit) {
        if (!cursor->state && !next_row(function, cursor)) {
            done = true;
            break;
        }
        if (count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            uint32_t *more = ab_alloc(capacity * sizeof *more);
            if (count) memcpy(more, rows, count * sizeof *rows);
            rows = more;
            for (size_t column = 0; column < function->result_count; column++) ab_reserve(&columns[column], capacity);
        }
        bool another = function->table.next(cursor->state, columns, count);
        if (ab_pending) {
            for (size_t column = 0; column < function->result_count; column++) ab_take_back(&columns[column], count);
            ab_row_failed(cursor->row - 1);
            another = false;
        }
        if (another)
            rows[count++] = (uint32_t)(cursor->row - 1);
        else
            end_row(function, cursor);
    }
    ab_column *finished = ab_alloc(function->result_count * sizeof *finished);
    for (size_t column = 0; column < function->result_count; column++)
        finished[column] = ab_finish(&columns[column], count);
    *chunk = (ab_table_chunk){{rows, count}, {finished, function->result_count}, ab_current.errors, done};
    if (done) ab_drop_cursor(place);
    return NULL;
}
