/* Checks the orders of a file: `./check orders.ndjson`. It prints the records and exits with the status of the command. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ordercharge.h"

int main(int count, char **arguments)
{
    FILE *file = count > 1 ? fopen(arguments[1], "rb") : stdin;
    if (file == NULL) {
        perror(arguments[1]);
        return 2;
    }
    size_t length = 0, room = 1 << 16;
    uint8_t *text = malloc(room);
    while (text != NULL && (length += fread(text + length, 1, room - length, file)) == room) {
        uint8_t *larger = realloc(text, room *= 2);
        if (larger == NULL)
            free(text);
        text = larger;
    }
    if (text == NULL)
        return 2;
    char *records = ordercharge_call("check_all", text, length, "{\"policy\": {\"rounding\": \"nearest\"}}");
    free(text);
    if (file != stdin)
        fclose(file);
    if (records == NULL)
        return 2;
    fputs(records, stdout);
    const char *exit = strstr(records, "\"exit\":");
    int status = exit == NULL ? 2 : exit[7] - '0';
    ordercharge_free(records);
    return status;
}
