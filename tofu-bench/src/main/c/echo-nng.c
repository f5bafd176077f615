/* An echo server and its client with nng: `echo-nng serve URL`, or `echo-nng ask URL TEXT`. */
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(int error) {
    if (error != 0) {
        fprintf(stderr, "%s\n", nng_strerror(error));
        exit(1);
    }
}

// @start region="server"
static void serve(const char *url) {
    nng_socket socket;
    check(nng_rep0_open(&socket));
    check(nng_listen(socket, url, NULL, 0));
    while (1) {
        nng_msg *message;
        check(nng_recvmsg(socket, &message, 0));
        check(nng_sendmsg(socket, message, 0)); /* moved; on an error it is still ours */
    }
}

// @end

// @start region="client"
static void ask(const char *url, const char *text) {
    nng_socket socket;
    nng_msg *message;
    check(nng_req0_open(&socket));
    check(nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, 10000));
    check(nng_dial(socket, url, NULL, 0));
    check(nng_msg_alloc(&message, 0));
    check(nng_msg_append(message, text, strlen(text)));
    check(nng_sendmsg(socket, message, 0));
    check(nng_recvmsg(socket, &message, 0));
    printf("%.*s\n", (int) nng_msg_len(message), (char *) nng_msg_body(message));
    nng_msg_free(message);
    nng_close(socket);
}

// @end

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "serve") == 0) {
        serve(argv[2]);
    } else if (argc == 4 && strcmp(argv[1], "ask") == 0) {
        ask(argv[2], argv[3]);
    } else {
        fprintf(stderr, "usage: echo-nng serve URL | ask URL TEXT\n");
        return 2;
    }
    return 0;
}
