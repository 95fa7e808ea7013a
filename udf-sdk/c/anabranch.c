/* All of the SDK but its headers, as one file to compile. */

#include "src/accumulators.c"
#include "src/column.c"
#include "src/http.c"
#include "src/memory.c"
#include "src/package.c"
#include "src/place.c"
#include "src/testing.c"
#include "src/wasm.c"
#include "src/wire.c"
