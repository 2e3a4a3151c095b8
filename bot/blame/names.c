/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "names.h"

#include "repo/git.h"
#include "util/alloc.h"

/* Names: two chained tables, by the first seven hex digits and by the subject's hash. */
#define BUCKETS 4096

struct name {
	const char *text; /* hex digits or subject, borrowed */
	size_t number;
	enum xb_name_kind kind;
	struct name *next; /* older ones follow newer ones */
};

struct xb_names {
	struct name *hex[BUCKETS], *subject[BUCKETS];
	struct xb_strv ids; /* owned texts */
};

struct xb_names *xb_names_new(void)
{
	return xb_calloc(1, sizeof(struct xb_names));
}

static void free_chain(struct name *n)
{
	while (n) {
		struct name *next = n->next;

		free(n);
		n = next;
	}
}

void xb_names_free(struct xb_names *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		free_chain(n->hex[i]);
		free_chain(n->subject[i]);
	}
	xb_strv_release(&n->ids);
	free(n);
}

static size_t bucket(const char *s, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len && s[i]; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return (h ^ h >> 15) % BUCKETS;
}

static void add_name(struct name **head, const char *text, size_t number, enum xb_name_kind kind)
{
	struct name *n = xb_calloc(1, sizeof *n);

	*n = (struct name){.text = text, .number = number, .kind = kind, .next = *head};
	*head = n;
}

#define SHORTEST 7 /* hex digits */

void xb_names_add(struct xb_names *n, const struct xb_hist *h, size_t number)
{
	char *id = xb_strdup(xb_hex(&h->oid).s);

	*XB_PUSH(&n->ids, v, n, cap) = id;
	add_name(&n->hex[bucket(id, SHORTEST)], id, number, XB_NAME_ID);
	for (size_t i = 0; i < h->msg.origins.n; i++) {
		const char *hex = h->msg.origins.v[i].hex;

		add_name(&n->hex[bucket(hex, SHORTEST)], hex, number, XB_NAME_ORIGIN);
	}
	if (h->msg.subject && *h->msg.subject)
		add_name(&n->subject[bucket(h->msg.subject, 200)], h->msg.subject, number, XB_NAME_SUBJECT);
}

/* One is the beginning of the other: both may be abbreviated, to no less than seven digits. */
static bool same_id(const char *a, const char *b)
{
	size_t x = strlen(a), y = strlen(b), n = x < y ? x : y;

	return n >= SHORTEST && !memcmp(a, b, n);
}

static const struct name *find_hex(const struct xb_names *n, const char *hex, enum xb_name_kind kind)
{
	for (const struct name *e = n->hex[bucket(hex, SHORTEST)]; e; e = e->next)
		if (e->kind == kind && same_id(e->text, hex))
			return e;
	return NULL;
}

enum xb_name_kind xb_names_find(const struct xb_names *n, const char *hex, const char *subject,
				size_t *number)
{
	const struct name *found = NULL;

	if (hex && strlen(hex) >= SHORTEST) {
		found = find_hex(n, hex, XB_NAME_ID);
		if (!found)
			found = find_hex(n, hex, XB_NAME_ORIGIN);
	}
	if (!found && subject && *subject)
		for (found = n->subject[bucket(subject, 200)]; found && strcmp(found->text, subject) != 0;)
			found = found->next;
	if (!found)
		return XB_NAME_NONE;
	*number = found->number;
	return found->kind;
}
