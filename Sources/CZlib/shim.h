#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H

#include <string.h>
#include <zlib.h>

// deflateInit2 is a macro, which Swift cannot import.

// The bytes that czlib_gzip may need for so many.
static inline size_t czlib_bound(size_t count) { return compressBound((uLong)count) + 32; }

// Writes `count` bytes as one gzip member (RFC 1952); the bytes written, 0 when there is no memory or no room.
static inline size_t czlib_gzip(const void *bytes, size_t count, void *room, size_t size, int level) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = (Bytef *)room;
    stream.avail_out = (uInt)size;
    int result = deflate(&stream, Z_FINISH);
    size_t written = stream.total_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? written : 0;
}

#endif
