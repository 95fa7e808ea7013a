/* What lies outside of a function, as the standard library has it. */

#include <anabranch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

AB_SCALAR(variable, STRING_OR_NULL, ((STRING, name)), .doc = "A variable of the environment.", .nondeterministic = true) {
    const char *value = getenv(ab_format("%.*s", AB_PRINT(name)).data);
    return value ? AB_SOME(STRING, ab_format("%s", value)) : AB_NULL(STRING);
}

AB_SCALAR(first_line, STRING, ((STRING, path)), .doc = "The first line of a file.", .nondeterministic = true) {
    char line[100] = "";
    FILE *file = fopen(ab_format("%.*s", AB_PRINT(path)).data, "r");
    if (!file) {
        ab_fail("it cannot be read");
        return ab_text("");
    }
    char *read = fgets(line, sizeof line, file);
    fclose(file);
    return ab_format("%.*s", read ? (int)strcspn(line, "\n") : 0, line);
}

AB_SCALAR(seconds, BIGINT, ((STRING, of)), .doc = "Seconds since the beginning of 1970.", .nondeterministic = true) {
    (void)of;
    return (int64_t)time(NULL);
}

AB_PACKAGE(variable, first_line, seconds);
