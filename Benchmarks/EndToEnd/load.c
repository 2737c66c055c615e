// SPDX-License-Identifier: Apache-2.0
// Sends gPlug messages and receives a bridge's output.
//
//   load PORT flood MESSAGES METERS OUT_FILTER OUTPUTS_PER_MESSAGE
//   load PORT pace  MESSAGES METERS OUT_FILTER RATE KEY WATTS
//
// flood: as fast as the broker accepts them; prints the seconds until the last output arrived (OUTPUTS_PER_MESSAGE 0:
// until none arrived for two seconds). pace: RATE messages a second; prints the latency from publish to output. An
// output belongs to the message with the same power, which follows KEY in units of WATTS.
#define _GNU_SOURCE
#include <limits.h>
#include <math.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// AHEAD: number of missing outputs at which the sender waits; the broker's queue must not overflow.
enum { WINDOW = 200, CYCLE = 20000, AHEAD = 200000 };
static atomic_long acknowledged, received;
static atomic_int subscribed, connected;
static atomic_llong last_received;
static long long sent_at[CYCLE];
static double *latencies;
static long latency_count, latency_limit;
static const char *key, *out_filter;
static double unit = 1;

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void on_publish(struct mosquitto *m, void *u, int mid) { (void)m, (void)u, (void)mid, acknowledged++; }
static void on_connect(struct mosquitto *m, void *u, int code) { (void)m, (void)u, connected = code == 0 ? 1 : -1; }
static void on_sink_connect(struct mosquitto *m, void *u, int code) {
    (void)u;
    if (code == 0) mosquitto_subscribe(m, NULL, out_filter, 1);
}
static void on_subscribe(struct mosquitto *m, void *u, int mid, int n, const int *granted) {
    (void)m, (void)u, (void)mid, (void)n, (void)granted, subscribed = 1;
}

static void on_message(struct mosquitto *m, void *u, const struct mosquitto_message *message) {
    (void)m, (void)u;
    if (message->retain) return;
    long long t = now();
    if (key) {
        const char *at = memmem(message->payload, message->payloadlen, key, strlen(key));
        if (!at) return;
        const char *end = (const char *)message->payload + message->payloadlen;
        char number[24] = "";
        at += strlen(key);
        memcpy(number, at, end - at < 23 ? end - at : 23);
        long watts = lround(strtod(number, NULL) * unit);
        if (watts >= 0 && watts < CYCLE && sent_at[watts] && latency_count < latency_limit)
            latencies[latency_count++] = (t - sent_at[watts]) / 1000.0;
    }
    last_received = t;
    received++;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static struct mosquitto *client(const char *id, int port) {
    struct mosquitto *m = mosquitto_new(id, true, NULL);
    mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_int_option(m, MOSQ_OPT_RECEIVE_MAXIMUM, 1000);
    mosquitto_int_option(m, MOSQ_OPT_SEND_MAXIMUM, WINDOW);
    (void)port;
    return m;
}

static void start(struct mosquitto *m, int port) {
    if (mosquitto_connect(m, "localhost", port, 60) || mosquitto_loop_start(m)) {
        fprintf(stderr, "load: no connection\n");
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc < 7 || (strcmp(argv[2], "pace") == 0 && argc < 9)) return fprintf(stderr, "usage: see the source\n"), 64;
    int port = atoi(argv[1]);
    int paced = strcmp(argv[2], "pace") == 0;
    long messages = atol(argv[3]), meters = atol(argv[4]);
    out_filter = argv[5];
    long number = atol(argv[6]);
    if (paced) key = argv[7], unit = atof(argv[8]);
    latency_limit = messages;
    latencies = calloc(messages, sizeof *latencies);
    mosquitto_lib_init();
    struct mosquitto *sink = client("load-sink", port), *source = client("load-source", port);
    mosquitto_connect_callback_set(sink, on_sink_connect);
    mosquitto_subscribe_callback_set(sink, on_subscribe);
    mosquitto_message_callback_set(sink, on_message);
    mosquitto_connect_callback_set(source, on_connect);
    mosquitto_publish_callback_set(source, on_publish);
    start(sink, port);
    start(source, port);
    while (!subscribed || !connected) usleep(1000);
    usleep(200000);
    received = 0;

    long long begin = now();
    char topic[64], payload[1024], clock[32];
    for (long i = 0; i < messages; i++) {
        if (paced) {
            long long due = begin + i * 1000000000LL / number;
            while (now() < due) {
                struct timespec rest = {0, due - now() > 100000 ? due - now() - 50000 : 1000};
                nanosleep(&rest, NULL);
            }
        } else {
            while (i - acknowledged >= WINDOW || (number > 0 && i * number - received >= AHEAD)) usleep(50);
        }
        long meter = i % meters, watts = i % CYCLE;
        time_t t = time(NULL);
        struct tm parts;
        gmtime_r(&t, &parts);
        strftime(clock, sizeof clock, "%Y-%m-%dT%H:%M:%S", &parts);
        char id[17];
        for (int d = 0; d < 8; d++) {
            long digit = d == 0 ? 9 : meter;
            for (int k = d; d > 0 && k < 7; k++) digit /= 10;
            sprintf(id + 2 * d, "3%ld", digit % 10);
        }
        snprintf(topic, sizeof topic, "tele/gPlugD_%06ld/SENSOR", meter);
        int length = snprintf(payload, sizeof payload,
            "{\"Time\":\"%s\",\"z\":{\"SMid\":\"%s\",\"Pi\":%ld.%03ld,\"Po\":0.000,\"P1i\":%ld,\"P2i\":0,\"P3i\":0,"
            "\"P1o\":0,\"P2o\":0,\"P3o\":0,\"V1\":229.1,\"V2\":230.4,\"V3\":231.0,\"I1\":%ld.%02ld,\"I2\":0,\"I3\":0,"
            "\"Ei\":42978.400,\"Eo\":14421.118,\"Ei1\":18752.361,\"Ei2\":24226.039,\"Eo1\":9301.114,\"Eo2\":5120.004},"
            "\"ESP32\":{\"Temperature\":41.2},\"TempUnit\":\"C\",\"SPS30\":{\"PM1_0\":1.23,\"PM2_5\":2.51,\"PM4_0\":3.02,"
            "\"PM10\":3.31,\"NCPM0_5\":8.1,\"NCPM1_0\":9.7}}",
            clock, id, watts / 1000, watts % 1000, watts, watts / 229, watts % 229 * 100 / 229);
        if (paced) sent_at[watts] = now();
        int code = mosquitto_publish(source, NULL, topic, length, payload, 1, false);
        if (code) return fprintf(stderr, "load: %s\n", mosquitto_strerror(code)), 1;
        if (i == 0) fprintf(stderr, "payload of %d bytes\n", length);
    }
    long expected = paced ? messages : number == 0 ? LONG_MAX : messages * number;
    long long quiet = now();
    long before = -1;
    while (received < expected) {
        if (received != before) { before = received; quiet = now(); }
        if (now() - quiet > (number == 0 ? 2000000000LL : 5000000000LL)) break;
        usleep(2000);
    }
    double seconds = (last_received - begin) / 1e9;
    printf("{\"sent\":%ld,\"received\":%ld,\"seconds\":%.3f", messages, received, seconds);
    if (paced && latency_count > 0) {
        qsort(latencies, latency_count, sizeof *latencies, by_size);
        printf(",\"p50\":%.0f,\"p99\":%.0f,\"max\":%.0f", latencies[latency_count / 2],
            latencies[latency_count * 99 / 100], latencies[latency_count - 1]);
    }
    printf("}\n");
    return 0;
}
