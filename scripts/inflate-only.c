/* SPDX-License-Identifier: MIT */
/*
 * The floors of `make bench`: read and inflate gzip files, every CRC checked, largest first, on as
 * many threads as are asked for; do nothing with the bytes. With zlib, or, compiled with
 * -DWITH_ISAL, with ISA-L.
 *
 *     inflate-only THREADS FILE...
 *
 * Prints the number of inflated bytes.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef WITH_ISAL
#include <isa-l.h>
#else
#include <zlib.h>
#endif

#define CHUNK_BYTES ((size_t)256 << 10)

struct file {
    const char *path;
    off_t bytes;
};

static struct file *files;
static size_t file_count;
static atomic_size_t next_file;
static atomic_uint_fast64_t inflated;

static int
largest_first(const void *left, const void *right)
{
    off_t a = ((const struct file *)left)->bytes;
    off_t b = ((const struct file *)right)->bytes;
    return (a < b) - (a > b);
}

static void
fail(const char *path)
{
    (void)fprintf(stderr, "inflate-only: %s: cannot be read or inflated\n", path);
    exit(1);
}

#ifdef WITH_ISAL

static void
inflate_file(const char *path, unsigned char *in, unsigned char *out)
{
    struct inflate_state state;
    int fd = open(path, O_RDONLY);
    bool begun = false;
    bool ended = false;
    ssize_t got = -1;
    while (fd >= 0 && (got = read(fd, in, CHUNK_BYTES)) > 0) {
        state.next_in = in;
        state.avail_in = (uint32_t)got;
        do {
            if (ended || !begun) {
                unsigned char *next = begun ? state.next_in : in;
                uint32_t left = begun ? state.avail_in : (uint32_t)got;
                isal_inflate_init(&state);
                state.crc_flag = ISAL_GZIP;
                state.next_in = next;
                state.avail_in = left;
                begun = true;
            }
            state.next_out = out;
            state.avail_out = CHUNK_BYTES;
            if (isal_inflate(&state) != ISAL_DECOMP_OK) {
                fail(path);
            }
            ended = state.block_state == ISAL_BLOCK_FINISH;
            atomic_fetch_add(&inflated, CHUNK_BYTES - state.avail_out);
        } while (state.avail_in > 0 || (!ended && state.avail_out == 0));
    }
    if (got != 0 || !ended) {
        fail(path);
    }
    (void)close(fd);
}

#else

static void
inflate_file(const char *path, unsigned char *in, unsigned char *out)
{
    z_stream z;
    memset(&z, 0, sizeof(z));
    int fd = open(path, O_RDONLY);
    if (fd < 0 || inflateInit2(&z, 15 + 16) != Z_OK) {
        fail(path);
    }
    int status = Z_OK;
    ssize_t got;
    while ((got = read(fd, in, CHUNK_BYTES)) > 0) {
        z.next_in = in;
        z.avail_in = (uInt)got;
        while (z.avail_in > 0) {
            if (status == Z_STREAM_END && inflateReset(&z) != Z_OK) {
                fail(path);
            }
            z.next_out = out;
            z.avail_out = CHUNK_BYTES;
            status = inflate(&z, Z_NO_FLUSH);
            if (status != Z_OK && status != Z_STREAM_END) {
                fail(path);
            }
            atomic_fetch_add(&inflated, CHUNK_BYTES - z.avail_out);
        }
    }
    if (got < 0 || status != Z_STREAM_END) {
        fail(path);
    }
    (void)inflateEnd(&z);
    (void)close(fd);
}

#endif

static void *
work(void *context)
{
    (void)context;
    unsigned char *in = malloc(CHUNK_BYTES);
    unsigned char *out = malloc(CHUNK_BYTES);
    for (;;) {
        size_t i = atomic_fetch_add(&next_file, 1);
        if (i >= file_count || in == NULL || out == NULL) {
            break;
        }
        inflate_file(files[i].path, in, out);
    }
    free(in);
    free(out);
    return NULL;
}

int
main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: inflate-only THREADS FILE...\n");
        return 2;
    }
    size_t threads = strtoul(argv[1], NULL, 10);
    file_count = (size_t)argc - 2;
    files = calloc(file_count, sizeof(*files));
    pthread_t *ids = calloc(threads, sizeof(*ids));
    if (files == NULL || ids == NULL || threads == 0) {
        return 1;
    }
    for (size_t i = 0; i < file_count; i++) {
        struct stat facts;
        files[i].path = argv[i + 2];
        if (stat(files[i].path, &facts) != 0) {
            fail(files[i].path);
        }
        files[i].bytes = facts.st_size;
    }
    qsort(files, file_count, sizeof(*files), largest_first);
    for (size_t i = 0; i < threads; i++) {
        if (pthread_create(&ids[i], NULL, work, NULL) != 0) {
            return 1;
        }
    }
    for (size_t i = 0; i < threads; i++) {
        (void)pthread_join(ids[i], NULL);
    }
    (void)printf("%llu\n", (unsigned long long)atomic_load(&inflated));
    free(files);
    free(ids);
    return 0;
}
