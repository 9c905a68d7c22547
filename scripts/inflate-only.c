/* SPDX-License-Identifier: MIT */
/*
 * The floor of `make bench`: read and inflate gzip files with zlib, every CRC checked, largest
 * first, on as many threads as are asked for; do nothing with the bytes.
 *
 *     inflate-only THREADS FILE...
 *
 * Prints the number of inflated bytes.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

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
