/* A package at work: what the host calls, without the boundary. Everything that is returned lives in the memory of the
 * call, until ab_end_call. A message that is returned is the failure of the whole call; a null pointer is none. */

#ifndef ANABRANCH_PACKAGE_H
#define ANABRANCH_PACKAGE_H

#include "anabranch/function.h"

ab_metadata ab_describe_package(void);

/* The function that is bound there; a null pointer where none is. */
const ab_function *ab_function_at(uint32_t handle);

const char *ab_bind(const ab_binding *binding, ab_bound *bound);
void ab_unbind(uint32_t handle);

const char *ab_call(uint32_t handle, uint32_t rows, ab_columns columns, ab_scalar_result *result);

const char *ab_begin(uint32_t handle, uint32_t rows, ab_columns columns);
const char *ab_next(uint32_t handle, uint32_t max_rows, ab_table_chunk *chunk);

/* The accumulators of many groups. */
typedef struct ab_accumulators ab_accumulators;

const ab_function *ab_function_of(const ab_accumulators *accumulators);
const char *ab_open_accumulators(uint32_t handle, ab_accumulators **accumulators);
void ab_drop_accumulators(ab_accumulators *accumulators);
const char *ab_accumulate(ab_accumulators *accumulators, ab_numbers groups, ab_columns columns, ab_row_errors *errors);
const char *ab_retract(ab_accumulators *accumulators, ab_numbers groups, ab_columns columns, ab_row_errors *errors);
const char *ab_merge(ab_accumulators *accumulators, ab_numbers groups, ab_columns state, ab_row_errors *errors);
void ab_evaluate(ab_accumulators *accumulators, ab_numbers groups, ab_scalar_result *result);
ab_columns ab_state(ab_accumulators *accumulators, ab_numbers groups);
const char *ab_restore(ab_accumulators *accumulators, ab_numbers groups, ab_columns state);
void ab_remove(ab_accumulators *accumulators, ab_numbers groups);

/* Forgets the memory of the call. */
void ab_end_call(void);

#endif
