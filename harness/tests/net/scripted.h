/* SPDX-License-Identifier: MIT */
/* A server on loopback that answers by script, within the test's own process. */
#ifndef RF_TESTS_NET_SCRIPTED_H
#define RF_TESTS_NET_SCRIPTED_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/alloc.h"

struct scripted;

/** Answers one request, of which `head` is all up to the empty line. False: hang up. */
typedef bool scripted_answer(struct scripted *server, int connection, const char *head);

struct scripted {
    struct scripted *next;
    scripted_answer *answer;
    int listener;
    int port;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    int requests, at_once, most_at_once, connections;
};

struct scripted_connection {
    struct scripted *server;
    int fd;
};

static inline void
scripted_count(struct scripted *server, int began)
{
    (void)pthread_mutex_lock(&server->lock);
    server->requests += began > 0;
    server->at_once += began;
    if (server->at_once > server->most_at_once) {
        server->most_at_once = server->at_once;
    }
    (void)pthread_mutex_unlock(&server->lock);
}

static inline int
scripted_requests(struct scripted *server)
{
    (void)pthread_mutex_lock(&server->lock);
    int requests = server->requests;
    (void)pthread_mutex_unlock(&server->lock);
    return requests;
}

/** printf to a connection; who has gone gets nothing. */
static inline void __attribute__((format(printf, 2, 3)))
scripted_send(int fd, const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    int bytes = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)send(fd, text, (size_t)bytes, MSG_NOSIGNAL);
}

/** A 200 of so many bytes, each as `fill`. */
static inline void
scripted_send_bytes(int fd, size_t bytes, char fill, const char *headers)
{
    char block[16384];
    memset(block, fill, sizeof(block));
    scripted_send(fd, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n", bytes, headers);
    while (bytes > 0) {
        size_t count = bytes < sizeof(block) ? bytes : sizeof(block);
        ssize_t sent = send(fd, block, count, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes -= (size_t)sent;
    }
}

static inline void *
scripted_serve(void *context)
{
    struct scripted_connection *connection = context;
    struct scripted *server = connection->server;
    char head[16384];
    size_t used = 0;
    for (bool open = true; open;) {
        ssize_t got = recv(connection->fd, head + used, sizeof(head) - 1 - used, 0);
        if (got <= 0) {
            break;
        }
        used += (size_t)got;
        head[used] = '\0';
        if (strstr(head, "\r\n\r\n") == NULL) {
            continue;
        }
        scripted_count(server, 1);
        open = server->answer(server, connection->fd, head);
        scripted_count(server, -1);
        used = 0;
    }
    (void)close(connection->fd);
    free(connection);
    return NULL;
}

static inline void *
scripted_accept(void *context)
{
    struct scripted *server = context;
    for (;;) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0) {
            return NULL;
        }
        struct scripted_connection *connection = rf_calloc(1, sizeof(*connection));
        *connection = (struct scripted_connection){server, fd};
        (void)pthread_mutex_lock(&server->lock);
        server->connections++;
        (void)pthread_mutex_unlock(&server->lock);
        pthread_t thread;
        cr_assert_eq(pthread_create(&thread, NULL, scripted_serve, connection), 0);
        (void)pthread_detach(thread);
    }
}

/** All that were made: the memory of one is the process's, for connections may outlive it. */
static struct scripted *scripted_all;

static inline struct scripted *
scripted_new(scripted_answer *answer)
{
    struct scripted *server = rf_calloc(1, sizeof(*server));
    server->next = scripted_all;
    scripted_all = server;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof(address);
    server->answer = answer;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(server->listener, (void *)&address, bytes), 0);
    cr_assert_eq(listen(server->listener, 256), 0);
    cr_assert_eq(getsockname(server->listener, (void *)&address, &bytes), 0);
    server->port = ntohs(address.sin_port);
    cr_assert_eq(pthread_mutex_init(&server->lock, NULL), 0);
    cr_assert_eq(pthread_create(&server->thread, NULL, scripted_accept, server), 0);
    return server;
}

/** Connections that are open stay so until their other end has gone. */
static inline void
scripted_stop(struct scripted *server)
{
    (void)shutdown(server->listener, SHUT_RDWR);
    (void)pthread_join(server->thread, NULL);
    (void)close(server->listener);
}

#endif
