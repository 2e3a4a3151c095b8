/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "annotate.h"

#include "odb/oidmap.h"
#include "odb/tree.h"
#include "repo/git.h"
#include "util/alloc.h"

#define MAX_NOTE (64u << 10)

const char *xb_source_name(enum xb_source level)
{
	static const char *const names[] = {"tag line", "trailer", "note", "configuration"};

	return names[level];
}

struct note {
	struct xb_annotations annotations;
	char *trouble; /* why they can't be told; NULL: they can */
	struct xb_buf text;
};

struct reader {
	struct xb_store *s;
	struct xb_notes *out;
};

/* A note that can't be understood is the trouble of the lines that have its commit, and of no other. */
static struct xb_err *read_text(struct reader *r, const git_oid *blob, struct note *n)
{
	struct xb_obj *o;
	struct xb_err *err = xb_store_get(r->s, blob, GIT_OBJECT_BLOB, &o);

	if (!err && o->len > MAX_NOTE)
		err = xb_err_new(XB_E_HOSTILE, "more than %u bytes", MAX_NOTE);
	if (!err) {
		if (n->text.n)
			xb_buf_adds(&n->text, "\n\n");
		xb_buf_add(&n->text, o->data, o->len);
		xb_annotations_release(&n->annotations);
		err = xb_annotations_of_note(n->text.p ? n->text.p : "", n->text.n, &n->annotations);
	}
	if (!err || err->code != XB_E_HOSTILE)
		return err;
	free(n->trouble);
	n->trouble = xb_strdup(err->msg);
	xb_err_free(err);
	return NULL;
}

/* A note's path is the annotated object's id, with slashes wherever git fanned it out. */
static struct xb_err *read_note(void *ctx, const char *path, const struct xb_entry *unused,
				const struct xb_entry *e)
{
	struct reader *r = ctx;
	char hex[GIT_OID_HEXSZ + 1];
	size_t n = 0;
	struct note *note;
	git_oid oid;

	(void)unused;
	for (; *path; path++) {
		if (*path == '/')
			continue;
		if (n == GIT_OID_HEXSZ)
			return NULL;
		hex[n++] = *path;
	}
	hex[n] = '\0';
	if (n != GIT_OID_HEXSZ || git_oid_fromstr(&oid, hex) || !xb_entry_is_file(e))
		return NULL; /* other files may live in a notes tree */
	note = xb_oidmap_get(r->out->map, &oid);
	if (!note) {
		note = xb_calloc(1, sizeof *note);
		xb_oidmap_set(r->out->map, &oid, note);
	}
	/* Where there are two, with other slashes in their paths, git takes them for one, too. */
	return read_text(r, &e->oid, note);
}

struct xb_err *xb_notes_load(git_repository *repo, struct xb_store *s, const char *ref, const git_oid *at,
			     struct xb_notes *out)
{
	static const git_oid none;
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	struct reader r = {.s = s, .out = out};
	struct xb_obj *o;
	struct xb_err *err;
	int rc = 0;

	*out = (struct xb_notes){.map = xb_calloc(1, sizeof *out->map)};
	if (at)
		out->commit = *at;
	else if (*ref)
		rc = git_reference_name_to_id(&out->commit, repo, ref);
	if (rc && rc != GIT_ENOTFOUND)
		return xb_err_git(XB_E_IO, rc, "cannot read %s", ref);
	if (git_oid_is_zero(&out->commit))
		return NULL;
	XB_TRY(xb_store_get(s, &out->commit, GIT_OBJECT_COMMIT, &o));
	err = xb_commit_parse(o->data, o->len, &c);
	if (!err)
		err = xb_tree_diff(s, &none, &c.tree, read_note, &r);
	return err ? xb_err_wrap(err, "notes %s", ref) : NULL;
}

static void free_note(void *value)
{
	struct note *n = value;

	xb_annotations_release(&n->annotations);
	free(n->trouble);
	xb_buf_release(&n->text);
	free(n);
}

void xb_notes_release(struct xb_notes *n)
{
	if (n->map)
		xb_oidmap_clear(n->map, free_note);
	free(n->map);
	*n = (struct xb_notes){0};
}

/* One level's words for one commit, gathered before they are weighed. */
struct said {
	enum xb_word word;
	const char *value;
};

struct level {
	struct said *v;
	size_t n, cap;
};

static void say(struct level *l, enum xb_word word, const char *value)
{
	struct said *s;

	if (word == XB_WORD_NONE)
		return;
	s = XB_PUSH(l, v, n, cap);
	s->word = word;
	s->value = value;
}

static void gather(struct level levels[4], const struct xb_config *config, const struct note *note,
		   const struct xb_hist *h)
{
	const struct xb_hex hex = xb_hex(&h->oid);

	for (size_t i = 0; i < config->picks.n; i++) {
		const struct xb_pick_conf *p = &config->picks.v[i];

		if (!strncmp(hex.s, p->commit, strlen(p->commit)))
			say(&levels[XB_BY_CONFIG], xb_word_of(p->word), p->value);
	}
	for (size_t i = 0; note && i < note->annotations.n; i++)
		say(&levels[XB_BY_NOTE], note->annotations.v[i].word, note->annotations.v[i].value);
	for (size_t i = 0; config->trailers && i < h->msg.annotations.n; i++)
		say(&levels[XB_BY_TRAILER], h->msg.annotations.v[i].word, h->msg.annotations.v[i].value);
}

/* "ID", "ID RELEASE" or "ID [RELEASE]": an owned ID, or NULL when it is for another base. */
static char *replacement(const char *value, const char *base_tag)
{
	size_t len = strcspn(value, " \t");
	const char *rest = value + len + strspn(value + len, " \t");
	size_t n = strlen(rest);

	if (n >= 2 && *rest == '[' && rest[n - 1] == ']') {
		rest++;
		n -= 2;
	}
	if (n && (!base_tag || strlen(base_tag) != n || strncmp(base_tag, rest, n) != 0))
		return NULL;
	return xb_memdup0(value, len);
}

static struct xb_err *contradiction(const struct xb_hist *h, enum xb_source level, const struct said *a,
				    const struct said *b)
{
	return xb_err_new(XB_E_CONFIG, "commit %s: the %s says both \"%s: %s\" and \"%s: %s\"; keep one",
			  xb_hex(&h->oid).s, xb_source_name(level), xb_word_name(a->word), a->value,
			  xb_word_name(b->word), b->value);
}

/* Within one level: it fixes an advisory and only repairs that fix; two replacements on one base. */
static struct xb_err *check(const struct level *l, enum xb_source level, const struct xb_hist *h,
			    const char *base_tag)
{
	for (size_t i = 0; i < l->n; i++) {
		for (size_t j = i + 1; j < l->n; j++) {
			const struct said *a = &l->v[i], *b = &l->v[j];
			bool roles = (a->word == XB_WORD_SECURITY && b->word == XB_WORD_FOLLOW_UP_TO) ||
				     (a->word == XB_WORD_FOLLOW_UP_TO && b->word == XB_WORD_SECURITY);

			if (roles && !strcmp(a->value, b->value))
				return contradiction(h, level, a, b);
			if (a->word == XB_WORD_REPLACED_BY && b->word == XB_WORD_REPLACED_BY) {
				XB_AUTOFREE char *x = replacement(a->value, base_tag);
				XB_AUTOFREE char *y = replacement(b->value, base_tag);

				if (x && y && strcmp(x, y) != 0)
					return contradiction(h, level, a, b);
			}
		}
	}
	return NULL;
}

static bool is_role(enum xb_word w)
{
	return w == XB_WORD_SECURITY || w == XB_WORD_FOLLOW_UP_TO || w == XB_WORD_EXCLUDE ||
	       w == XB_WORD_WITHDRAWN;
}

static void take(struct xb_words *w, const struct said *s, enum xb_source level, const char *base_tag)
{
	if (is_role(s->word) && w->role_level == XB_BY_TAG)
		w->role_level = level;
	switch (s->word) {
	case XB_WORD_EXCLUDE:
	case XB_WORD_WITHDRAWN:
		if (w->role_level == level && (s->word == XB_WORD_WITHDRAWN || !w->withdrawn)) {
			free(w->exclude);
			w->exclude = xb_strdup(s->value);
			w->withdrawn = s->word == XB_WORD_WITHDRAWN;
		}
		break;
	case XB_WORD_SECURITY:
		if (w->role_level == level)
			*XB_PUSH(&w->security, v, n, cap) = xb_strdup(s->value);
		break;
	case XB_WORD_FOLLOW_UP_TO:
		if (w->role_level == level)
			*XB_PUSH(&w->follow_up_to, v, n, cap) = xb_strdup(s->value);
		break;
	case XB_WORD_PREREQUISITE_OF:
		if (!w->prerequisite_of.n)
			w->prerequisite_level = level;
		*XB_PUSH(&w->prerequisite_of, v, n, cap) = xb_strdup(s->value);
		break;
	case XB_WORD_REPLACED_BY:
		if (!w->replaced_by)
			w->replaced_by = replacement(s->value, base_tag);
		break;
	case XB_WORD_NONE:
		break;
	}
}

/*
 * What is wrong at one level of the repository is for a person to settle, unless
 * a level above settled it; only the configuration's is an error.
 */
static struct xb_err *weigh(struct xb_words *w, enum xb_source level, struct xb_err *err)
{
	if (!err || level == XB_BY_CONFIG)
		return err;
	if (w->role_level <= level && !w->doubt)
		w->doubt = xb_strdup(err->msg);
	xb_err_free(err);
	return NULL;
}

/* What is wrong with the level itself, before its words are compared. */
static struct xb_err *legible(enum xb_source level, const struct note *note, const struct xb_hist *h)
{
	if (level == XB_BY_NOTE && note && note->trouble)
		return xb_err_new(XB_E_HOSTILE, "the note on %s: %s", xb_hex(&h->oid).s, note->trouble);
	if (level == XB_BY_TAG && h->msg.unread)
		return xb_err_new(XB_E_HOSTILE,
				  "whether %s is a fix can't be told: %s; Exclude: or Security: in a note or "
				  "in [picks] settles it",
				  xb_hex(&h->oid).s, h->msg.unread);
	return NULL;
}

struct xb_err *xb_words_of(const struct xb_config *config, const struct xb_notes *notes,
			   const struct xb_hist *h, const char *base_tag, struct xb_words *out)
{
	const struct note *note = notes ? xb_oidmap_get(notes->map, &h->oid) : NULL;
	struct level levels[4] = {0};
	struct xb_err *err = NULL;

	*out = (struct xb_words){0};
	gather(levels, config, note, h);
	for (size_t n = XB_BY_CONFIG + 1; !err && n-- > XB_BY_TAG;) {
		enum xb_source l = (enum xb_source)n;

		err = weigh(out, l, legible(l, note, h));
		if (!err)
			err = weigh(out, l, check(&levels[l], l, h, base_tag));
		for (size_t i = 0; !err && i < levels[l].n; i++)
			take(out, &levels[l].v[i], l, base_tag);
	}
	for (size_t l = 0; l < 4; l++)
		free(levels[l].v);
	if (err)
		xb_words_release(out);
	return err;
}

static void list_release(struct xb_words_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
}

void xb_words_release(struct xb_words *w)
{
	list_release(&w->security);
	list_release(&w->follow_up_to);
	list_release(&w->prerequisite_of);
	XB_FREE(w->exclude, w->replaced_by, w->doubt);
	*w = (struct xb_words){0};
}
