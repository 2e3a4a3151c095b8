/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "picker.h"

#include "attributes.h"
#include "odb/oidmap.h"
#include "util/alloc.h"

/* Merge results are forgotten above this many bytes. */
#define MEMO_SHARE (4u << 20)

/* The result of merging three blobs, kept whole: a trial's blobs are rolled back, its work need not be. */
struct memo {
	struct xb_merge3_result r;
	uint64_t work; /* the bytes of the three */
};

struct xb_picker {
	struct xb_store *s;
	struct xb_oidmap texts;      /* struct xb_text, of objects read */
	struct xb_oidmap made_texts; /* the same, of objects made: gone at each rollback */
	struct xb_oidmap memos;
	struct xb_oidmap attributes; /* see attributes.h */
	struct xb_gitmerge *git;     /* NULL: not in use */
	size_t memo_bytes;
	unsigned long trials;
	struct xb_meter *meter; /* borrowed; NULL: nobody asks */
};

struct xb_picker *xb_picker_new(struct xb_store *s)
{
	struct xb_picker *p = xb_calloc(1, sizeof *p);

	p->s = s;
	xb_oidmap_init(&p->memos, 3);
	xb_attributes_init(&p->attributes);
	return p;
}

static void free_text(void *value)
{
	xb_text_release(value);
	free(value);
}

static void free_memo(void *value)
{
	struct memo *m = value;

	xb_merge3_release(&m->r);
	free(m);
}

void xb_picker_free(struct xb_picker *p)
{
	if (!p)
		return;
	xb_oidmap_clear(&p->texts, free_text);
	xb_oidmap_clear(&p->made_texts, free_text);
	xb_oidmap_clear(&p->memos, free_memo);
	xb_attributes_clear(&p->attributes);
	xb_gitmerge_free(p->git);
	free(p);
}

void xb_picker_use_git(struct xb_picker *p, const char *objects)
{
	if (!p->git)
		p->git = xb_gitmerge_new(p->s, objects);
}

struct xb_gitmerge *xb_picker_git(const struct xb_picker *p)
{
	return p->git;
}

void xb_picker_trim(struct xb_picker *p)
{
	if (xb_store_trim(p->s)) {
		xb_oidmap_clear(&p->texts, free_text);
		xb_oidmap_clear(&p->made_texts, free_text);
	}
	if (p->memo_bytes > MEMO_SHARE) {
		xb_oidmap_clear(&p->memos, free_memo);
		p->memo_bytes = 0;
	}
}

void xb_picker_rollback(struct xb_picker *p, size_t mark)
{
	if (xb_store_mark(p->s) == mark)
		return;
	xb_oidmap_clear(&p->made_texts, free_text);
	xb_store_rollback(p->s, mark);
}

void xb_picker_count(struct xb_picker *p)
{
	p->trials++;
}

unsigned long xb_picker_trials(const struct xb_picker *p)
{
	return p->trials;
}

struct xb_store *xb_picker_store(const struct xb_picker *p)
{
	return p->s;
}

static struct xb_err *get_text(struct xb_picker *p, const git_oid *blob, struct xb_text **out)
{
	struct xb_obj *o;

	XB_TRY(xb_store_get(p->s, blob, GIT_OBJECT_BLOB, &o));
	*out = xb_oidmap_get(o->made ? &p->made_texts : &p->texts, blob);
	if (*out)
		return NULL;
	*out = xb_calloc(1, sizeof **out);
	xb_text_init(*out, (const char *)o->data, o->len);
	xb_oidmap_set(o->made ? &p->made_texts : &p->texts, blob, *out);
	return NULL;
}

struct xb_err *xb_picker_text(struct xb_picker *p, const git_oid *blob, struct xb_text **out)
{
	XB_TRY(get_text(p, blob, out));
	xb_text_split(*out);
	return NULL;
}

void xb_picker_measure(struct xb_picker *p, struct xb_meter *meter)
{
	p->meter = meter;
}

void xb_picker_worked(struct xb_picker *p, const git_oid ids[3], uint64_t work)
{
	uint64_t key = xb_hash_bytes((const char *)ids, 3 * sizeof *ids);

	if (!p->meter || xb_hashmap_find(&p->meter->seen, key ? key : 1))
		return;
	xb_hashmap_at(&p->meter->seen, key ? key : 1);
	p->meter->work += work;
}

struct xb_err *xb_picker_merge(struct xb_picker *p, const git_oid ids[3], const struct xb_merge3_result **out)
{
	struct xb_text *base, *ours, *theirs;
	struct memo *m = xb_oidmap_get(&p->memos, ids);

	if (!m) {
		XB_TRY(get_text(p, &ids[0], &base));
		XB_TRY(get_text(p, &ids[1], &ours));
		XB_TRY(get_text(p, &ids[2], &theirs));
		m = xb_calloc(1, sizeof *m);
		xb_merge3(base, ours, theirs, XB_GIT_2_39, &m->r);
		m->work = base->len + ours->len + theirs->len;
		p->memo_bytes += m->r.out.n + m->r.n * sizeof *m->r.v;
		xb_oidmap_set(&p->memos, ids, m);
	}
	xb_picker_worked(p, ids, m->work);
	*out = &m->r;
	return NULL;
}

struct xb_err *xb_picker_interferes(struct xb_picker *p, const git_oid *root, const char *path, bool *out)
{
	return xb_attributes_interfere(p->s, &p->attributes, root, path, out);
}
