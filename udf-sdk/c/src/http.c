#include "anabranch/http.h"

#include "memory.h"

static char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? (char)(letter + ('a' - 'A')) : letter;
}

static bool is_called(const ab_header *header, const char *name) {
    size_t size = strlen(name);
    if (header->name.size != size) return false;
    for (size_t at = 0; at < size; at++)
        if (lower(header->name.data[at]) != lower(name[at])) return false;
    return true;
}

ab_string ab_http_header(const ab_http_response *response, const char *name) {
    for (size_t index = 0; index < response->header_count; index++)
        if (is_called(&response->headers[index], name)) return response->headers[index].value;
    return (ab_string){NULL, 0};
}

void ab_http_send_to(const ab_http_request *request, ab_http_taker take, void *taker) {
    ab_arena kept = ab_call_memory;
    ab_call_memory = (ab_arena){0};
    ab_http_response response;
    bool sent = ab_http_send(request, &response);
    take(sent, &response, taker);
    ab_arena_free(&ab_call_memory);
    ab_call_memory = kept;
}
