#include "memory.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "anabranch/types.h"

/* What every allocation is aligned to: Arrow's buffers hold 16-byte decimals. */
#define ALIGNMENT ((size_t)16)
_Static_assert(alignof(max_align_t) >= 16, "malloc aligns to as much");

#define FIRST_BLOCK ((size_t)16 << 10)

struct ab_block {
    alignas(16) ab_block *older;
};

ab_arena ab_call_memory;

static void *checked(void *memory) {
    if (!memory) __builtin_trap();
    return memory;
}

void *ab_allocate(size_t size) {
    return checked(malloc(size ? size : 1));
}

void *ab_allocate_zeroed(size_t count, size_t size) {
    return checked(calloc(count ? count : 1, size ? size : 1));
}

void *ab_reallocate(void *memory, size_t size) {
    return checked(realloc(memory, size ? size : 1));
}

static void add_block(ab_arena *arena, size_t size) {
    ab_block *block = ab_allocate(sizeof(ab_block) + size);
    block->older = arena->blocks;
    arena->blocks = block;
    arena->at = (char *)(block + 1);
    arena->end = arena->at + size;
    arena->size += size;
}

#ifdef __SANITIZE_ADDRESS__
#define EACH_ALONE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_ALONE 1
#endif
#endif

void *ab_arena_take(ab_arena *arena, size_t size) {
#ifdef EACH_ALONE
    /* A block for each, so that the sanitizer sees a step beyond its end, or after its. */
    add_block(arena, size);
    arena->at = arena->end;
    return arena->blocks + 1;
#endif
    if (size > PTRDIFF_MAX - FIRST_BLOCK) __builtin_trap();
    size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if (size > (size_t)(arena->end - arena->at)) {
        /* Blocks double, so that there are few of them however much is taken. */
        size_t next = arena->size < FIRST_BLOCK ? FIRST_BLOCK : arena->size;
        add_block(arena, size > next ? size : next);
    }
    void *taken = arena->at;
    arena->at += size;
    return taken;
}

void ab_arena_reset(ab_arena *arena) {
    if (!arena->blocks) return;
#ifdef EACH_ALONE
    ab_arena_free(arena);
    return;
#endif
    if (arena->blocks->older) {
        /* One block of the whole size serves the next call of that kind without another look. */
        size_t size = arena->size;
        ab_arena_free(arena);
        add_block(arena, size);
    }
    arena->at = (char *)(arena->blocks + 1);
}

void ab_arena_free(ab_arena *arena) {
    for (ab_block *block = arena->blocks; block;) {
        ab_block *older = block->older;
        free(block);
        block = older;
    }
    *arena = (ab_arena){0};
}

void *ab_alloc(size_t size) {
    return ab_arena_take(&ab_call_memory, size);
}

void ab_append(ab_buffer *buffer, const void *data, size_t size) {
    if (size == 0) return;
    if (size > buffer->capacity - buffer->size) {
        size_t capacity = buffer->capacity < 16 ? 16 : buffer->capacity * 2;
        if (capacity < buffer->size + size) capacity = buffer->size + size;
        buffer->data = ab_reallocate(buffer->data, capacity);
        buffer->capacity = capacity;
    }
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
}

void ab_free_buffer(ab_buffer *buffer) {
    free(buffer->data);
    *buffer = (ab_buffer){0};
}
