/* Requests to web servers. The host makes those that the function is granted in its DDL, by 'grant.http'.
 *
 *     const ab_header headers[] = {{ab_text("accept"), ab_text("text/plain")}};
 *     const ab_http_request request = {
 *         .url = ab_text("https://example.com/path"), .headers = headers, .header_count = 1, .timeout_ms = 500};
 *     ab_http_response response;
 *     if (!ab_http_send(&request, &response)) ab_fail_with(response.error);
 *
 * In C++ see http.hpp. */

#ifndef ANABRANCH_HTTP_H
#define ANABRANCH_HTTP_H

#include "column.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    ab_string name;
    ab_string value;
} ab_header;

typedef struct {
    const char *method; /* GET where it is a null pointer */
    ab_string url;      /* begins with a scheme and a host, as https://example.com/path does */
    const ab_header *headers;
    size_t header_count;
    ab_bytes body;
    uint32_t timeout_ms; /* for all of the exchange, 0 for none; the time limit of the function's call ends it in any case */
} ab_http_request;

typedef struct {
    int status;
    const ab_header *headers; /* names in lower case */
    size_t header_count;
    ab_bytes body;
    ab_string error; /* why there is no response, where there is none */
} ab_http_response;

/* Sends a request and waits for the whole response, which lives as what ab_alloc gives does. Whatever its status is, it is
 * a response; redirects are not followed. False, and only `error` is set, where there is none. A package that does not call
 * it does not import the host's HTTP. */
bool ab_http_send(const ab_http_request *request, ab_http_response *response);

/* The same for many requests within a call: hands what ab_http_send gave to `take`, and frees it when that returns. */
typedef void (*ab_http_taker)(bool sent, const ab_http_response *response, void *taker);
void ab_http_send_to(const ab_http_request *request, ab_http_taker take, void *taker);

/* The value of the first header of that name, in upper or lower case; its `data` is a null pointer where there is none. */
ab_string ab_http_header(const ab_http_response *response, const char *name);

/* The body as a text, which a STRING takes where it is UTF-8. */
static inline ab_string ab_http_text(const ab_http_response *response) {
    ab_string text = {(const char *)response->body.data, response->body.size};
    return text;
}

#ifdef __cplusplus
}
#endif

#endif
