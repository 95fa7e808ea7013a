#include "place.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "column.h"
#include "package.h"

ab_current_call ab_current;
const char *ab_pending;

/* A place stays where it is, as accumulators point to it; its handle is its index. */
static ab_place_in_plan **places;
static size_t place_count;

static uint32_t free_place(void) {
    for (size_t handle = 0; handle < place_count; handle++)
        if (!places[handle]->function) return (uint32_t)handle;
    places = ab_reallocate(places, (place_count + 1) * sizeof(ab_place_in_plan *));
    places[place_count] = ab_allocate_zeroed(1, sizeof(ab_place_in_plan));
    return (uint32_t)place_count++;
}

const char *ab_bind(const ab_binding *binding, ab_bound *bound) {
    if (binding->function >= ab_this_package.function_count) return "there is no such function (a bug of the host)";
    const ab_function *function = ab_this_package.functions[binding->function];
    bool fits = binding->arguments.count == function->parameter_count;
    for (size_t index = 0; fits && index < function->parameter_count; index++)
        fits = ab_has_type(&binding->arguments.items[index], function->parameters[index].type);
    if (!fits) return "the arguments are not those of the function's signature";

    uint32_t handle = free_place();
    /* The binding lies in the memory of this call, which goes over to the place. */
    *places[handle] = (ab_place_in_plan){.function = function, .binding = *binding, .memory = ab_call_memory};
    ab_call_memory = (ab_arena){0};

    *bound = (ab_bound){.handle = handle, .result = ab_describe_result(function)};
    if (function->kind == AB_KIND_AGGREGATE) {
        const ab_aggregate *aggregate = &function->aggregate;
        bound->state.count = aggregate->state_count;
        bound->state.items = ab_alloc(aggregate->state_count * sizeof *bound->state.items);
        for (size_t index = 0; index < aggregate->state_count; index++) {
            const ab_field *field = &aggregate->state[index];
            ab_describe(field->name, field->type, field->type->nullable, &bound->state.items[index]);
        }
    }
    return NULL;
}

void ab_unbind(uint32_t handle) {
    if (handle >= place_count || !places[handle]->function) return;
    ab_place_in_plan *place = places[handle];
    ab_drop_cursor(place);
    if (place->own && place->drop_own) place->drop_own(place->own);
    free(place->own);
    ab_arena_free(&place->memory);
    *place = (ab_place_in_plan){0};
}

const ab_function *ab_function_at(uint32_t handle) {
    return handle < place_count ? places[handle]->function : NULL;
}

const char *ab_find_place(uint32_t handle, ab_kind kind, ab_place_in_plan **place) {
    if (handle >= place_count || !places[handle]->function) return "nothing is bound there (a bug of the host)";
    if (places[handle]->function->kind != kind) return "it is a function of another kind (a bug of the host)";
    *place = places[handle];
    return NULL;
}

void ab_enter(ab_place_in_plan *place) {
    ab_current = (ab_current_call){.place = place};
    ab_pending = NULL;
}

void ab_end_call(void) {
    ab_arena_reset(&ab_call_memory);
    ab_current = (ab_current_call){0};
}

const char *ab_open_batch(const ab_field *parameters, size_t count, size_t rows, ab_columns columns, ab_batch *batch) {
    if (columns.count != count) return "a call has another number of columns than parameters (a bug of the host)";
    ab_view *views = ab_alloc(count * sizeof *views);
    uint8_t *selected = NULL;
    size_t size = ab_bitmap_size(rows);
    for (size_t index = 0; index < count; index++) {
        const ab_type *type = parameters[index].type;
        const char *wrong = ab_open(type, &columns.items[index], rows, &views[index]);
        if (wrong) return wrong;
        const uint8_t *validity = views[index].validity;
        if (type->nullable || !validity) continue;
        if (!selected) {
            selected = memcpy(ab_alloc(size), validity, size);
        } else {
            for (size_t byte = 0; byte < size; byte++) selected[byte] &= validity[byte];
        }
    }
    *batch = (ab_batch){rows, views, selected};
    for (size_t index = 0; index < count; index++) {
        const ab_type *type = parameters[index].type;
        if (!ab_may_lack(type, &views[index])) continue;
        if (!selected) batch->selected = selected = memset(ab_alloc(size), 0xff, size);
        for (size_t row = 0; row < rows; row++) {
            if (!ab_bit(selected, row) || ab_is_null(&views[index], row)) continue;
            if (ab_is_complete(type, &views[index], row)) continue;
            selected[row / 8] &= (uint8_t)~(1u << (row % 8));
            ab_fail_with(ab_concat_texts((ab_string[]){ab_text("argument `"), ab_text(parameters[index].name),
                                                       ab_text("` holds a NULL where the function takes none")}, 3));
            ab_row_failed(row);
        }
    }
    return NULL;
}

/* ---- Failures ---------------------------------------------------------------------------------------------------- */

void ab_row_failed(size_t row) {
    ab_row_errors *errors = &ab_current.errors;
    if (errors->count == ab_current.error_capacity) {
        size_t capacity = errors->count ? 2 * errors->count : 8;
        ab_row_error *items = ab_alloc(capacity * sizeof *items);
        if (errors->count) memcpy(items, errors->items, errors->count * sizeof *items);
        errors->items = items;
        ab_current.error_capacity = capacity;
    }
    /* Errors stay in the order of the rows, though those of arguments come first. */
    size_t at = errors->count++;
    for (; at > 0 && errors->items[at - 1].row > row; at--) errors->items[at] = errors->items[at - 1];
    errors->items[at] = (ab_row_error){(uint32_t)row, ab_text(ab_pending)};
    ab_pending = NULL;
}

static char *formatted(const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size < 0) size = 0;
    char *text = ab_alloc((size_t)size + 1);
    text[0] = 0;
    vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

void ab_fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    ab_pending = formatted(format, arguments);
    va_end(arguments);
}

void ab_fail_with(ab_string message) {
    char *text = ab_alloc(message.size + 1);
    if (message.size) memcpy(text, message.data, message.size);
    text[message.size] = 0;
    ab_pending = text;
}

const char *ab_failure(void) {
    return ab_pending;
}

void ab_clear_failure(void) {
    ab_pending = NULL;
}

void ab_null_row(size_t row) {
    ab_builder *result = ab_current.result;
    if (!result->validity || ab_bit(result->validity, row)) ab_put_null(result, row);
}

void ab_fail_row(size_t row, ab_string message) {
    ab_null_row(row);
    ab_fail_with(message);
    ab_row_failed(row);
}

/* ---- What is known beforehand ------------------------------------------------------------------------------------ */

ab_string ab_time_zone(void) {
    return ab_current.place ? ab_current.place->binding.time_zone : ab_text("UTC");
}

ab_string ab_option_value(const char *key) {
    if (ab_current.place) {
        const ab_binding *binding = &ab_current.place->binding;
        for (size_t index = 0; index < binding->options.count; index++) {
            const ab_option *option = &binding->options.items[index];
            if (ab_equal(option->key, ab_text(key))) return option->value;
        }
    }
    return (ab_string){NULL, 0};
}

bool ab_literal(size_t argument, const ab_type *type, ab_view *view) {
    if (!ab_current.place) return false;
    const ab_binding *binding = &ab_current.place->binding;
    if (argument >= binding->constants.count || !binding->constants.items[argument].given) return false;
    if (!ab_has_type(&binding->arguments.items[argument], type)) return false;
    return ab_open(type, &binding->constants.items[argument].column, 1, view) == NULL;
}

void *ab_place(size_t size, void (*drop)(void *memory)) {
    ab_place_in_plan *place = (ab_place_in_plan *)ab_current.place;
    if (!place) return memset(ab_alloc(size), 0, size);
    if (!place->own) {
        place->own = ab_allocate_zeroed(1, size);
        place->drop_own = drop;
    }
    return place->own;
}

/* ---- Texts ------------------------------------------------------------------------------------------------------- */

ab_string ab_format(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = formatted(format, arguments);
    va_end(arguments);
    return ab_text(text);
}

ab_string ab_concat_texts(const ab_string *texts, size_t count) {
    size_t size = 0;
    for (size_t index = 0; index < count; index++) size += texts[index].size;
    char *data = ab_alloc(size);
    size_t at = 0;
    for (size_t index = 0; index < count; index++) {
        if (texts[index].size) memcpy(data + at, texts[index].data, texts[index].size);
        at += texts[index].size;
    }
    return (ab_string){data, size};
}
