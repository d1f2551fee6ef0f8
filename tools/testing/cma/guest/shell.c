// SPDX-License-Identifier: GPL-2.0
/* A prompt in the guest, for people. Needs busybox in the initramfs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

/* /dev/console cannot be a controlling terminal; Ctrl-C needs the one behind. */
static void open_terminal(void)
{
	char *names = slurp("/sys/class/tty/console/active");
	char *last = names ? strrchr(names, ' ') : NULL;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s",
		 last ? last + 1 : names ? names : "console");
	path[strcspn(path, "\n")] = '\0';
	free(names);
	setsid();
	fd = open(path, O_RDWR);
	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	ioctl(STDIN_FILENO, TIOCSCTTY, 1);
}

static void console_shell(void)
{
	open_terminal();
	setenv("PATH", "/bin", 1);
	setenv("PS1", "cma:\\w# ", 1);
	setenv("HOME", "/", 1);
	execl("/bin/busybox", "sh", "-i", (char *)NULL);
	_exit(127);
}

void run_shell(void)
{
	pid_t pid;
	int status = 0;

	data_mount();
	sample_load();
	pid = fork();
	if (!pid)
		console_shell();
	while (pid > 0 && wait(&status) != pid)
		;
	check(!(WIFEXITED(status) && WEXITSTATUS(status) == 127),
	      "no /bin/busybox in the initramfs");
}
