/* Macros over lists, of C and C++. */

#ifndef ANABRANCH_EACH_H
#define ANABRANCH_EACH_H

/* AB_EACH(step, macro, x, y) is step(macro, x) step(macro, y), and AB_LIST the same with commas between. The steps are
 * AB_PAIR, by which (T, name) becomes macro(T, name), and AB_NAME, by which name becomes macro(name). A macro does not
 * expand itself, so that each element leaves the rest to another scan; there are some 300. */
#define AB_EACH(step, macro, ...) __VA_OPT__(AB_SCAN(AB_EACH_NEXT(step, macro, __VA_ARGS__)))
#define AB_EACH_NEXT(step, macro, element, ...) \
    step(macro, element) __VA_OPT__(AB_EACH_AGAIN AB_PARENTHESES (step, macro, __VA_ARGS__))
#define AB_EACH_AGAIN() AB_EACH_NEXT

#define AB_LIST(step, macro, ...) __VA_OPT__(AB_SCAN(AB_LIST_NEXT(step, macro, __VA_ARGS__)))
#define AB_LIST_NEXT(step, macro, element, ...) \
    step(macro, element) __VA_OPT__(, AB_LIST_AGAIN AB_PARENTHESES (step, macro, __VA_ARGS__))
#define AB_LIST_AGAIN() AB_LIST_NEXT

#define AB_PAIR(macro, pair) AB_APPLY(macro, AB_UNWRAP pair)
#define AB_NAME(macro, name) macro(name)
#define AB_APPLY(macro, ...) macro(__VA_ARGS__)
#define AB_UNWRAP(...) __VA_ARGS__
#define AB_PARENTHESES ()
#define AB_SCAN(...) AB_SCAN_4(AB_SCAN_4(AB_SCAN_4(AB_SCAN_4(__VA_ARGS__))))
#define AB_SCAN_4(...) AB_SCAN_3(AB_SCAN_3(AB_SCAN_3(AB_SCAN_3(__VA_ARGS__))))
#define AB_SCAN_3(...) AB_SCAN_2(AB_SCAN_2(AB_SCAN_2(AB_SCAN_2(__VA_ARGS__))))
#define AB_SCAN_2(...) AB_SCAN_1(AB_SCAN_1(AB_SCAN_1(AB_SCAN_1(__VA_ARGS__))))
#define AB_SCAN_1(...) __VA_ARGS__

#endif
