// SPDX-License-Identifier: Apache-2.0
// The baseline: the cost of libmosquitto without a bridge around it. Subscribes, changes nothing, republishes below
// "out/", and acknowledges a batch only after the output broker has acknowledged all of it, as the bridge does.
//
//   relay PORT FILTER [BATCH]
#define _GNU_SOURCE
#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static struct mosquitto *input, *output;
static const char *filter;
static int batch_limit = 200, batch, pending, input_ready, output_ready;
static volatile sig_atomic_t stopping;

static void fail(const char *what, int code) {
    fprintf(stderr, "relay: %s: %s\n", what, mosquitto_strerror(code));
    exit(1);
}

static void on_output_connect(struct mosquitto *m, void *u, int code) {
    (void)m, (void)u;
    if (code) fail("output refused", code);
    output_ready = 1;
}

static void on_input_connect(struct mosquitto *m, void *u, int code, int flags, const mosquitto_property *p) {
    (void)u, (void)flags, (void)p;
    if (code) fail("input refused", code);
    mosquitto_subscribe(m, NULL, filter, 1);
}

static void on_subscribe(struct mosquitto *m, void *u, int mid, int n, const int *granted) {
    (void)m, (void)u, (void)mid, (void)n, (void)granted;
    input_ready = 1;
    fprintf(stderr, "subscribed\n");
}

static void on_publish(struct mosquitto *m, void *u, int mid) {
    (void)m, (void)u, (void)mid;
    pending--;
}

static void on_message(struct mosquitto *m, void *u, const struct mosquitto_message *message) {
    (void)m, (void)u;
    char topic[1024];
    batch++;
    snprintf(topic, sizeof topic, "out/%s", message->topic);
    int code = mosquitto_publish(output, NULL, topic, message->payloadlen, message->payload, 1, false);
    if (code) fail("publish", code);
    pending++;
}

static void on_stop(int signal) {
    (void)signal;
    stopping = 1;
}

static void read_all(struct mosquitto *m, int limited) {
    int fd = mosquitto_socket(m), one = 1;
    struct pollfd again = {.fd = fd, .events = POLLIN};
    do {
        int code = mosquitto_loop_read(m, 1);
        if (code) fail("read", code);
    } while ((!limited || batch < batch_limit) && poll(&again, 1, 0) > 0);
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
}

static void write_all(struct mosquitto *m) {
    while (mosquitto_want_write(m)) {
        int code = mosquitto_loop_write(m, 1);
        if (code) fail("write", code);
        if (errno == EAGAIN) break;
    }
}

int main(int argc, char **argv) {
    if (argc < 3) return fprintf(stderr, "usage: relay PORT FILTER [BATCH]\n"), 64;
    int port = atoi(argv[1]);
    filter = argv[2];
    if (argc > 3) batch_limit = atoi(argv[3]);
    signal(SIGTERM, on_stop);
    signal(SIGPIPE, SIG_IGN);
    mosquitto_lib_init();
    input = mosquitto_new("relay-in", false, NULL);
    output = mosquitto_new("relay-out", true, NULL);
    struct mosquitto *both[] = {input, output};
    for (int i = 0; i < 2; i++) {
        mosquitto_threaded_set(both[i], true);
        mosquitto_int_option(both[i], MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
        mosquitto_int_option(both[i], MOSQ_OPT_TCP_NODELAY, 1);
        mosquitto_int_option(both[i], MOSQ_OPT_RECEIVE_MAXIMUM, batch_limit);
        mosquitto_int_option(both[i], MOSQ_OPT_SEND_MAXIMUM, batch_limit);
    }
    mosquitto_connect_v5_callback_set(input, on_input_connect);
    mosquitto_subscribe_callback_set(input, on_subscribe);
    mosquitto_message_callback_set(input, on_message);
    mosquitto_connect_callback_set(output, on_output_connect);
    mosquitto_publish_callback_set(output, on_publish);

    mosquitto_property *expiry = NULL;
    mosquitto_property_add_int32(&expiry, MQTT_PROP_SESSION_EXPIRY_INTERVAL, 3600);
    int code = mosquitto_connect(output, "localhost", port, 60);
    if (code) fail("connect output", code);
    code = mosquitto_connect_bind_v5(input, "localhost", port, 60, NULL, expiry);
    if (code) fail("connect input", code);

    time_t last = time(NULL);
    while (!stopping) {
        int may_read = input_ready ? output_ready && batch == 0 && pending == 0 : 1;
        struct pollfd fds[2] = {{.fd = mosquitto_socket(input)}, {.fd = mosquitto_socket(output), .events = POLLIN}};
        if (may_read) fds[0].events |= POLLIN;
        if (batch == 0 && mosquitto_want_write(input)) fds[0].events |= POLLOUT;
        if (mosquitto_want_write(output)) fds[1].events |= POLLOUT;
        if (poll(fds, 2, 200) < 0 && errno != EINTR) return perror("poll"), 1;
        if (fds[1].revents & POLLIN) read_all(output, 0);
        write_all(output);
        if (batch == 0) write_all(input);
        if (may_read && fds[0].revents & POLLIN) {
            read_all(input, 1);
            write_all(output);
        }
        if (batch > 0 && pending == 0) {
            write_all(input);
            batch = 0;
        }
        if (time(NULL) != last) {
            last = time(NULL);
            mosquitto_loop_misc(input);
            mosquitto_loop_misc(output);
        }
    }
    return 0;
}
