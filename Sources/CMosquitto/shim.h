// SPDX-License-Identifier: Apache-2.0
#include <mosquitto.h>
// libmosquitto 2.1 has moved it, and warns of the old name.
#if __has_include(<mosquitto/mqtt_protocol.h>)
#include <mosquitto/mqtt_protocol.h>
#else
#include <mqtt_protocol.h>
#endif
// Not part of Swift's Glibc module; ends the poll(2) around libmosquitto's sockets.
#include <sys/eventfd.h>
// The header hides it without _GNU_SOURCE; keeps a descriptor that is put in another's place from child processes.
int dup3(int descriptor, int place, int flags);
#include <pthread.h>
// The header hides it without _GNU_SOURCE.
extern int pthread_setname_np(pthread_t thread, const char *name);
