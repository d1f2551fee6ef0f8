// SPDX-License-Identifier: GPL-2.0
/* A prompt in the guest, for people. Needs busybox in the initramfs. */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include "guest.h"

static void console_shell(void)
{
	setsid();
	ioctl(STDIN_FILENO, TIOCSCTTY, 1);
	setenv("PATH", "/bin", 1);
	setenv("PS1", "cma:\\w# ", 1);
	setenv("HOME", "/", 1);
	execl("/bin/busybox", "sh", "-i", (char *)NULL);
	_exit(127);
}

void run_shell(void)
{
	pid_t pid;
	int status;

	data_mount();
	pid = fork();
	if (!pid)
		console_shell();
	while (pid > 0 && wait(&status) != pid)
		;
	check(!(WIFEXITED(status) && WEXITSTATUS(status) == 127),
	      "no /bin/busybox in the initramfs");
}
