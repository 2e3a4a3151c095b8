/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rehearse.h"

#include "os/clock.h"
#include "os/confine.h"
#include "os/log.h"
#include "os/task.h"
#include "packs/packs.h"
#include "util/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { AT_ONCE = 4, SLOW_NICE = 10 };

#if defined(__SANITIZE_ADDRESS__)
#define LIMITS_MEMORY false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LIMITS_MEMORY false
#endif
#endif
#ifndef LIMITS_MEMORY
#define LIMITS_MEMORY true
#endif

/* What a child shows. */
struct xb_rehearsed {
	bool done;
	bool open; /* it could not be confined, and must be */
};

/* What a child is given: as it was when it began. */
struct planning {
	const struct xb_rehearsals *r;
	struct xb_packs *packs;
	struct xb_seen_target *seen;
	struct xb_rehearsed *shown;
};

/* ---- in the child ---- */

/* The bytes of data that the process has now; 0: unknown. */
static unsigned long data_now(void)
{
	unsigned long kib = 0;
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "VmData: %lu kB", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib << 10;
}

/* Beyond what it has from its parent. */
static void limit_memory(void)
{
	unsigned long now = data_now();
	struct rlimit most = {now + ((unsigned long)XB_REHEARSAL_MIB << 20),
			      now + ((unsigned long)XB_REHEARSAL_MIB << 20)};
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	if (LIMITS_MEMORY && now)
		setrlimit(RLIMIT_DATA, &most);
}

static struct xb_err *plan(const struct planning *t, const struct xb_targets *found)
{
	struct xb_publish_result result = {0};
	struct xb_publish_inputs in = {.repo = t->r->repo,
				       .config = t->r->config,
				       .rules = t->r->rules,
				       .options = {.dry = true, .now = xb_now_s()},
				       .packs = t->packs,
				       .metadata = t->r->metadata,
				       .memory = &t->seen->memory};

	in.target = xb_targets_named(found, t->seen->target.name);
	if (!in.target)
		return NULL;
	return xb_publish(&in, &result);
}

/* Where git merges what this program leaves to it: see quarantine.h. */
static struct xb_err *confine(const struct xb_config *c)
{
	const char *tmp = getenv("TMPDIR"), *why;
	XB_AUTOSTRV struct xb_strv writable = {0};

	if (c->sandbox == XB_SANDBOX_NO)
		return NULL;
	xb_strv_add(&writable, tmp && *tmp == '/' ? tmp : "/tmp");
	if (xb_confine(&writable, &why) || c->sandbox == XB_SANDBOX_TRY)
		return NULL;
	return xb_err_new(XB_E_CONFIG, "%s, and [repository] sandbox = require", why);
}

/* An error is an end, too: here it will be the same one. */
static struct xb_err *work(const void *data, bool *attention)
{
	const struct planning *t = data;
	struct xb_target_options o = {.packs = t->packs};
	struct xb_targets found = {0};
	char *names[] = {t->seen->target.name};
	struct xb_err *err;

	(void)attention;
	if (t->r->lock >= 0)
		close(t->r->lock);
	xb_log_level(XB_QUIET);
	limit_memory();
	err = confine(t->r->config);
	t->shown->open = err != NULL;
	if (err)
		return err;
	err = xb_targets_find(t->r->repo, t->r->config, names, 1, &o, &found);
	if (!err)
		err = plan(t, &found);
	xb_err_free(err);
	t->shown->done = true;
	return NULL;
}

/* ---- here ---- */

static void forget(struct xb_rehearsal *one)
{
	if (one->shown)
		munmap(one->shown, sizeof *one->shown);
	one->shown = NULL;
	one->child = NULL;
}

void xb_rehearsal_release(struct xb_rehearsal *one)
{
	if (one->child)
		xb_child_kill(one->child);
	forget(one);
	free(one->over);
	*one = (struct xb_rehearsal){0};
}

static bool is_known(const struct xb_seen *seen, const struct xb_seen_target *l,
		     const struct xb_refview *view)
{
	git_oid tip = xb_refview_value(view, l->target.tip_ref);

	return l->rehearsal.settled && git_oid_equal(&l->rehearsal.tip, &tip) &&
	       git_oid_equal(&l->rehearsal.base, &l->target.base) &&
	       git_oid_equal(&l->rehearsal.common, &seen->common);
}

bool xb_rehearsed(const struct xb_seen *seen, const struct xb_seen_target *l, const struct xb_refview *view)
{
	return l->target.status != XB_TARGET_OK || (is_known(seen, l, view) && !l->rehearsal.over);
}

static struct xb_err *start(const struct xb_rehearsals *r, struct xb_packs *packs, struct xb_seen_target *l)
{
	XB_AUTOFREE char *name = xb_asprintf("plan %s", l->target.name);
	struct planning planning = {r, packs, l, NULL};
	struct xb_task task = {.name = name, .seconds = r->config->limit, .work = work, .data = &planning};

	planning.shown =
	    mmap(NULL, sizeof *planning.shown, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (planning.shown == MAP_FAILED)
		return xb_err_new(XB_E_TEMP, "%s: cannot make a shared page", name);
	l->rehearsal.shown = planning.shown;
	return xb_child_start(&task, r->instance, &l->rehearsal.child);
}

/* One that can't be begun is done without: no process can be had, and there is nobody to starve. */
static void begin(struct xb_rehearsals *r, struct xb_packs *packs, const struct xb_seen *seen,
		  struct xb_seen_target *l, const struct xb_refview *view)
{
	struct xb_err *err;

	xb_rehearsal_release(&l->rehearsal);
	l->rehearsal.common = seen->common;
	l->rehearsal.tip = xb_refview_value(view, l->target.tip_ref);
	l->rehearsal.base = l->target.base;
	err = start(r, packs, l);
	if (!err) {
		r->n++;
		return;
	}
	xb_log_err(XB_WARN, "", err);
	forget(&l->rehearsal);
	l->rehearsal.settled = true;
}

static void end(const struct xb_rehearsals *r, struct xb_rehearsal *one)
{
	bool late = one->child->killed, attention = false;
	struct xb_err *err = xb_child_end(one->child, &attention);

	one->child = NULL;
	one->settled = true;
	if (late)
		one->over = xb_asprintf("its plan takes more than the limit of %u s", r->config->limit);
	else if (one->shown->open)
		one->over =
		    xb_asprintf("its plan can't be made in a sandbox: %s", err ? err->msg : "no word");
	else if (!one->shown->done)
		one->over =
		    xb_asprintf("its plan came to no end, perhaps for more than %d MiB of memory (%s)",
				XB_REHEARSAL_MIB, err ? err->msg : "no word");
	forget(one);
	xb_err_free(err);
}

bool xb_rehearsals_reap(struct xb_rehearsals *r, struct xb_seen *seen)
{
	int64_t now = xb_now_ms();
	bool any = false;

	r->n = 0;
	for (size_t i = 0; i < seen->n; i++) {
		struct xb_rehearsal *one = &seen->v[i].rehearsal;

		if (!one->child)
			continue;
		if (xb_child_expire(one->child, now) || xb_child_ended(one->child)) {
			end(r, one);
			any = true;
		} else {
			r->n++;
		}
	}
	return any;
}

size_t xb_rehearsals_poll(const struct xb_seen *seen, struct pollfd *p)
{
	size_t n = 0;

	for (size_t i = 0; i < seen->n && n < XB_REHEARSALS_MAX; i++)
		if (seen->v[i].rehearsal.child)
			p[n++] = (struct pollfd){.fd = seen->v[i].rehearsal.child->pidfd, .events = POLLIN};
	return n;
}

int64_t xb_rehearsals_deadline(const struct xb_seen *seen)
{
	int64_t first = XB_NEVER;

	for (size_t i = 0; i < seen->n; i++)
		if (seen->v[i].rehearsal.child)
			first = xb_min64(first, seen->v[i].rehearsal.child->deadline);
	return first;
}

/* Those of an earlier look are slow: they run on beside this one, and behind it. */
static size_t count_slow(const struct xb_seen *seen)
{
	size_t n = 0;

	for (size_t i = 0; i < seen->n; i++)
		if (seen->v[i].rehearsal.child) {
			setpriority(PRIO_PROCESS, (id_t)seen->v[i].rehearsal.child->pid, SLOW_NICE);
			n++;
		}
	return n;
}

/* The next that lacks; what was pushed to comes before what is looked at for other reasons. */
static struct xb_seen_target *next_of(const struct xb_seen *seen, const struct xb_refview *view,
				      bool (*due)(const void *data, const struct xb_seen_target *l),
				      const void *data)
{
	struct xb_seen_target *out = NULL;

	for (size_t i = 0; i < seen->n && !(out && out->pushed); i++) {
		struct xb_seen_target *l = &seen->v[i];

		if (due(data, l) && l->target.status == XB_TARGET_OK && !is_known(seen, l, view) &&
		    (!out || l->pushed))
			out = l;
	}
	return out;
}

void xb_rehearse(struct xb_rehearsals *r, struct xb_seen *seen, const struct xb_refview *view,
		 bool (*due)(const void *data, const struct xb_seen_target *l), const void *data)
{
	struct xb_packs *packs = NULL;
	int64_t until = xb_now_ms() + XB_REHEARSAL_WAIT_MS;
	size_t slow;

	xb_rehearsals_reap(r, seen);
	slow = count_slow(seen);
	for (;;) {
		struct pollfd p[XB_REHEARSALS_MAX];
		int64_t left = until - xb_now_ms();

		for (struct xb_seen_target *l; r->n < XB_REHEARSALS_MAX && r->n < slow + AT_ONCE &&
					       (l = next_of(seen, view, due, data));) {
			packs = packs ? packs : xb_packs_of(r->repo);
			begin(r, packs, seen, l, view);
		}
		if (r->n <= slow || left <= 0)
			break;
		poll(p, (nfds_t)xb_rehearsals_poll(seen, p), (int)left);
		xb_rehearsals_reap(r, seen);
		slow = slow < r->n ? slow : r->n;
	}
	xb_packs_free(packs);
}
