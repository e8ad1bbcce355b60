/* Two functions for every language that can call C. cbindgen makes this file: see capi/README.md. */

#ifndef ORDERCHARGE_H
#define ORDERCHARGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Calls a function of ordercharge by name: `check`, `check_all`, `fix`, `compare`, `compare_all`, `map`, `explain`,
 `generate` or `version`.

 `function` and `options` are C strings, `options` a JSON object or NULL. `input` are `input_length` bytes, or NULL if
 that is 0. The result is a C string: JSON in UTF-8, a failure too. It never contains a NUL, and is NULL only if memory is
 used up. Free it with `ordercharge_free`. Any number of threads may call at once.

 # Safety

 `function` and `options` are NULL or point to a NUL-terminated string, and `input` to `input_length` bytes. None of them
 changes during the call.
 */
char *ordercharge_call(const char *function,
                       const uint8_t *input,
                       size_t input_length,
                       const char *options);

/*
 Frees a result of `ordercharge_call`. NULL is allowed.

 # Safety

 `result` is NULL or a result of `ordercharge_call` that has not been freed.
 */
void ordercharge_free(char *result);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* ORDERCHARGE_H */
