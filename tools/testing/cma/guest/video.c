// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=video: the virtual camera of the kernel (vivid with allocators=1) captures
 * to buffers of the area, beside programs and files that fill memory.
 *   video_mib=     of programs [0]
 *   video_cycles=  how often the camera starts and stops [1]
 *   video_width= video_height=  of the picture [1920, 1080]
 * Each cycle allocates four buffers, captures a picture to each, and looks at them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"

#define NODE "/dev/video0"
#define BUFFERS 4
#define FRAME_MS 20000		/* the emulator draws slowly */

static struct video {
	int fd;
	unsigned int size;		/* of a picture, in bytes */
	struct {
		unsigned char *addr;
		size_t len;
	} buffer[BUFFERS];
	unsigned long short_cycles;	/* with fewer buffers than asked for */
	unsigned long blank;		/* pictures that nobody has drawn */
	unsigned long pictures;
	double longest_ms;
} v;

static void video_open(void)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_pix_format *pix = &format.fmt.pix;

	v.fd = open(NODE, O_RDWR | O_CLOEXEC);
	if (v.fd < 0)
		die("cannot open %s: %m", NODE);
	pix->width = bench_option("video_width", 1920);
	pix->height = bench_option("video_height", 1080);
	pix->pixelformat = V4L2_PIX_FMT_YUYV;
	if (ioctl(v.fd, VIDIOC_S_FMT, &format))
		die("the camera refuses the format: %m");
	v.size = pix->sizeimage;
	fact("video.format", "width=%u height=%u bytes=%u", pix->width, pix->height,
	     v.size);
}

/* Returns how many buffers there are now; it may be fewer than asked for. */
static unsigned int video_request(unsigned int count)
{
	struct v4l2_requestbuffers request = {
		.count = count,
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
	};

	if (!ioctl(v.fd, VIDIOC_REQBUFS, &request))
		return request.count;
	if (errno != ENOMEM)
		die("no buffers: %m");
	return 0;
}

static struct v4l2_buffer video_buffer(unsigned int i)
{
	return (struct v4l2_buffer){
		.index = i,
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
	};
}

static void video_map(unsigned int i)
{
	struct v4l2_buffer buffer = video_buffer(i);

	if (ioctl(v.fd, VIDIOC_QUERYBUF, &buffer))
		die("nothing is known of buffer %u: %m", i);
	v.buffer[i].len = buffer.length;
	v.buffer[i].addr = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED,
				v.fd, buffer.m.offset);
	if (v.buffer[i].addr == MAP_FAILED)
		die("cannot map buffer %u: %m", i);
	memset(v.buffer[i].addr, 0, v.size);
	if (ioctl(v.fd, VIDIOC_QBUF, &buffer))
		die("the camera does not take buffer %u: %m", i);
}

/* The test picture has no part that is black as zeroes are. */
static bool is_drawn(const unsigned char *picture)
{
	unsigned int at, zeroes = 0;

	for (at = 0; at < v.size; at += page_size() / 2)
		zeroes += !picture[at] && !picture[at + 1];
	return zeroes * 10 < v.size / (page_size() / 2);
}

static void video_look(void)
{
	struct pollfd ready = { .fd = v.fd, .events = POLLIN };
	struct v4l2_buffer buffer = video_buffer(0);

	if (poll(&ready, 1, FRAME_MS) != 1)
		die("no picture in %u s", FRAME_MS / 1000);
	if (ioctl(v.fd, VIDIOC_DQBUF, &buffer))
		die("the camera does not return a buffer: %m");
	v.blank += !is_drawn(v.buffer[buffer.index].addr);
	v.pictures++;
}

static void video_cycle(void)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	double begin = now();
	unsigned int count = video_request(BUFFERS), i;
	double ms = (now() - begin) * 1000;

	v.longest_ms = ms > v.longest_ms ? ms : v.longest_ms;
	v.short_cycles += count < BUFFERS;
	if (!count)
		return;
	for (i = 0; i < count && i < BUFFERS; i++)
		video_map(i);
	if (ioctl(v.fd, VIDIOC_STREAMON, &type))
		die("the camera does not start: %m");
	for (i = 0; i < count && i < BUFFERS; i++)
		video_look();
	if (ioctl(v.fd, VIDIOC_STREAMOFF, &type))
		die("the camera does not stop: %m");
	for (i = 0; i < count && i < BUFFERS; i++)
		munmap(v.buffer[i].addr, v.buffer[i].len);
	video_request(0);
}

void run_video(void)
{
	unsigned long cycles = bench_option("video_cycles", 1), mib, i;
	struct hog programs = { 0 };

	mib = bench_option("video_mib", 0);
	data_mount();
	if (mib) {
		programs = hog_take(mib * MIB, false);
		data_read_all();
	}
	video_open();
	for (i = 0; i < cycles; i++) {
		video_cycle();
		if (mib)
			check(data_skim(i % DATA_FILES), "a file is not all there");
	}
	fact("video.cycles", "done=%lu short=%lu pictures=%lu blank=%lu longest_ms=%.0f",
	     cycles, v.short_cycles, v.pictures, v.blank, v.longest_ms);
	close(v.fd);
	if (mib)
		fact("video.bad_pages", "%lu", hog_bad_pages(programs));
	hog_drop(programs);
}
