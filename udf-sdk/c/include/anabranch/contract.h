/* The records of wit/functions.wit, as the canonical ABI lays them out in a 32-bit memory; natively they are only wider,
 * so that all but the boundary itself (src/wasm.c) is tested without WebAssembly. */

#ifndef ANABRANCH_CONTRACT_H
#define ANABRANCH_CONTRACT_H

#include "column.h"

typedef struct {
    ab_string name;
    ab_string format;
    bool nullable;
    uint32_t children;
} ab_field_node;

typedef struct {
    ab_field_node *items;
    size_t count;
} ab_field_nodes;

typedef struct {
    ab_field_nodes *items;
    size_t count;
} ab_fields;

typedef struct {
    uint32_t length;
    uint32_t null_count;
    struct {
        ab_bytes *items;
        size_t count;
    } buffers;
} ab_column_node;

typedef struct {
    ab_column_node *items;
    size_t count;
} ab_column;

typedef struct {
    ab_column *items;
    size_t count;
} ab_columns;

typedef struct {
    uint32_t row;
    ab_string message;
} ab_row_error;

typedef struct {
    ab_row_error *items;
    size_t count;
} ab_row_errors;

typedef struct {
    const uint32_t *items;
    size_t count;
} ab_numbers;

typedef enum { AB_KIND_SCALAR, AB_KIND_TABLE, AB_KIND_AGGREGATE } ab_kind;

typedef struct {
    ab_string name;
    ab_field_nodes type;
} ab_parameter;

typedef struct {
    ab_string name;
    uint8_t kind;
    struct {
        ab_parameter *items;
        size_t count;
    } parameters;
    ab_field_nodes result;
    bool deterministic;
    bool retracts;
    bool merges;
    ab_string doc;
} ab_signature;

typedef struct {
    ab_string name;
    ab_string version;
    struct {
        ab_signature *items;
        size_t count;
    } functions;
} ab_metadata;

typedef struct {
    uint8_t given;
    ab_column column;
} ab_constant;

typedef struct {
    ab_string key;
    ab_string value;
} ab_option;

typedef struct {
    uint32_t function;
    ab_fields arguments;
    struct {
        ab_constant *items;
        size_t count;
    } constants;
    ab_string time_zone;
    struct {
        ab_option *items;
        size_t count;
    } options;
} ab_binding;

typedef struct {
    uint32_t handle;
    ab_field_nodes result;
    ab_fields state;
} ab_bound;

typedef struct {
    ab_column column;
    ab_row_errors errors;
} ab_scalar_result;

typedef struct {
    ab_numbers rows;
    ab_columns columns;
    ab_row_errors errors;
    bool done;
} ab_table_chunk;

#endif
