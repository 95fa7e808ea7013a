/* A host without a boundary, for native tests. */

#ifndef __wasm__

#include "anabranch/testing.h"

#include "column.h"
#include "memory.h"
#include "package.h"

ab_string ab_test_time_zone = {"UTC", 3};
const ab_option *ab_test_options;
size_t ab_test_option_count;
bool ab_test_literals;

/* What outlives a call. */
static ab_arena kept;

static ab_arena switch_memory(ab_arena other) {
    ab_arena memory = ab_call_memory;
    ab_call_memory = other;
    return memory;
}

/* Copies of a column in the memory of the call. */
static ab_column copy(const ab_column *column) {
    ab_column copied = {ab_alloc(column->count * sizeof(ab_column_node)), column->count};
    for (size_t node = 0; node < column->count; node++) {
        copied.items[node] = column->items[node];
        size_t count = column->items[node].buffers.count;
        ab_bytes *buffers = ab_alloc(count * sizeof *buffers);
        for (size_t index = 0; index < count; index++) {
            ab_bytes bytes = column->items[node].buffers.items[index];
            uint8_t *data = ab_alloc(bytes.size);
            if (bytes.size) memcpy(data, bytes.data, bytes.size);
            buffers[index] = (ab_bytes){data, bytes.size};
        }
        copied.items[node].buffers.items = buffers;
    }
    return copied;
}

static ab_columns copy_columns(const ab_columns *columns) {
    ab_columns copied = {ab_alloc(columns->count * sizeof(ab_column)), columns->count};
    for (size_t index = 0; index < columns->count; index++) copied.items[index] = copy(&columns->items[index]);
    return copied;
}

static ab_columns arguments_of(const ab_test_column *columns, size_t count) {
    ab_columns copied = {ab_alloc(count * sizeof(ab_column)), count};
    for (size_t index = 0; index < count; index++) copied.items[index] = copy(&columns[index].column);
    return copied;
}

static ab_numbers ids_of(const uint32_t *ids, size_t count) {
    uint32_t *copied = ab_alloc(count * sizeof *copied);
    if (count) memcpy(copied, ids, count * sizeof *copied);
    return (ab_numbers){copied, count};
}

static ab_row_errors keep_errors(ab_row_errors errors) {
    ab_row_error *items = ab_alloc(errors.count * sizeof *items);
    for (size_t index = 0; index < errors.count; index++) {
        /* With the zero that ends it, which the contract does not need. */
        ab_string message = ab_concat_texts((ab_string[]){errors.items[index].message, {"", 1}}, 2);
        items[index] = (ab_row_error){errors.items[index].row, message};
    }
    return (ab_row_errors){items, errors.count};
}

static ab_test_result keep(const char *wrong, const ab_function *function, const ab_scalar_result *result) {
    if (wrong) return (ab_test_result){.wrong = wrong};
    ab_arena call = switch_memory(kept);
    ab_test_result test = {.errors = keep_errors(result->errors)};
    ab_column column = copy(&result->column);
    if (column.count > 0) test.wrong = ab_open(function->result->type, &column, column.items->length, &test.column);
    kept = switch_memory(call);
    ab_end_call();
    return test;
}

ab_builder ab_test_build(const ab_type *type, size_t rows) {
    ab_arena call = switch_memory(kept);
    ab_builder builder = ab_build(type, rows);
    kept = switch_memory(call);
    return builder;
}

ab_test_column ab_test_finish(ab_builder *builder, size_t rows) {
    ab_arena call = switch_memory(kept);
    ab_column column = ab_finish(builder, rows);
    ab_test_column test = {builder->type, copy(&column), rows};
    kept = switch_memory(call);
    return test;
}

const char *ab_test_error(const ab_row_errors *errors, size_t row) {
    for (size_t index = 0; index < errors->count; index++)
        if (errors->items[index].row == row) return errors->items[index].message.data;
    return NULL;
}

/* Binds the function of this name and kind that takes these columns. */
static const char *bind(const char *name, ab_kind kind, const ab_test_column *columns, size_t count,
                        const ab_function **function, uint32_t *handle) {
    const char *wrong = "there is no such function that takes these types";
    for (uint32_t index = 0; index < ab_this_package.function_count; index++) {
        const ab_function *candidate = ab_this_package.functions[index];
        if (candidate->kind != kind || candidate->parameter_count != count) continue;
        if (strcmp(candidate->name ? candidate->name : candidate->identifier, name) != 0) continue;
        ab_binding binding = {.function = index, .time_zone = ab_test_time_zone};
        binding.arguments.items = ab_alloc(count * sizeof(ab_field_nodes));
        binding.arguments.count = count;
        for (size_t column = 0; column < count; column++)
            ab_describe("", columns[column].type, true, &binding.arguments.items[column]);
        ab_constant *constants = ab_alloc(count * sizeof *constants);
        for (size_t column = 0; column < count; column++) {
            constants[column] = (ab_constant){.given = ab_test_literals && columns[column].rows == 1};
            if (constants[column].given) constants[column].column = copy(&columns[column].column);
        }
        binding.constants.items = constants;
        binding.constants.count = count;
        binding.options.count = ab_test_option_count;
        binding.options.items = ab_alloc(ab_test_option_count * sizeof(ab_option));
        for (size_t option = 0; option < ab_test_option_count; option++)
            binding.options.items[option] = ab_test_options[option];
        ab_bound bound;
        wrong = ab_bind(&binding, &bound);
        ab_end_call();
        if (!wrong) {
            *function = candidate;
            *handle = bound.handle;
            return NULL;
        }
    }
    return wrong;
}

ab_test_result ab_test_scalar(const char *name, const ab_test_column *columns, size_t count) {
    const ab_function *function = NULL;
    uint32_t handle = 0;
    ab_scalar_result result;
    const char *wrong = bind(name, AB_KIND_SCALAR, columns, count, &function, &handle);
    if (wrong) return (ab_test_result){.wrong = wrong};
    uint32_t rows = count > 0 ? (uint32_t)columns[0].rows : 1;
    wrong = ab_call(handle, rows, arguments_of(columns, count), &result);
    ab_test_result test = keep(wrong, function, &result);
    ab_unbind(handle);
    return test;
}

ab_test_table ab_test_begin(const char *name, const ab_test_column *columns, size_t count) {
    ab_test_table table = {0};
    table.wrong = bind(name, AB_KIND_TABLE, columns, count, &table.function, &table.handle);
    if (table.wrong) return table;
    uint32_t rows = count > 0 ? (uint32_t)columns[0].rows : 1;
    table.wrong = ab_begin(table.handle, rows, arguments_of(columns, count));
    ab_end_call();
    return table;
}

ab_test_chunk ab_test_next(const ab_test_table *table, uint32_t max_rows) {
    ab_table_chunk chunk;
    ab_test_chunk test = {.wrong = ab_next(table->handle, max_rows, &chunk)};
    if (test.wrong) return test;
    ab_arena call = switch_memory(kept);
    test.rows = ids_of(chunk.rows.items, chunk.rows.count).items;
    test.row_count = chunk.rows.count;
    test.errors = keep_errors(chunk.errors);
    test.done = chunk.done;
    ab_columns columns = copy_columns(&chunk.columns);
    test.columns = ab_alloc(columns.count * sizeof *test.columns);
    for (size_t index = 0; index < columns.count && !test.wrong; index++)
        test.wrong =
            ab_open(table->function->result[index].type, &columns.items[index], test.row_count, &test.columns[index]);
    kept = switch_memory(call);
    ab_end_call();
    if (test.done) ab_unbind(table->handle);
    return test;
}

ab_test_groups ab_test_aggregate(const char *name, const ab_test_column *like, size_t count) {
    ab_test_groups groups = {0};
    groups.wrong = bind(name, AB_KIND_AGGREGATE, like, count, &groups.function, &groups.handle);
    if (!groups.wrong) groups.wrong = ab_open_accumulators(groups.handle, &groups.accumulators);
    return groups;
}

typedef const char *(*update_call)(ab_accumulators *, ab_numbers, ab_columns, ab_row_errors *);

static ab_test_result update_groups(const ab_test_groups *groups, update_call update, const uint32_t *ids,
                                    const ab_test_column *columns, size_t count) {
    ab_scalar_result result = {0};
    ab_numbers rows = ids_of(ids, columns[0].rows);
    const char *wrong = update(groups->accumulators, rows, arguments_of(columns, count), &result.errors);
    return keep(wrong, groups->function, &result);
}

ab_test_result ab_test_accumulate(const ab_test_groups *groups, const uint32_t *ids, const ab_test_column *columns,
                                  size_t count) {
    return update_groups(groups, ab_accumulate, ids, columns, count);
}

ab_test_result ab_test_retract(const ab_test_groups *groups, const uint32_t *ids, const ab_test_column *columns,
                               size_t count) {
    return update_groups(groups, ab_retract, ids, columns, count);
}

ab_test_result ab_test_evaluate(const ab_test_groups *groups, const uint32_t *ids, size_t count) {
    ab_scalar_result result;
    ab_evaluate(groups->accumulators, ids_of(ids, count), &result);
    return keep(NULL, groups->function, &result);
}

/* The states of groups, in memory that outlives the call. */
static ab_columns states(const ab_test_groups *groups, const uint32_t *ids, size_t count) {
    ab_columns saved = ab_state(groups->accumulators, ids_of(ids, count));
    ab_arena call = switch_memory(kept);
    saved = copy_columns(&saved);
    kept = switch_memory(call);
    ab_end_call();
    return saved;
}

ab_test_result ab_test_merge(const ab_test_groups *groups, const uint32_t *from, const uint32_t *into, size_t count) {
    ab_columns saved = states(groups, from, count);
    ab_scalar_result result = {0};
    const char *wrong = ab_merge(groups->accumulators, ids_of(into, count), saved, &result.errors);
    return keep(wrong, groups->function, &result);
}

ab_test_result ab_test_restore(const ab_test_groups *groups, const uint32_t *from, const uint32_t *into, size_t count) {
    ab_columns saved = states(groups, from, count);
    ab_scalar_result result = {0};
    const char *wrong = ab_restore(groups->accumulators, ids_of(into, count), saved);
    return keep(wrong, groups->function, &result);
}

void ab_test_remove(const ab_test_groups *groups, const uint32_t *ids, size_t count) {
    ab_remove(groups->accumulators, ids_of(ids, count));
    ab_end_call();
}

void ab_test_drop(const ab_test_groups *groups) {
    ab_drop_accumulators(groups->accumulators);
    ab_unbind(groups->handle);
}

static ab_test_answerer answerer;

void ab_test_answer(ab_test_answerer answer) {
    answerer = answer;
}

bool ab_http_send(const ab_http_request *request, ab_http_response *response) {
    *response = (ab_http_response){0};
    if (!answerer) {
        response->error = ab_text("natively no server is asked: ab_test_answer says what answers");
        return false;
    }
    ab_http_request asked = *request;
    if (!asked.method) asked.method = "GET";
    return answerer(&asked, response);
}

void ab_test_end(void) {
    ab_arena_free(&kept);
    ab_arena_free(&ab_call_memory);
}

#endif
