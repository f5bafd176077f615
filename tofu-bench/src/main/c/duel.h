/* One side of a run, as tofu.bench.duel.Side and Meter are in Java: the arguments, the clock and
 * the counting that all C programs share.
 *
 * Arguments: serve|drive TRANSPORT MODE WINDOW SIZE CHANNELS IDLE WARM_UP_NANOS MEASURE_NANOS
 * FOLDER [PLACE]; channels is 1 and idle 0 but for clients.c. A window of 0 is one way: the driver floods, the
 * receiver counts. */
#ifndef DUEL_H
#define DUEL_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BYTES_PER_LOOK (64 * 1024)
#define MAX_TRIPS (1 << 20)

static struct {
    int drives;
    int tcp;
    int window;
    size_t size;
    int channels;
    int64_t warm_up_nanos;
    int64_t measure_nanos;
    const char *folder;
    const char *place;
} task;

/* Counts what this side sent (a flooding driver) or received (all others). */
static struct {
    int64_t sent;
    int64_t received;
    int64_t next_look;
    int64_t start_nanos;
    int64_t begin_nanos;
    int64_t begin_count;
    int64_t begin_cpu;
    int64_t sent_at_nanos;
    int64_t trips;
    int64_t trip_nanos[MAX_TRIPS];
} meter = {.next_look = 1};

static inline void fail(const char *what) {
    perror(what);
    exit(1);
}

static int64_t nanos_of(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void *end_with_parent(void *unused) {
    char ignored[64];
    (void)unused;
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) {
    }
    _exit(0);
}

static void task_parse(int argc, char **argv) {
    pthread_t watch;
    if (argc < 11) {
        fputs("usage: see duel.h\n", stderr);
        exit(2);
    }
    task.drives = strcmp(argv[1], "drive") == 0;
    task.tcp = strcmp(argv[2], "tcp") == 0;
    task.window = atoi(argv[4]);
    task.size = (size_t)atol(argv[5]);
    task.channels = atoi(argv[6]);
    task.warm_up_nanos = atoll(argv[8]);
    task.measure_nanos = atoll(argv[9]);
    task.folder = argv[10];
    task.place = argc > 11 ? argv[11] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    pthread_create(&watch, NULL, end_with_parent, NULL);
}

static int compare_nanos(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void meter_report(int64_t count, int64_t nanos) {
    int64_t cpu = nanos_of(CLOCK_PROCESS_CPUTIME_ID) - meter.begin_cpu;
    printf("outcome count=%lld cpu=%lld nanos=%lld", (long long)count, (long long)cpu,
           (long long)nanos);
    if (meter.trips > 0) {
        int64_t n = meter.trips, *t = meter.trip_nanos;
        qsort(t, (size_t)n, sizeof *t, compare_nanos);
        printf(" max=%lld p50=%lld p99=%lld p999=%lld", (long long)t[n - 1], (long long)t[n / 2],
               (long long)t[n * 99 / 100], (long long)t[n * 999 / 1000]);
    }
    printf("\n");
}

/* Looks at the clock: the first message starts the warm-up, the window follows. */
static void meter_look(int64_t count) {
    int64_t stride = BYTES_PER_LOOK / (int64_t)task.size;
    int64_t now = nanos_of(CLOCK_MONOTONIC);
    meter.next_look = count + (stride > 1 ? stride : 1);
    if (meter.start_nanos == 0) {
        meter.start_nanos = now;
    } else if (meter.begin_nanos == 0) {
        if (now - meter.start_nanos >= task.warm_up_nanos) {
            meter.begin_cpu = nanos_of(CLOCK_PROCESS_CPUTIME_ID);
            meter.begin_count = count;
            meter.trips = 0;
            meter.begin_nanos = nanos_of(CLOCK_MONOTONIC);
        }
    } else if (now - meter.begin_nanos >= task.measure_nanos) {
        meter_report(count - meter.begin_count, now - meter.begin_nanos);
        meter.next_look = INT64_MAX;
    }
}

/* Begins a message to be sent; its sequence number. */
static inline int64_t meter_next(void) {
    if (task.drives && task.window == 0) {
        if (meter.sent + 1 >= meter.next_look) {
            meter_look(meter.sent + 1);
        }
    } else if (task.drives && task.window == 1) {
        meter.sent_at_nanos = nanos_of(CLOCK_MONOTONIC);
    }
    return meter.sent++;
}

/* So many messages were received. */
static inline void meter_received(int64_t messages) {
    meter.received += messages;
    if (meter.sent_at_nanos != 0 && meter.trips < MAX_TRIPS) {
        meter.trip_nanos[meter.trips++] = nanos_of(CLOCK_MONOTONIC) - meter.sent_at_nanos;
    }
    if (meter.received >= meter.next_look) {
        meter_look(meter.received);
    }
}

/* Writes the sequence number, big-endian, to the start of a payload. */
static inline void stamp(void *payload, int64_t sequence) {
    uint64_t wire = __builtin_bswap64((uint64_t)sequence);
    memcpy(payload, &wire, sizeof wire);
}

/* Takes note of one payload, which must be the next in order and of the right length. */
static inline void meter_check(const void *payload, size_t length) {
    uint64_t wire;
    if (length != task.size) {
        fprintf(stderr, "%zu bytes where %zu were expected\n", length, task.size);
        exit(1);
    }
    memcpy(&wire, payload, sizeof wire);
    if (__builtin_bswap64(wire) != (uint64_t)meter.received) {
        fprintf(stderr, "message %llu where %lld was expected\n",
                (unsigned long long)__builtin_bswap64(wire), (long long)meter.received);
        exit(1);
    }
    meter_received(1);
}

#endif
