/* What the sockets carry when nobody looks at messages: whole buffers of 256 KiB, one system call
 * each, and bytes that are counted as so many frames of a four-byte prefix and a payload. */
#include "duel.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#define BUFFER (256 * 1024)

static char buffer[BUFFER];

static void write_all(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n <= 0) {
            fail("write");
        }
        bytes += n;
        length -= (size_t)n;
    }
}

static size_t read_some(int fd) {
    ssize_t n = read(fd, buffer, BUFFER);
    if (n <= 0) {
        fail("read");
    }
    return (size_t)n;
}

static socklen_t unix_address(struct sockaddr_un *address, const char *folder) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    snprintf(address->sun_path, sizeof address->sun_path, "%s/s", folder);
    return sizeof *address;
}

static socklen_t tcp_address(struct sockaddr_in *address, int port) {
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_port = htons((uint16_t)port);
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof *address;
}

static int connected(void) {
    struct sockaddr_storage address;
    socklen_t length = task.tcp
                           ? tcp_address((struct sockaddr_in *)&address, atoi(task.place))
                           : unix_address((struct sockaddr_un *)&address, task.folder);
    int fd = socket(address.ss_family, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, length) != 0) {
        fail("connect");
    }
    return fd;
}

static int accepted(void) {
    struct sockaddr_storage address;
    socklen_t length = task.tcp ? tcp_address((struct sockaddr_in *)&address, 0)
                                : unix_address((struct sockaddr_un *)&address, task.folder);
    int listener = socket(address.ss_family, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 ||
        listen(listener, 1) != 0) {
        fail("listen");
    }
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("listening %d\n", task.tcp ? ntohs(((struct sockaddr_in *)&address)->sin_port) : 0);
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) {
        fail("accept");
    }
    return fd;
}

/* Counts whole frames among all the bytes so far. */
static void count(size_t bytes) {
    static size_t rest;
    size_t frame = 4 + task.size;
    rest += bytes;
    if (rest >= frame) {
        meter_received((int64_t)(rest / frame));
        rest %= frame;
    }
}

static void flood(int fd) {
    size_t frame = 4 + task.size;
    size_t whole = BUFFER / frame;
    while (1) {
        meter.sent += (int64_t)whole;
        if (meter.sent >= meter.next_look) {
            meter_look(meter.sent);
        }
        write_all(fd, buffer, whole * frame);
    }
}

int main(int argc, char **argv) {
    int one = 1;
    task_parse(argc, argv);
    int fd = task.drives ? connected() : accepted();
    if (task.tcp) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    if (task.drives && task.window == 0) {
        flood(fd);
    }
    if (task.drives) {
        meter_next();
        write_all(fd, buffer, (size_t)task.window * (4 + task.size));
    }
    while (1) {
        size_t n = read_some(fd);
        count(n);
        if (task.window > 0) {
            if (task.drives) {
                meter_next();
            }
            write_all(fd, buffer, n);
        }
    }
}
