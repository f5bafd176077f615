/* libzmq, with its one I/O thread on each side: PUSH to PULL one way, as its own measurement of
 * throughput has it, PAIR for two peers that talk. Its ipc transport is a Unix domain socket.
 * Messages are built in the library's own memory, and an echo goes back without a copy. */
#include "duel.h"

#include <zmq.h>

#define HIGH_WATER_MARK 4096

static void *bound_or_connected(void) {
    char place[256];
    size_t length = sizeof place;
    int mark = HIGH_WATER_MARK;
    int type = task.window > 0 ? ZMQ_PAIR : task.drives ? ZMQ_PUSH : ZMQ_PULL;
    void *socket = zmq_socket(zmq_ctx_new(), type);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &mark, sizeof mark);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &mark, sizeof mark);
    if (task.drives) {
        if (zmq_connect(socket, task.place) != 0) {
            fail("zmq_connect");
        }
        return socket;
    }
    snprintf(place, sizeof place, "ipc://%s/s", task.folder);
    if (zmq_bind(socket, task.tcp ? "tcp://127.0.0.1:*" : place) != 0) {
        fail("zmq_bind");
    }
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, place, &length);
    printf("listening %s\n", place);
    return socket;
}

static void send_next(void *socket) {
    zmq_msg_t message;
    zmq_msg_init_size(&message, task.size);
    memset(zmq_msg_data(&message), 0, task.size);
    stamp(zmq_msg_data(&message), meter_next());
    if (zmq_msg_send(&message, socket, 0) < 0) {
        fail("zmq_msg_send");
    }
}

int main(int argc, char **argv) {
    zmq_msg_t message;
    task_parse(argc, argv);
    void *socket = bound_or_connected();
    while (task.drives && task.window == 0) {
        send_next(socket);
    }
    for (int i = 0; task.drives && i < task.window; i++) {
        send_next(socket);
    }
    zmq_msg_init(&message);
    while (1) {
        if (zmq_msg_recv(&message, socket, 0) < 0) {
            fail("zmq_msg_recv");
        }
        meter_check(zmq_msg_data(&message), zmq_msg_size(&message));
        if (task.drives) {
            send_next(socket);
        } else if (task.window > 0 && zmq_msg_send(&message, socket, 0) < 0) {
            fail("zmq_msg_send");
        }
    }
}
