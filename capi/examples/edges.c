/* Arguments that are missing, empty or not text: every call gives JSON and nothing leaks. */

#include <assert.h>
#include <string.h>

#include "ordercharge.h"

static void expect(const char *function, const char *input, size_t length, const char *options, const char *part)
{
    char *result = ordercharge_call(function, (const uint8_t *)input, length, options);
    assert(result != NULL);
    assert(strstr(result, part) != NULL);
    ordercharge_free(result);
}

int main(void)
{
    const char *unreadable = "\"verdict\":\"unreadable\"";
    const char *failure = "\"type\":\"failure\"";
    expect("check", NULL, 0, NULL, unreadable);
    expect("check", NULL, 7, NULL, unreadable);
    expect("check", "", 0, "", unreadable);
    expect("check", "{\"a\":\0\377}", 8, "{}", unreadable);
    expect("check", "{\"items\":[{\"quantity\":1}]}", 26, "{}", "\"verdict\":\"valid\"");
    expect(NULL, NULL, 0, NULL, failure);
    expect("\377", NULL, 0, NULL, failure);
    expect("check", "{}", 2, "\377", failure);
    expect("check", "{}", 2, "{\"polcy\":1}", failure);
    expect("fix", "\377", 1, NULL, failure);
    expect("explain", "\377", 1, NULL, failure);
    expect("version", NULL, 0, NULL, "version");
    ordercharge_free(NULL);
    return 0;
}
