// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU's TCG: how often was each guest instruction executed
 * between two marks? profile.py builds it, gives it to QEMU, and reads what
 * it writes.
 *
 *   begin=ADDRESS end=ADDRESS  instructions that switch counting on and off
 *   out=FILE                   "rounds N", then "address count within" lines,
 *                              the address in hex; within is the instructions
 *                              from a call to its return, for the address that
 *                              called and for the one that was called
 *   only=K                     count round K alone; the first one is 1
 *
 * Counting is per address, not per CPU: QEMU has to run the CPUs of the guest
 * in one thread (-icount does, and -accel tcg,thread=single).
 *
 * A plugin cannot read registers, so calls are followed by where they return
 * to. "within" therefore has in it what interrupted the function or ran while
 * it slept; a function that was jumped to counts as part of the one that jumped.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

EXPORTED int qemu_plugin_version = API_VERSION;

/* The translated code has pointers to these: they never move. */
#define MAX_SITES (1U << 20)
#define SLOTS (MAX_SITES * 2)

static struct site {
	uint64_t address;
	uint64_t ever;
	uint64_t at_begin;
	uint64_t counted;
	uint64_t within;
	unsigned int active;
} sites[MAX_SITES];
static unsigned int n_sites;
/* Index of a site plus one, hashed by address. */
static unsigned int slots[SLOTS];

static uint64_t begin, end;
static unsigned long rounds, only;
static bool counting;
static FILE *out;

/* A translation block: where it starts, how it ends. */
struct block {
	struct site *start;
	struct site *last;
	unsigned int n;
	bool calls;
	bool returns;
};

struct frame {
	struct site *caller;
	struct site *callee;
	uint64_t entered;
};

#define MAX_CPUS 8
#define MAX_DEPTH 256
#define INSN_BYTES 4
#define KERNEL_FROM (1ull << 63)

static struct block *previous[MAX_CPUS];
static struct frame stack[MAX_DEPTH];
static unsigned int depth;
/* Instructions since the mark, counted by block. */
static uint64_t elapsed;

static struct site *site_at(uint64_t address)
{
	unsigned int at = (address >> 2) * 0x9e3779b97f4a7c15ull % SLOTS;

	while (slots[at] && sites[slots[at] - 1].address != address)
		at = (at + 1) % SLOTS;
	if (slots[at])
		return &sites[slots[at] - 1];
	if (n_sites == MAX_SITES) {
		fprintf(stderr, "profile: more than %u addresses; raise MAX_SITES\n",
			MAX_SITES);
		exit(1);
	}
	sites[n_sites].address = address;
	slots[at] = ++n_sites;
	return &sites[n_sites - 1];
}

static bool is_call(uint32_t insn)
{
	bool bl = (insn & 0xfc000000) == 0x94000000;
	bool blr = (insn & 0xfffffc1f) == 0xd63f0000;

	return bl || blr;
}

static bool is_return(uint32_t insn)
{
	return (insn & 0xfffffc1f) == 0xd65f0000;
}

static void push(struct site *caller, struct site *callee)
{
	if (depth == MAX_DEPTH)
		return;
	callee->active++;
	stack[depth++] = (struct frame){ caller, callee, elapsed };
}

/* Only the outermost call of a function that calls itself counts. */
static void pop(void)
{
	struct frame *f = &stack[--depth];

	f->caller->within += elapsed - f->entered;
	if (!--f->callee->active)
		f->callee->within += elapsed - f->entered;
}

/* A return that nobody waits for is one of another task. */
static void pop_to(uint64_t address)
{
	unsigned int d = depth;

	while (d && stack[d - 1].caller->address + INSN_BYTES != address)
		d--;
	while (d && depth >= d)
		pop();
}

static void on_block(unsigned int cpu, void *data)
{
	struct block *b = data, *prev = previous[cpu % MAX_CPUS];

	if (!counting)
		return;
	if (prev && prev->calls && b->start->address >= KERNEL_FROM)
		push(prev->last, b->start);
	else if (prev && prev->returns)
		pop_to(b->start->address);
	previous[cpu % MAX_CPUS] = b;
	elapsed += b->n;
}

static void on_begin(unsigned int cpu, void *data)
{
	unsigned int i;

	(void)cpu;
	(void)data;
	rounds++;
	counting = !only || rounds == only;
	for (i = 0; counting && i < n_sites; i++)
		sites[i].at_begin = sites[i].ever;
	memset(previous, 0, sizeof(previous));
	elapsed = 0;
}

/* A site that was not there at the beginning has at_begin == 0, as it should. */
static void on_end(unsigned int cpu, void *data)
{
	unsigned int i;

	(void)cpu;
	(void)data;
	for (i = 0; counting && i < n_sites; i++)
		sites[i].counted += sites[i].ever - sites[i].at_begin;
	while (counting && depth)
		pop();
	counting = false;
}

static void follow_calls(struct qemu_plugin_tb *tb, size_t n)
{
	struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(tb, 0);
	struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, n - 1);
	struct block *b = malloc(sizeof(*b));
	uint32_t insn;

	if (!b)
		abort();
	memcpy(&insn, qemu_plugin_insn_data(last), sizeof(insn));
	*b = (struct block){
		.start = site_at(qemu_plugin_insn_vaddr(first)),
		.last = site_at(qemu_plugin_insn_vaddr(last)),
		.n = n,
		.calls = is_call(insn),
		.returns = is_return(insn),
	};
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block,
					     CB_READS_NO_REGISTERS, b);
}

static void watch(struct qemu_plugin_insn *insn)
{
	uint64_t address = qemu_plugin_insn_vaddr(insn);
	uint64_t *ever = &site_at(address)->ever;
	exec_fn mark = address == begin ? on_begin : on_end;

	if (address == begin || address == end)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, mark,
						       CB_READS_NO_REGISTERS,
						       NULL);
	qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD, ever, 1);
}

static void on_translate(plugin_id id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	if (n)
		follow_calls(tb, n);
	for (i = 0; i < n; i++)
		watch(qemu_plugin_tb_get_insn(tb, i));
}

static void on_exit_write(plugin_id id, void *data)
{
	const struct site *s;

	(void)id;
	(void)data;
	fprintf(out, "rounds %lu%s\n", rounds, counting ? " open" : "");
	for (s = sites; s < sites + n_sites; s++)
		if (s->counted)
			fprintf(out, "%llx %llu %llu\n",
				(unsigned long long)s->address,
				(unsigned long long)s->counted,
				(unsigned long long)s->within);
	if (fclose(out))
		perror("profile: cannot write the counts");
}

static bool argument(const char *text)
{
	const char *value = strchr(text, '=');

	if (!value++)
		return false;
	if (!strncmp(text, "begin=", 6))
		begin = strtoull(value, NULL, 0);
	else if (!strncmp(text, "end=", 4))
		end = strtoull(value, NULL, 0);
	else if (!strncmp(text, "only=", 5))
		only = strtoul(value, NULL, 0);
	else if (!strncmp(text, "out=", 4))
		out = fopen(value, "w");
	else
		return false;
	return true;
}

EXPORTED int qemu_plugin_install(plugin_id id, const void *info, int argc,
				 char **argv)
{
	int i;

	(void)info;
	for (i = 0; i < argc; i++) {
		if (!argument(argv[i])) {
			fprintf(stderr, "profile: '%s' is no argument of this plugin\n",
				argv[i]);
			return 1;
		}
	}
	if (!begin || !end || !out) {
		fprintf(stderr, "profile: begin=, end= and a writable out= are needed\n");
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_exit_write, NULL);
	return 0;
}
