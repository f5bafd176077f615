/* The clients of a server that is measured: one thread, epoll, as many connections as the task has
 * channels. Each has as many messages under way as the window says; for each that comes back the
 * next one is sent, at once for all that were read.
 *
 * Arguments: tofu|prefix, then those of duel.h. "tofu" speaks tofu's frames: a hello, then requests,
 * which come back as responses. "prefix" speaks frames of a length (four bytes) and a payload, which
 * come back as they are. A payload begins with a stamp, as tofu.bench.duel.Payload has it, and the
 * time at which it was sent. An answer that is not the one that was due ends the program. */
#include "duel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define BUFFER (256 * 1024)
#define EVENTS 1024
#define TOFU_HEADER 16
#define TOFU_REQUEST 0
#define TOFU_RESPONSE 1
#define TOFU_HELLO_REQUEST 3
#define TOFU_HELLO_RESPONSE 4
#define PREFIX 4
#define SPARE_DESCRIPTORS 64

/* Histogram of round trips: each power of two in 64 parts, so within 1.6 %. */
#define PARTS 64
static int64_t trips[64 * PARTS];

static int speaks_tofu;

/* Bytes of a frame before its payload. */
static size_t header;

struct connection {
    int fd;
    int64_t lane; /* which one it is, in the upper 16 bits of each number */
    int64_t sent;
    int64_t received;
    size_t out_from; /* what the socket did not take yet: out[out_from .. out_to] */
    size_t out_to;
    size_t in_length; /* a frame that has come in part */
    char *in;
    char *out;
};

static size_t frame_length(void) {
    return header + task.size;
}

/* No more than a window waits to be sent, but it may begin anywhere in the first half. */
static size_t out_capacity(void) {
    return 2 * (size_t)task.window * frame_length();
}

static void put_header(char *frame, int op_code, size_t length, int64_t id) {
    if (speaks_tofu) {
        uint16_t channel = htons(1), body = htons((uint16_t)length);
        uint64_t wire_id = __builtin_bswap64((uint64_t)id);
        memset(frame, 0, TOFU_HEADER);
        memcpy(frame, &channel, sizeof channel);
        frame[2] = (char)op_code;
        memcpy(frame + 4, &wire_id, sizeof wire_id);
        memcpy(frame + 14, &body, sizeof body);
    } else {
        uint32_t wire = htonl((uint32_t)length);
        memcpy(frame, &wire, sizeof wire);
    }
}

/* Appends the next message of a connection to what is to be sent. */
static void append(struct connection *c, int64_t now) {
    if (c->out_to + frame_length() > out_capacity()) {
        memmove(c->out, c->out + c->out_from, c->out_to - c->out_from);
        c->out_to -= c->out_from;
        c->out_from = 0;
    }
    char *frame = c->out + c->out_to;
    put_header(frame, TOFU_REQUEST, task.size, c->sent + 1);
    stamp(frame + header, c->lane | c->sent++);
    memcpy(frame + header + 8, &now, sizeof now);
    c->out_to += frame_length();
}

/* Checks one frame, and takes note of how long it was under way. */
static void check(struct connection *c, const char *frame, int64_t now) {
    char expected[TOFU_HEADER];
    uint64_t number;
    int64_t sent_at;
    put_header(expected, TOFU_RESPONSE, task.size, c->received + 1);
    memcpy(&number, frame + header, sizeof number);
    memcpy(&sent_at, frame + header + 8, sizeof sent_at);
    if (speaks_tofu) {
        memcpy(expected, frame, 2); /* the server's own number of the channel */
    }
    if (memcmp(expected, frame, header) != 0 ||
        __builtin_bswap64(number) != (uint64_t)(c->lane | c->received)) {
        fprintf(stderr, "not the answer to message %lld\n", (long long)c->received);
        exit(1);
    }
    c->received++;
    uint64_t nanos = now > sent_at ? (uint64_t)(now - sent_at) : 1;
    int power = 63 - __builtin_clzll(nanos);
    uint64_t part = power >= 6 ? (nanos >> (power - 6)) - PARTS : (nanos << (6 - power)) - PARTS;
    trips[power * PARTS + (int)part]++;
}

static int64_t percentile(int64_t count, double fraction) {
    int64_t wanted = (int64_t)((double)count * fraction), seen = 0;
    for (int i = 0; i < 64 * PARTS; i++) {
        seen += trips[i];
        if (seen > wanted) {
            int power = i / PARTS;
            uint64_t part = (uint64_t)(i % PARTS) + PARTS;
            return (int64_t)(power >= 6 ? part << (power - 6) : part >> (6 - power));
        }
    }
    return 0;
}

static void report(int64_t count, int64_t nanos, int64_t cpu) {
    printf("outcome count=%lld cpu=%lld nanos=%lld max=%lld p50=%lld p99=%lld p999=%lld\n",
           (long long)count, (long long)cpu, (long long)nanos,
           (long long)percentile(count, 0.9999999), (long long)percentile(count, 0.5),
           (long long)percentile(count, 0.99), (long long)percentile(count, 0.999));
}

/* Looks whether the warm-up or the window is over. */
static void look(int64_t received, int64_t now) {
    static int64_t start, begin, begin_count, begin_cpu, reported;
    if (start == 0) {
        start = now;
    } else if (begin == 0) {
        if (now - start >= task.warm_up_nanos) {
            memset(trips, 0, sizeof trips);
            begin_cpu = nanos_of(CLOCK_PROCESS_CPUTIME_ID);
            begin_count = received;
            begin = now;
        }
    } else if (!reported && now - begin >= task.measure_nanos) {
        report(received - begin_count, now - begin,
               nanos_of(CLOCK_PROCESS_CPUTIME_ID) - begin_cpu);
        reported = 1;
    }
}

static void flush(struct connection *c, int epoll) {
    while (c->out_from < c->out_to) {
        ssize_t n = write(c->fd, c->out + c->out_from, c->out_to - c->out_from);
        if (n < 0 && errno == EAGAIN) {
            struct epoll_event both = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
            epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &both);
            return;
        }
        if (n < 0) {
            fail("write");
        }
        c->out_from += (size_t)n;
    }
    c->out_from = c->out_to = 0;
}

/* Reads what there is, once, and appends an answer to each frame. */
static int64_t read_frames(struct connection *c, int64_t now) {
    static char in[BUFFER];
    size_t frame = frame_length(), at = 0;
    int64_t frames = 0;
    memcpy(in, c->in, c->in_length);
    ssize_t n = read(c->fd, in + c->in_length, BUFFER - c->in_length);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        fail("read");
    }
    size_t length = c->in_length + (n > 0 ? (size_t)n : 0);
    for (; length - at >= frame; at += frame, frames++) {
        check(c, in + at, now);
        append(c, now);
    }
    c->in_length = length - at;
    memcpy(c->in, in + at, c->in_length);
    return frames;
}

/* A hello has no body here; neither has the answer. */
static void say_hello(int fd) {
    char hello[TOFU_HEADER];
    size_t got = 0;
    put_header(hello, TOFU_HELLO_REQUEST, 0, 1);
    if (write(fd, hello, sizeof hello) != sizeof hello) {
        fail("hello");
    }
    while (got < sizeof hello) {
        ssize_t n = read(fd, hello + got, sizeof hello - got);
        if (n <= 0) {
            fail("no answer to the hello");
        }
        got += (size_t)n;
    }
    if (hello[2] != TOFU_HELLO_RESPONSE || hello[12] + hello[13] + hello[14] + hello[15] != 0) {
        fputs("not an answer to a hello\n", stderr);
        exit(1);
    }
}

static void open_connection(struct connection *c, int epoll) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct epoll_event in = {.events = EPOLLIN, .data.ptr = c};
    /* tofu names its place tcp|host|port, the others give the port */
    const char *bar = strrchr(task.place, '|');
    int one = 1;
    address.sin_port = htons((uint16_t)atoi(bar == NULL ? task.place : bar + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        fail("connect");
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (speaks_tofu) {
        say_hello(c->fd);
    }
    c->in = malloc(frame_length());
    c->out = calloc(1, out_capacity());
    if (c->in == NULL || c->out == NULL) {
        fail("memory");
    }
    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &in) != 0) {
        fail("epoll");
    }
}

static void raise_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < (rlim_t)task.channels + SPARE_DESCRIPTORS) {
        fprintf(stderr, "%d connections, but at most %llu open files: see ulimit -Hn\n",
                task.channels, (unsigned long long)limit.rlim_max);
        exit(1);
    }
}

int main(int argc, char **argv) {
    static struct epoll_event events[EVENTS];
    int64_t received = 0;
    speaks_tofu = argc > 1 && strcmp(argv[1], "tofu") == 0;
    header = speaks_tofu ? TOFU_HEADER : PREFIX;
    task_parse(argc - 1, argv + 1);
    raise_limit();
    int epoll = epoll_create1(0);
    struct connection *all = calloc((size_t)task.channels, sizeof *all);
    if (epoll < 0 || all == NULL) {
        fail("epoll");
    }
    for (int i = 0; i < task.channels; i++) {
        all[i].lane = (int64_t)i << 48;
        open_connection(&all[i], epoll);
    }
    for (int i = 0; i < task.channels; i++) {
        for (int k = 0; k < task.window; k++) {
            append(&all[i], nanos_of(CLOCK_MONOTONIC));
        }
        flush(&all[i], epoll);
    }
    while (1) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            int64_t now = nanos_of(CLOCK_MONOTONIC);
            if (events[i].events & EPOLLOUT) {
                struct epoll_event in = {.events = EPOLLIN, .data.ptr = c};
                epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &in);
            }
            if (events[i].events & ~(uint32_t)EPOLLOUT) {
                received += read_frames(c, now);
            }
            flush(c, epoll);
        }
        look(received, nanos_of(CLOCK_MONOTONIC));
    }
}
