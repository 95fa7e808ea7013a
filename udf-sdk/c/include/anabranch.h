/* Scalar, table and aggregate functions for Anabranch in C. The README beside this folder is the place to start; the
 * macros are explained in anabranch/macros.h, the types in anabranch/types.h, and what a function can ask for while it
 * runs in anabranch/function.h and anabranch/http.h.
 *
 *     #include <anabranch.h>
 *
 *     AB_SCALAR(greet, STRING, ((STRING, name)), .doc = "Says hello to someone.") {
 *         return ab_concat(ab_text("Hello, "), name, ab_text("!"));
 *     }
 *
 *     AB_PACKAGE(greet);
 *
 * It needs C11 with the preprocessor of C23 (__VA_OPT__), which GCC 8 and Clang 6 have. C++ has anabranch.hpp. */

#ifndef ANABRANCH_H
#define ANABRANCH_H

#ifdef __cplusplus
#error "in C++, include <anabranch.hpp>"
#endif

#include "anabranch/http.h"
#include "anabranch/macros.h"

#endif
