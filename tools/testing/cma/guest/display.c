// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=display: a picture out of an area. The buffer belongs to a display driver of
 * others; the controller reads it in one piece, page after page, as no CPU does.
 *   display_mib=    of programs between the first picture and the second [64]
 *   display_idle=   MiB of a program that never looks at them, before that [0]
 *   display_files=  files that are read after that, of 64 MiB [1]
 *   display_cycles= how often the buffer is given back and taken anew meanwhile [1]
 * Each pixel of a picture has a colour of its own, see cmatest/hardware.py. Who looks at the
 * screen answers with a line on the second serial port.
 */
#include <drm/drm.h>
#include <drm/drm_fourcc.h>
#include <drm/drm_mode.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"

#define CARD "/dev/dri/card0"
#define ANSWERS "/dev/ttyAMA1"
#define REGISTERS "/sys/kernel/debug/dri/0/regs"
#define MODES 64
#define COLOURS 0xffffff
#define STEP 0x9e3779		/* odd: the colours of 2^24 pixels differ */
#define NEXT_PICTURE 0x100000	/* more than a picture has pixels */

static struct display {
	int fd, answers;
	uint32_t crtc, connector, fb;
	struct drm_mode_modeinfo mode;
	struct drm_mode_create_dumb dumb;
	uint32_t *pixels;
	unsigned long pages;
	double longest_ms;
} d;

static void drm(unsigned long request, void *arg, const char *what)
{
	if (ioctl(d.fd, request, arg))
		die("the display driver does not %s: %m", what);
}

/* One controller and one output, as these boards have. */
static void find_output(void)
{
	struct drm_mode_card_res res = { .count_crtcs = 1, .count_connectors = 1 };

	d.fd = open(CARD, O_RDWR | O_CLOEXEC);
	d.answers = open(ANSWERS, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (d.fd < 0 || d.answers < 0)
		die("cannot open " CARD " and " ANSWERS ": %m");
	res.crtc_id_ptr = (uintptr_t)&d.crtc;
	res.connector_id_ptr = (uintptr_t)&d.connector;
	drm(DRM_IOCTL_MODE_GETRESOURCES, &res, "say what it has");
	if (res.count_crtcs != 1 || res.count_connectors != 1)
		die("%u controllers and %u outputs", res.count_crtcs,
		    res.count_connectors);
}

/* The largest mode that the driver allows, of those that the monitor has. */
static void find_mode(void)
{
	static struct drm_mode_modeinfo modes[MODES];
	struct drm_mode_get_connector con = { .connector_id = d.connector };
	unsigned int i;

	drm(DRM_IOCTL_MODE_GETCONNECTOR, &con, "look at the monitor");
	if (!con.count_modes || con.count_modes > MODES)
		die("the monitor has %u modes", con.count_modes);
	con.modes_ptr = (uintptr_t)modes;
	con.count_props = 0;
	con.count_encoders = 0;
	drm(DRM_IOCTL_MODE_GETCONNECTOR, &con, "name the modes");
	for (i = 0; i < con.count_modes && i < MODES; i++)
		if (modes[i].hdisplay * modes[i].vdisplay >
		    d.mode.hdisplay * d.mode.vdisplay)
			d.mode = modes[i];
}

static void buffer_map(void)
{
	struct drm_mode_map_dumb map = { .handle = d.dumb.handle };

	drm(DRM_IOCTL_MODE_MAP_DUMB, &map, "map the buffer");
	d.pixels = mmap(NULL, d.dumb.size, PROT_READ | PROT_WRITE, MAP_SHARED, d.fd,
			map.offset);
	if (d.pixels == MAP_FAILED)
		die("cannot map the buffer: %m");
	d.pages = d.dumb.size / page_size();
}

static void buffer_take(void)
{
	struct drm_mode_fb_cmd2 fb = { .pixel_format = DRM_FORMAT_XRGB8888 };
	double begin = now(), ms;

	d.dumb = (struct drm_mode_create_dumb){
		.width = d.mode.hdisplay, .height = d.mode.vdisplay, .bpp = 32,
	};
	drm(DRM_IOCTL_MODE_CREATE_DUMB, &d.dumb, "give a buffer");
	ms = (now() - begin) * 1000;
	d.longest_ms = ms > d.longest_ms ? ms : d.longest_ms;
	buffer_map();
	fb.width = d.dumb.width;
	fb.height = d.dumb.height;
	fb.handles[0] = d.dumb.handle;
	fb.pitches[0] = d.dumb.pitch;
	drm(DRM_IOCTL_MODE_ADDFB2, &fb, "take the buffer as a picture");
	d.fb = fb.fb_id;
}

/* The controller is switched off with the picture that it shows. */
static void buffer_give(void)
{
	struct drm_mode_destroy_dumb gone = { .handle = d.dumb.handle };

	munmap(d.pixels, d.dumb.size);
	drm(DRM_IOCTL_MODE_RMFB, &d.fb, "forget the picture");
	drm(DRM_IOCTL_MODE_DESTROY_DUMB, &gone, "take its buffer back");
}

static void draw(unsigned int picture)
{
	uint32_t i, count = d.dumb.size / sizeof(*d.pixels);

	for (i = 0; i < count; i++)
		d.pixels[i] = (picture * NEXT_PICTURE + i) * STEP & COLOURS;
}

/* What a driver would show that has the pages of its buffer in the wrong order. */
static void swap_pages(unsigned long one, unsigned long other)
{
	unsigned char *base = (unsigned char *)d.pixels;
	size_t bytes = page_size();
	unsigned char *spare = malloc(bytes);

	if (!spare)
		die("no memory for a page");
	memcpy(spare, base + one * bytes, bytes);
	memcpy(base + one * bytes, base + other * bytes, bytes);
	memcpy(base + other * bytes, spare, bytes);
	free(spare);
}

static void picture_show(void)
{
	struct drm_mode_crtc crtc = {
		.set_connectors_ptr = (uintptr_t)&d.connector, .count_connectors = 1,
		.crtc_id = d.crtc, .fb_id = d.fb, .mode = d.mode, .mode_valid = 1,
	};

	drm(DRM_IOCTL_MODE_SETCRTC, &crtc, "show the picture");
}

static void wait_for_the_look(const char *name)
{
	char answer[8];

	fact("display.picture", "%s", name);
	if (read(d.answers, answer, sizeof(answer)) <= 0)
		die("nobody looks at the screen: %m");
}

/* Where the controller reads: a register has the address. Its driver shows it. */
static unsigned long shown_pfn(void)
{
	char *text = slurp(REGISTERS), *at;
	unsigned long long address;

	at = text ? strstr(text, "CLCD_UBAS") : NULL;
	at = at ? strchr(at, ':') : NULL;
	if (!at)
		die("cannot read " REGISTERS ": %m");
	address = strtoull(at + 1, NULL, 0);
	free(text);
	if (address % page_size())
		die("the picture begins within a page: %llx", address);
	return address / page_size();
}

/* What the area says of the pages of the buffer. */
static void tell_place(const struct area *a, const char *when, unsigned long pfn)
{
	struct range all = { 0, a->count };
	struct range ours = { pfn - a->base, pfn - a->base + d.pages };
	unsigned char *owners = area_owners(a);
	char key[64];

	if (ours.end > a->count)
		die("the buffer goes on behind the area");
	snprintf(key, sizeof(key), "%s.buffer", when);
	fact(key, "area=%s base=%lu count=%lu pfn=%lu pages=%lu held=%lu all_held=%lu",
	     a->name, a->base, a->count, pfn, d.pages, count_owner(owners, ours, PAGE_HELD),
	     count_owner(owners, all, PAGE_HELD));
	free(owners);
}

/* Stock does not know who holds what. */
static void tell(const char *when)
{
	unsigned long pfn = shown_pfn();
	struct area areas[MAX_AREAS], *a;
	struct area *end = areas + areas_read(areas);
	char path[192];

	for (a = areas; a < end && (pfn < a->base || pfn >= a->base + a->count); a++)
		;
	if (a == end)
		die("the buffer is in no area: pfn %lu", pfn);
	tell_place(a, when, pfn);
	snprintf(path, sizeof(path), AREA_DIR "%s/holders", a->name);
	if (!access(path, R_OK))
		view_facts(a, "holders", when);
}

static void picture(unsigned int number, const char *name)
{
	buffer_take();
	draw(number);
	picture_show();
	tell(name);
	wait_for_the_look(name);
}

/* Pages that belong to somebody else now, in all areas. */
static void tell_lent(void)
{
	struct area areas[MAX_AREAS];
	unsigned int i, n = areas_read(areas);

	for (i = 0; i < n; i++) {
		struct range all = { 0, areas[i].count };
		unsigned char *owners = area_owners(&areas[i]);
		char key[128];

		snprintf(key, sizeof(key), "lent.%.95s", areas[i].name);
		fact(key, "%lu", count_owner(owners, all, PAGE_LENT));
		free(owners);
	}
}

/* Between two pictures, the area belongs to programs and files. */
static struct hog fill(void)
{
	unsigned long files = bench_option("display_files", 1), i;
	struct hog programs;

	data_mount();
	hog_idle(bench_option("display_idle", 0) * MIB);
	programs = hog_take(bench_option("display_mib", 64) * MIB, false);
	for (i = 0; i < files; i++)
		check(data_read(i), "file %lu is not all there", i);
	tell_lent();
	return programs;
}

void run_display(void)
{
	unsigned long cycles = bench_option("display_cycles", 1), i;
	struct hog programs;

	find_output();
	find_mode();
	fact("display.mode", "width=%u height=%u", d.mode.hdisplay, d.mode.vdisplay);
	picture(0, "first");
	buffer_give();
	programs = fill();
	for (i = 1; i < cycles; i++) {
		buffer_take();
		draw(i);
		picture_show();
		buffer_give();
		check(data_skim(0), "a file is not all there");
	}
	picture(1, "second");
	swap_pages(1, d.pages / 2);
	wait_for_the_look("swapped");
	buffer_give();
	fact("display.cycles", "done=%lu longest_ms=%.1f", cycles, d.longest_ms);
	fact("display.bad_pages", "%lu", hog_bad_pages(programs));
	hog_drop(programs);
}
