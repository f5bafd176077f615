/* nng: a PAIR socket on each side, with its own threads. Its ipc transport is a Unix domain socket.
 * Messages are built in the library's own memory, and an echo goes back without a copy. */
#include "duel.h"

#include <arpa/inet.h>
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>

#define BUFFERED_MESSAGES 4096

static void check(int error, const char *what) {
    if (error != 0) {
        fprintf(stderr, "%s: %s\n", what, nng_strerror(error));
        exit(1);
    }
}

static void listen_and_say_where(nng_socket socket) {
    char place[256];
    nng_listener listener;
    nng_sockaddr address;
    snprintf(place, sizeof place, "ipc://%s/s", task.folder);
    check(nng_listen(socket, task.tcp ? "tcp://127.0.0.1:0" : place, &listener, 0), "nng_listen");
    if (task.tcp) {
        check(nng_listener_get_addr(listener, NNG_OPT_LOCADDR, &address), "nng_listener_get_addr");
        snprintf(place, sizeof place, "tcp://127.0.0.1:%d", ntohs(address.s_in.sa_port));
    }
    printf("listening %s\n", place);
}

static void send_next(nng_socket socket) {
    nng_msg *message;
    check(nng_msg_alloc(&message, task.size), "nng_msg_alloc");
    memset(nng_msg_body(message), 0, task.size);
    stamp(nng_msg_body(message), meter_next());
    check(nng_sendmsg(socket, message, 0), "nng_sendmsg");
}

int main(int argc, char **argv) {
    nng_socket socket;
    task_parse(argc, argv);
    check(nng_pair0_open(&socket), "nng_pair0_open");
    check(nng_socket_set_int(socket, NNG_OPT_SENDBUF, BUFFERED_MESSAGES), "NNG_OPT_SENDBUF");
    check(nng_socket_set_int(socket, NNG_OPT_RECVBUF, BUFFERED_MESSAGES), "NNG_OPT_RECVBUF");
    if (task.drives) {
        check(nng_dial(socket, task.place, NULL, 0), "nng_dial");
    } else {
        listen_and_say_where(socket);
    }
    while (task.drives && task.window == 0) {
        send_next(socket);
    }
    for (int i = 0; task.drives && i < task.window; i++) {
        send_next(socket);
    }
    while (1) {
        nng_msg *message;
        check(nng_recvmsg(socket, &message, 0), "nng_recvmsg");
        meter_check(nng_msg_body(message), nng_msg_len(message));
        if (!task.drives && task.window > 0) {
            check(nng_sendmsg(socket, message, 0), "nng_sendmsg");
        } else {
            nng_msg_free(message);
        }
        if (task.drives) {
            send_next(socket);
        }
    }
}
