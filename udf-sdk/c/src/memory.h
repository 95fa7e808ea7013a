/* Memory of a call. Nothing is freed on its own: an arena goes, or is used again, as a whole. */

#ifndef ANABRANCH_MEMORY_H
#define ANABRANCH_MEMORY_H

#include <stddef.h>

typedef struct ab_block ab_block;

typedef struct {
    ab_block *blocks; /* the newest first */
    char *at, *end;   /* what is left of the newest */
    size_t size;      /* of all blocks */
} ab_arena;

/* Where ab_alloc takes from: the arguments and results of the call that runs. */
extern ab_arena ab_call_memory;

/* Aligned to 16 bytes, not initialised. Ends the program where there is no memory, as a function can do no better. */
void *ab_arena_take(ab_arena *arena, size_t size);

/* Forgets what was taken, and keeps the memory for the next call. */
void ab_arena_reset(ab_arena *arena);

/* Gives the memory back. */
void ab_arena_free(ab_arena *arena);

/* As malloc and realloc, but never a null pointer. The memory of calloc's kind is zero. */
void *ab_allocate(size_t size);
void *ab_allocate_zeroed(size_t count, size_t size);
void *ab_reallocate(void *memory, size_t size);

#endif
