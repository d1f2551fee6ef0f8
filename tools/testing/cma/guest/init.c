// SPDX-License-Identifier: GPL-2.0
/* init of the guest: mount what the tests need, do what cma_test= says. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "guest.h"

static const struct {
	const char *type;
	const char *dir;
} mounts[] = {
	{ "proc", "/proc" },
	{ "sysfs", "/sys" },
	{ "devtmpfs", "/dev" },
	{ "debugfs", "/sys/kernel/debug" },
	{ "tracefs", "/sys/kernel/tracing" },
	{ "tmpfs", "/tmp" },
	{ "cgroup2", "/sys/fs/cgroup" },
};

static const struct {
	const char *name;
	void (*run)(void);
} actions[] = {
	{ "story", run_story },	{ "facts", run_facts },
	{ "views", run_views },	{ "pool", run_pool },
	{ "ledger", run_ledger }, { "cause", run_cause },
	{ "elsewhere", run_elsewhere },
	{ "tool", run_tool },	{ "heaps", run_heaps },
	{ "dump", run_dump },	{ "reach", run_reach },
	{ "huge", run_huge },	{ "gigantic", run_gigantic },
	{ "buffers", run_buffers }, { "hmb", run_hmb },
	{ "blocks", run_blocks },
	{ "merge", run_merge },	{ "missing", run_missing },
	{ "slow", run_slow },	{ "journal", run_journal },
	{ "churn", run_churn },	{ "anon", run_anon },
	{ "pin", run_pin },	{ "pair", run_pair },
	{ "locked", run_locked },
	{ "fuse", run_fuse },	{ "spin", run_spin },
	{ "overlap", run_overlap },
	{ "bench", run_bench },	{ "starve", run_starve },
	{ "rest", run_rest },	{ "fault", run_fault },
	{ "camera", run_camera }, { "video", run_video },
	{ "suspend", run_suspend }, { "module", run_module },
	{ "suspend", run_suspend }, { "display", run_display },
	{ "soc", run_soc },
	{ "rounds", run_rounds },
	{ "container", run_container },	{ "soak", run_soak },
	{ "stress", run_stress },	{ "selftests", run_selftests },
	{ "shell", run_shell },
};

/* A real-time kernel has a thread write to it, and a reboot does not wait for that. */
static void console_flush(void)
{
	struct utsname name;

	if (!uname(&name) && strstr(name.version, "PREEMPT_RT"))
		sleep(1);
}

static void mount_all(void)
{
	unsigned int i;

	mkdir("/data", 0755);
	for (i = 0; i < ARRAY_SIZE(mounts); i++) {
		mkdir(mounts[i].dir, 0755);
		if (mount(mounts[i].type, mounts[i].dir, mounts[i].type, 0,
			  NULL))
			fprintf(stderr, "cannot mount %s: %m\n",
				mounts[i].type);
	}
}

/*
 * Most tests look at what becomes of an area that is lent to the last page. With
 * cma_ready= there is as much ready as the kernel finds right.
 */
static void lend_all(void)
{
	if (!getenv("cma_ready"))
		put("/proc/sys/vm/cma_ready_percent", "0");
}

static void run(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		if (!strcmp(actions[i].name, name)) {
			actions[i].run();
			return;
		}
	}
	check(false, "no action named '%s'", name);
}

int main(int argc, char **argv)
{
	const char *name;

	if (getpid() != 1 && argc == 2)
		run_member(argv[1]);
	/* What we free must leave the area, too, not wait in our heap. */
	mallopt(M_MMAP_THRESHOLD, 64 * 1024);
	mount_all();
	say_open();
	/* On arm without COMPAT_32BIT_TIME, nobody ever slept, and no test failed for that. */
	if (usleep(1))
		die("programs cannot sleep on this kernel: %m");
	groups_make();
	lend_all();
	name = getenv("cma_test");
	run(name ? name : "shell");
	fact("end", "%s", first_failure() ? "failed" : "ok");
	console_flush();
	/* QEMU runs with -no-reboot, and ends. */
	reboot(RB_AUTOBOOT);
	return 1;
}
