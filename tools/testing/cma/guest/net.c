// SPDX-License-Identifier: GPL-2.0
/* The network of the guest: see net.h; which server there is, see cmatest/hardware.py. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data.h"
#include "guest.h"
#include "net.h"

#define INTERFACES 2
#define OURS "10.0.2.15"
#define MASK "255.255.255.0"
#define SERVER "10.0.2.100"
#define ECHO 7
#define LINK_MS 8000
#define PROBE_S 20
#define STALL_S 20
#define PART_WORDS 1024
#define NET_FILE 9		/* a sequence of words that no file has */

static struct sockaddr_in address(const char *text, unsigned short port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, text, &in.sin_addr);
	return in;
}

static void set(int fd, unsigned long request, struct ifreq *req, const char *text)
{
	struct sockaddr_in in = address(text, 0);

	memcpy(&req->ifr_addr, &in, sizeof(in));
	if (ioctl(fd, request, req))
		die("%s cannot have %s: %m", req->ifr_name, text);
}

static bool is_running(int fd, const char *name)
{
	struct ifreq req = { 0 };

	snprintf(req.ifr_name, IFNAMSIZ, "%.15s", name);
	return !ioctl(fd, SIOCGIFFLAGS, &req) && req.ifr_flags & IFF_RUNNING;
}

/* False where no link comes up: a controller may have no physical side in QEMU. */
static bool try(int fd, const char *name)
{
	struct ifreq req = { 0 };
	unsigned int ms;

	snprintf(req.ifr_name, IFNAMSIZ, "%.15s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &req))
		return false;
	req.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &req))
		return false;
	for (ms = 0; ms < LINK_MS && !is_running(fd, name); ms += 50)
		usleep(50000);
	if (!is_running(fd, name))
		return false;
	set(fd, SIOCSIFADDR, &req, OURS);
	set(fd, SIOCSIFNETMASK, &req, MASK);
	return true;
}

/*
 * The first one with a link. Its name goes to @name. The drivers may still be waiting for
 * others that this kernel does not have.
 */
void net_up(char *name, size_t len)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	double end = now() + PROBE_S;
	unsigned int i;

	for (i = 0; now() < end; i = (i + 1) % INTERFACES) {
		snprintf(name, len, "eth%u", i);
		if (try(fd, name)) {
			close(fd);
			return;
		}
		usleep(50000);
	}
	die("no network interface has a link");
}

static int dial(void)
{
	struct sockaddr_in server = address(SERVER, ECHO);
	struct timeval stall = { .tv_sec = STALL_S };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &stall, sizeof(stall));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &stall, sizeof(stall));
	if (connect(fd, (struct sockaddr *)&server, sizeof(server)))
		die("cannot reach the server: %m");
	return fd;
}

static void __noreturn send_all(int fd, unsigned long bytes)
{
	static uint64_t part[PART_WORDS];
	unsigned long at = 0, i;

	while (at < bytes / sizeof(*part)) {
		for (i = 0; i < PART_WORDS; i++)
			part[i] = data_word(NET_FILE, at++);
		if (write(fd, part, sizeof(part)) != sizeof(part))
			_exit(1);
	}
	_exit(0);
}

/* Returns how many bytes came back right, one after the other. */
static unsigned long receive(int fd, unsigned long bytes)
{
	static uint64_t part[PART_WORDS];
	unsigned long at = 0, i;

	while (at < bytes / sizeof(*part)) {
		if (recv(fd, part, sizeof(part), MSG_WAITALL) != sizeof(part))
			break;
		for (i = 0; i < PART_WORDS; i++, at++)
			if (part[i] != data_word(NET_FILE, at))
				return at * sizeof(*part);
	}
	return at * sizeof(*part);
}

static unsigned long long counted(const char *name, const char *what)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s_bytes", name, what);
	return number(path);
}

struct traffic net_echo(const char *name, unsigned long bytes)
{
	struct traffic t = {
		.sent = counted(name, "tx"), .received = counted(name, "rx"),
	};
	int fd = dial(), status = 0;
	pid_t child = fork();

	if (!child)
		send_all(fd, bytes);
	t.good = receive(fd, bytes);
	close(fd);
	check(child > 0 && waitpid(child, &status, 0) == child && !status,
	      "not all could be sent");
	t.sent = counted(name, "tx") - t.sent;
	t.received = counted(name, "rx") - t.received;
	return t;
}
