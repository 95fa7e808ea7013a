/* The boundary: the exports of wit/functions.wit in the canonical ABI, written by hand. A list or a string is a pointer
 * and a number, a result is a discriminant and what it holds, and both lie in memory as C lays out such structs; so the
 * arguments are used where the host has put them, and results are handed over as they were built. The host frees nothing
 * itself: it calls the post-return function, and the memory of the call is used again. */

#ifdef __wasm__

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "anabranch/http.h"
#include "memory.h"
#include "package.h"
#include "wire.h"

#define INTERFACE "anabranch:functions/functions@0.2.0#"
#define EXPORT(name) __attribute__((export_name(INTERFACE name)))
#define POST_RETURN(name, function)                                                   \
    __attribute__((export_name("cabi_post_" INTERFACE name))) void function(void *result) { \
        (void)result;                                                                 \
        ab_end_call();                                                                \
    }

_Static_assert(sizeof(ab_field_node) == 24 && sizeof(ab_wire_batch) == 16 && sizeof(ab_wire_columns) == 16 && sizeof(ab_row_error) == 12, "layout");
_Static_assert(sizeof(ab_parameter) == 16 && sizeof(ab_signature) == 40 && sizeof(ab_metadata) == 24, "layout");
_Static_assert(sizeof(ab_wire_node) == 8 && sizeof(ab_option) == 16 && sizeof(ab_bound) == 20, "layout");

/* What differs from the records of contract.h: columns. */
typedef struct {
    uint8_t given;
    ab_wire_batch column;
} wire_constant;

typedef struct {
    ab_wire_columns column;
    ab_row_errors errors;
} wire_scalar_result;

typedef struct {
    ab_numbers rows;
    ab_wire_columns columns;
    ab_row_errors errors;
    bool done;
} wire_table_chunk;

_Static_assert(sizeof(wire_constant) == 20 && sizeof(wire_scalar_result) == 24 && sizeof(wire_table_chunk) == 36, "layout");

/* Any of the contract's results: whether it is an error, and what it holds. */
typedef struct {
    uint8_t failed;
    union {
        ab_string message;
        ab_bound bound;
        wire_scalar_result scalar;
        wire_table_chunk chunk;
        ab_row_errors errors;
        ab_wire_columns columns;
        int32_t accumulators;
    };
} result;

static result returned;

static result *finished(const char *wrong) {
    returned.failed = wrong != NULL;
    if (wrong) returned.message = ab_text(wrong);
    return &returned;
}

static result *finished_scalar(const char *wrong, const ab_scalar_result *scalar) {
    if (!wrong) {
        ab_column column = scalar->column;
        returned.scalar = (wire_scalar_result){ab_pack((ab_columns){&column, 1}), scalar->errors};
    }
    return finished(wrong);
}

/* The arguments of a call at a place. */
static const char *arguments_of(const ab_function *function, ab_wire_batch batch, ab_columns *columns) {
    if (!function) return "nothing is bound there (a bug of the host)";
    return ab_unpack(function->parameters, function->parameter_count, batch, columns);
}

/* The columns of states. */
static const char *state_of(const ab_accumulators *self, ab_wire_batch batch, ab_columns *columns) {
    const ab_aggregate *aggregate = &ab_function_of(self)->aggregate;
    return ab_unpack(aggregate->state, aggregate->state_count, batch, columns);
}

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t alignment,
                                                               size_t size) {
    (void)alignment; /* 16 is more than the ABI ever asks for */
    void *memory = ab_alloc(size);
    if (old_size > 0) memcpy(memory, old, old_size < size ? old_size : size);
    return memory;
}

EXPORT("describe") ab_metadata *wasm_describe(void) {
    static ab_metadata metadata;
    metadata = ab_describe_package();
    return &metadata;
}
POST_RETURN("describe", post_describe)

/* The record is passed as its members; the names of what is not used on its own are the contract's. */
EXPORT("bind")
result *wasm_bind(uint32_t function, ab_field_nodes *arguments, size_t argument_count, wire_constant *constants,
                  size_t constant_count, const char *time_zone, size_t time_zone_size, ab_option *options,
                  size_t option_count) {
    ab_binding binding = {
        .function = function,
        .arguments = {arguments, argument_count},
        .constants = {ab_alloc(constant_count * sizeof(ab_constant)), constant_count},
        .time_zone = {time_zone, time_zone_size},
        .options = {options, option_count},
    };
    const ab_function *bound = function < ab_this_package.function_count ? ab_this_package.functions[function] : NULL;
    for (size_t index = 0; index < constant_count; index++) {
        binding.constants.items[index] = (ab_constant){.given = 0};
        if (!constants[index].given || !bound || index >= bound->parameter_count) continue;
        ab_columns column;
        const char *wrong = ab_unpack(&bound->parameters[index], 1, constants[index].column, &column);
        if (wrong) return finished(wrong);
        binding.constants.items[index] = (ab_constant){1, column.items[0]};
    }
    return finished(ab_bind(&binding, &returned.bound));
}
POST_RETURN("bind", post_bind)

EXPORT("unbind") void wasm_unbind(uint32_t handle) {
    ab_unbind(handle);
    ab_end_call();
}

EXPORT("call")
result *wasm_call(uint32_t handle, uint32_t rows, uint32_t *layout, size_t count, uint8_t *data, size_t size) {
    ab_columns columns;
    ab_scalar_result scalar;
    const char *wrong = arguments_of(ab_function_at(handle), (ab_wire_batch){layout, count, data, size}, &columns);
    if (!wrong) wrong = ab_call(handle, rows, columns, &scalar);
    return finished_scalar(wrong, &scalar);
}
POST_RETURN("call", post_call)

EXPORT("begin")
result *wasm_begin(uint32_t handle, uint32_t rows, uint32_t *layout, size_t count, uint8_t *data, size_t size) {
    ab_columns columns;
    const char *wrong = arguments_of(ab_function_at(handle), (ab_wire_batch){layout, count, data, size}, &columns);
    return finished(wrong ? wrong : ab_begin(handle, rows, columns));
}
POST_RETURN("begin", post_begin)

EXPORT("next") result *wasm_next(uint32_t handle, uint32_t max_rows) {
    ab_table_chunk chunk;
    const char *wrong = ab_next(handle, max_rows, &chunk);
    if (!wrong) returned.chunk = (wire_table_chunk){chunk.rows, ab_pack(chunk.columns), chunk.errors, chunk.done};
    return finished(wrong);
}
POST_RETURN("next", post_next)

/* ---- The resource: the host holds a handle to it, and methods get the pointer itself. ----------------------------- */

__attribute__((import_module("[export]anabranch:functions/functions@0.2.0"), import_name("[resource-new]accumulators")))
int32_t new_handle(ab_accumulators *accumulators);

#define METHOD(name) EXPORT("[method]accumulators." name)
#define POST_METHOD(name) POST_RETURN("[method]accumulators." #name, post_##name)

EXPORT("[static]accumulators.open") result *wasm_open(uint32_t handle) {
    ab_accumulators *accumulators;
    const char *wrong = ab_open_accumulators(handle, &accumulators);
    if (!wrong) returned.accumulators = new_handle(accumulators);
    return finished(wrong);
}
POST_RETURN("[static]accumulators.open", post_open)

EXPORT("[dtor]accumulators") void wasm_drop(ab_accumulators *self) {
    ab_drop_accumulators(self);
}

METHOD("accumulate")
result *wasm_accumulate(ab_accumulators *self, uint32_t *groups, size_t rows, uint32_t *layout, size_t count, uint8_t *data,
                size_t size) {
    ab_columns columns;
    const char *wrong = arguments_of(ab_function_of(self), (ab_wire_batch){layout, count, data, size}, &columns);
    return finished(wrong ? wrong : ab_accumulate(self, (ab_numbers){groups, rows}, columns, &returned.errors));
}
POST_METHOD(accumulate)

METHOD("retract")
result *wasm_retract(ab_accumulators *self, uint32_t *groups, size_t rows, uint32_t *layout, size_t count, uint8_t *data,
                size_t size) {
    ab_columns columns;
    const char *wrong = arguments_of(ab_function_of(self), (ab_wire_batch){layout, count, data, size}, &columns);
    return finished(wrong ? wrong : ab_retract(self, (ab_numbers){groups, rows}, columns, &returned.errors));
}
POST_METHOD(retract)

METHOD("merge")
result *wasm_merge(ab_accumulators *self, uint32_t *groups, size_t rows, uint32_t *layout, size_t count, uint8_t *data,
                size_t size) {
    ab_columns columns;
    const char *wrong = state_of(self, (ab_wire_batch){layout, count, data, size}, &columns);
    return finished(wrong ? wrong : ab_merge(self, (ab_numbers){groups, rows}, columns, &returned.errors));
}
POST_METHOD(merge)

METHOD("evaluate") result *wasm_evaluate(ab_accumulators *self, uint32_t *groups, size_t rows) {
    ab_scalar_result scalar;
    ab_evaluate(self, (ab_numbers){groups, rows}, &scalar);
    return finished_scalar(NULL, &scalar);
}
POST_METHOD(evaluate)

METHOD("state") result *wasm_state(ab_accumulators *self, uint32_t *groups, size_t rows) {
    returned.columns = ab_pack(ab_state(self, (ab_numbers){groups, rows}));
    return finished(NULL);
}
POST_METHOD(state)

METHOD("restore")
result *wasm_restore(ab_accumulators *self, uint32_t *groups, size_t rows, uint32_t *layout, size_t count, uint8_t *data,
                     size_t size) {
    ab_columns columns;
    const char *wrong = state_of(self, (ab_wire_batch){layout, count, data, size}, &columns);
    return finished(wrong ? wrong : ab_restore(self, (ab_numbers){groups, rows}, columns));
}
POST_METHOD(restore)

METHOD("remove") void wasm_remove(ab_accumulators *self, uint32_t *groups, size_t rows) {
    ab_remove(self, (ab_numbers){groups, rows});
    ab_end_call();
}

/* ---- The log ----------------------------------------------------------------------------------------------------- */

__attribute__((import_module("anabranch:functions/log@0.2.0"), import_name("log")))
void host_log(int32_t level, const char *message, size_t size);

void ab_log(ab_level level, const char *format, ...) {
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (size < 0) return;
    host_log((int32_t)level, message, (size_t)size < sizeof message ? (size_t)size : sizeof message - 1);
}

/* ---- HTTP -------------------------------------------------------------------------------------------------------- */

/* The host's result: whether it is an error, and what it holds. */
typedef struct {
    uint8_t failed;
    union {
        ab_string error;
        struct {
            uint16_t status;
            ab_header *headers;
            size_t header_count;
            ab_bytes body;
        } response;
    };
} answered;

_Static_assert(sizeof(ab_header) == 16 && sizeof(answered) == 24, "layout");
_Static_assert(offsetof(answered, response.headers) == 8 && offsetof(answered, response.body) == 16, "layout");

__attribute__((import_module("anabranch:functions/http@0.2.0"), import_name("send")))
void host_send(const char *method, size_t method_size, const char *url, size_t url_size, const ab_header *headers,
               size_t header_count, const uint8_t *body, size_t body_size, int32_t timed, uint32_t milliseconds,
               answered *result);

/* The host places the response by cabi_realloc: in the memory of the call. */
bool ab_http_send(const ab_http_request *request, ab_http_response *response) {
    const char *method = request->method ? request->method : "GET";
    answered result;
    host_send(method, strlen(method), request->url.data, request->url.size, request->headers, request->header_count,
              request->body.data, request->body.size, request->timeout_ms > 0, request->timeout_ms, &result);
    if (result.failed) {
        *response = (ab_http_response){.error = result.error};
    } else {
        *response = (ab_http_response){
            .status = result.response.status,
            .headers = result.response.headers,
            .header_count = result.response.header_count,
            .body = result.response.body,
        };
    }
    return !result.failed;
}

#else

#include <stdarg.h>
#include <stdio.h>

#include "anabranch/function.h"

void ab_log(ab_level level, const char *format, ...) {
    static const char *const names[] = {"error", "warn", "info", "debug", "trace"};
    fprintf(stderr, "%s: ", names[level]);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

#endif
