// SPDX-License-Identifier: Apache-2.0
// Functions of glibc 2.38 that Debian sid's Swift runtime needs and Debian 12's glibc 2.36 lacks: with them the program runs
// there too.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// C23 lets numbers to any base begin with 0b; nothing in the runtime reads such numbers.
long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
long long __isoc23_strtoll(const char *text, char **end, int base) { return strtoll(text, end, base); }
unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
unsigned long long __isoc23_strtoull(const char *text, char **end, int base) { return strtoull(text, end, base); }

int __isoc23_sscanf(const char *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count = vsscanf(text, format, arguments);
    va_end(arguments);
    return count;
}

// Both always terminate the text, truncate it when there is no room, and return the length that was needed.
size_t strlcpy(char *target, const char *source, size_t size) {
    size_t length = strlen(source);
    if (size > 0) {
        size_t copied = length < size ? length : size - 1;
        memcpy(target, source, copied);
        target[copied] = 0;
    }
    return length;
}

size_t strlcat(char *target, const char *source, size_t size) {
    size_t length = strnlen(target, size);
    return length + (length < size ? strlcpy(target + length, source, size - length) : strlen(source));
}
