/* Functions at places of plans, and the call that runs. */

#ifndef ANABRANCH_PLACE_H
#define ANABRANCH_PLACE_H

#include "anabranch/function.h"
#include "memory.h"

/* What is left of a table function's output. */
typedef struct {
    ab_arena memory; /* of the arguments */
    ab_batch batch;
    ab_row_errors early; /* of rows that failed before they were computed */
    size_t early_at;
    size_t row;       /* the next one of the input */
    void *state;      /* of the row before it, while that has output left; else a null pointer */
    void *room;       /* for the state */
} ab_cursor;

/* A function at one place of a plan. */
typedef struct {
    const ab_function *function; /* a null pointer where the place is free */
    ab_binding binding;
    ab_arena memory; /* of the binding */
    ab_cursor *cursor;
    void *own; /* what ab_place made */
    void (*drop_own)(void *);
} ab_place_in_plan;

/* The place with this handle, if a function of this kind is bound there; else what is wrong. */
const char *ab_find_place(uint32_t handle, ab_kind kind, ab_place_in_plan **place);

/* What a call has come to. */
typedef struct {
    const ab_place_in_plan *place;
    ab_builder *result; /* of a function over whole columns */
    ab_row_errors errors;
    size_t error_capacity;
} ab_current_call;

extern ab_current_call ab_current;

/* The nodes of a function's result. */
ab_field_nodes ab_describe_result(const ab_function *function);

/* Starts a call at a place. */
void ab_enter(ab_place_in_plan *place);

/* Opens the arguments, and finds the rows for which the function is called. Rows with a NULL inside of an argument that
 * has room for none fail. */
const char *ab_open_batch(const ab_field *parameters, size_t count, size_t rows, ab_columns columns, ab_batch *batch);

void ab_drop_cursor(ab_place_in_plan *place);

#endif
