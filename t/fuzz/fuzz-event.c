/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as what a relay sends, as a mail that waits, and as the letter of one. */
#include "fuzz-lib.h"

#include "outbox/letter.h"
#include "outbox/outbox.h"
#include "spool/relay.h"
#include "spool/spool.h"

static void as_event(const struct xb_config *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct xb_spool *s = NULL;
	struct xb_spool_batch batch = {0};

	if (fd < 0)
		abort();
	xb_err_free(xb_relay_receive(c, fd));
	close(fd);
	if (xb_spool_open(c->spool, true, &s) || xb_spool_drain(s, &batch) || xb_spool_done(s, &batch))
		abort();
	xb_spool_batch_release(&batch);
	xb_spool_free(s);
}

static void as_letter(const uint8_t *data, size_t size)
{
	XB_AUTOBUF struct xb_buf again = XB_BUF_INIT;
	struct xb_letter l;
	struct xb_err *err = xb_letter_read((const char *)data, size, &l);

	if (!err)
		xb_letter_write(&l, &again);
	xb_err_free(err);
	xb_letter_release(&l);
}

static void as_mail(const char *dir)
{
	struct xb_outbox_entries all = {0};
	struct xb_outbox_summary sum = {0};

	xb_err_free(xb_outbox_list(dir, &all));
	xb_outbox_entries_release(&all);
	xb_err_free(xb_outbox_summary(dir, &sum));
	xb_outbox_summary_release(&sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct xb_config *c;
	XB_AUTOFREE char *path = NULL, *mail = NULL;

	if (!c) {
		if (xb_config_load(NULL, &c) || xb_outbox_make(fuzz_dir()))
			abort();
		free(c->spool);
		c->spool = xb_asprintf("%s/spool", fuzz_dir());
	}
	path = fuzz_file("event", data, size);
	as_event(c, path);
	mail = fuzz_file("outbox/new/1-a", data, size);
	as_mail(fuzz_dir());
	as_letter(data, size);
	return 0;
}
