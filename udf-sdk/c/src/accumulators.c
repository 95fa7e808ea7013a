/* The accumulators of aggregate functions, by group. */

#include <stdlib.h>

#include "column.h"
#include "package.h"
#include "place.h"

struct ab_accumulators {
    ab_place_in_plan *place;
    const ab_function *function;
    char *groups;
    size_t count; /* groups that there is memory for; none was seen after these */
};

static void *group_at(const ab_accumulators *accumulators, size_t group) {
    return accumulators->groups + group * accumulators->function->aggregate.size;
}

static void create(const ab_aggregate *aggregate, void *group) {
    if (aggregate->create)
        aggregate->create(group);
    else
        memset(group, 0, aggregate->size);
}

const ab_function *ab_function_of(const ab_accumulators *accumulators) {
    return accumulators->function;
}

const char *ab_open_accumulators(uint32_t handle, ab_accumulators **accumulators) {
    ab_place_in_plan *place;
    const char *wrong = ab_find_place(handle, AB_KIND_AGGREGATE, &place);
    if (wrong) return wrong;
    *accumulators = ab_allocate_zeroed(1, sizeof **accumulators);
    (*accumulators)->place = place;
    (*accumulators)->function = place->function;
    return NULL;
}

void ab_drop_accumulators(ab_accumulators *accumulators) {
    for (size_t group = 0; group < accumulators->count; group++)
        accumulators->function->aggregate.drop(group_at(accumulators, group));
    free(accumulators->groups);
    free(accumulators);
}

/* Starts a call, and makes room for groups that were not seen yet, which are empty. */
static void enter(ab_accumulators *accumulators, ab_numbers groups) {
    ab_enter(accumulators->place);
    size_t reached = accumulators->count;
    for (size_t row = 0; row < groups.count; row++)
        if (groups.items[row] >= reached) reached = (size_t)groups.items[row] + 1;
    if (reached == accumulators->count) return;
    const ab_aggregate *aggregate = &accumulators->function->aggregate;
    if (reached < 2 * accumulators->count) reached = 2 * accumulators->count;
    if (reached > SIZE_MAX / aggregate->size) __builtin_trap();
    /* Groups are moved as bytes, which C++ allows for all that a group holds there: see anabranch.hpp. */
    accumulators->groups = ab_reallocate(accumulators->groups, reached * aggregate->size);
    size_t old = accumulators->count;
    accumulators->count = reached;
    for (size_t group = old; group < reached; group++) create(aggregate, group_at(accumulators, group));
}

typedef void (*update_rows_call)(const ab_batch *batch, const uint32_t *groups, void *states);

static const char *update_rows(ab_accumulators *accumulators, ab_numbers groups, ab_columns columns, update_rows_call update,
                               ab_row_errors *errors) {
    enter(accumulators, groups);
    const ab_function *function = accumulators->function;
    ab_batch batch;
    const char *wrong = ab_open_batch(function->parameters, function->parameter_count, groups.count, columns, &batch);
    if (wrong) return wrong;
    update(&batch, groups.items, accumulators->groups);
    *errors = ab_current.errors;
    return NULL;
}

const char *ab_accumulate(ab_accumulators *accumulators, ab_numbers groups, ab_columns columns, ab_row_errors *errors) {
    return update_rows(accumulators, groups, columns, accumulators->function->aggregate.accumulate, errors);
}

const char *ab_retract(ab_accumulators *accumulators, ab_numbers groups, ab_columns columns, ab_row_errors *errors) {
    update_rows_call retract = accumulators->function->aggregate.retract;
    if (!retract) return "this function does not retract";
    return update_rows(accumulators, groups, columns, retract, errors);
}

static const char *open_state(const ab_aggregate *aggregate, size_t rows, ab_columns state, ab_view **views) {
    if (state.count != aggregate->state_count) return "that is no state of this function";
    *views = ab_alloc(state.count * sizeof **views);
    for (size_t column = 0; column < state.count; column++) {
        const char *wrong = ab_open(aggregate->state[column].type, &state.items[column], rows, &(*views)[column]);
        if (wrong) return wrong;
        if ((*views)[column].null_count > 0 && !aggregate->state[column].type->nullable)
            return "that is no state of this function: it holds a NULL";
    }
    return NULL;
}

const char *ab_merge(ab_accumulators *accumulators, ab_numbers groups, ab_columns state, ab_row_errors *errors) {
    enter(accumulators, groups);
    const ab_aggregate *aggregate = &accumulators->function->aggregate;
    if (!aggregate->merge) return "this function does not merge";
    ab_view *views;
    const char *wrong = open_state(aggregate, groups.count, state, &views);
    if (wrong) return wrong;
    void *other = ab_alloc(aggregate->size);
    for (size_t row = 0; row < groups.count; row++) {
        create(aggregate, other);
        aggregate->restore(other, views, row);
        if (!ab_pending) aggregate->merge(group_at(accumulators, groups.items[row]), other);
        aggregate->drop(other);
        ab_settle(row);
    }
    *errors = ab_current.errors;
    return NULL;
}

void ab_evaluate(ab_accumulators *accumulators, ab_numbers groups, ab_scalar_result *result) {
    enter(accumulators, groups);
    const ab_function *function = accumulators->function;
    ab_builder builder = ab_build(function->result->type, groups.count);
    for (size_t row = 0; row < groups.count; row++) {
        function->aggregate.evaluate(group_at(accumulators, groups.items[row]), &builder, row);
        ab_settle(row);
    }
    *result = (ab_scalar_result){ab_finish(&builder, groups.count), ab_current.errors};
}

ab_columns ab_state(ab_accumulators *accumulators, ab_numbers groups) {
    enter(accumulators, groups);
    const ab_aggregate *aggregate = &accumulators->function->aggregate;
    ab_builder *builders = ab_alloc(aggregate->state_count * sizeof *builders);
    ab_column *columns = ab_alloc(aggregate->state_count * sizeof *columns);
    for (size_t column = 0; column < aggregate->state_count; column++)
        builders[column] = ab_build(aggregate->state[column].type, groups.count);
    for (size_t row = 0; row < groups.count; row++)
        aggregate->save(group_at(accumulators, groups.items[row]), builders, row);
    for (size_t column = 0; column < aggregate->state_count; column++)
        columns[column] = ab_finish(&builders[column], groups.count);
    return (ab_columns){columns, aggregate->state_count};
}

const char *ab_restore(ab_accumulators *accumulators, ab_numbers groups, ab_columns state) {
    enter(accumulators, groups);
    const ab_aggregate *aggregate = &accumulators->function->aggregate;
    ab_view *views;
    const char *wrong = open_state(aggregate, groups.count, state, &views);
    if (wrong) return wrong;
    for (size_t row = 0; row < groups.count; row++) {
        void *group = group_at(accumulators, groups.items[row]);
        aggregate->drop(group);
        create(aggregate, group);
        aggregate->restore(group, views, row);
        if (ab_pending) return ab_pending;
    }
    return NULL;
}

void ab_remove(ab_accumulators *accumulators, ab_numbers groups) {
    const ab_aggregate *aggregate = &accumulators->function->aggregate;
    for (size_t row = 0; row < groups.count; row++) {
        size_t group = groups.items[row];
        if (group >= accumulators->count) continue;
        aggregate->drop(group_at(accumulators, group));
        create(aggregate, group_at(accumulators, group));
    }
}
