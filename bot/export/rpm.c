/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rpm: PatchN: lines, whose numbers stay what they were at an earlier export; how to apply them; a changelog.
 */
#include "export.h"
#include "util/alloc.h"

#include <string.h>

static const char name[] = "patches.spec";

/* The number that FILE has in the text OLD; 0: none. Raises *NEXT above all numbers there. */
static unsigned number_in(const struct xb_buf *old, const char *file, unsigned *next)
{
	unsigned found = 0;

	for (const char *p = old->n ? old->p : NULL; p && *p; p = strchr(p, '\n'), p += p ? 1 : 0) {
		char is[256];
		unsigned n;

		if (sscanf(p, "Patch%9u: %255s", &n, is) != 2)
			continue;
		if (n >= *next)
			*next = n + 1;
		if (!strcmp(is, file))
			found = n;
	}
	return found;
}

static void put_changelog(struct xb_export *e, struct xb_buf *b)
{
	const struct xb_table *t = e->o->table;

	xb_buf_adds(b, "\n# for %changelog\n");
	for (size_t i = 0; i < t->rows.n; i++) {
		const struct xb_table_row *r = &t->rows.v[i];

		if (!xb_export_covers(e, r))
			continue;
		if (r->title) { /* as Fedora writes it */
			xb_buf_adds(b, "# - ");
			xb_export_safe(b, r->title);
			xb_buf_adds(b, " [");
			xb_export_safe(b, r->id);
			xb_export_cves(b, r, ", ");
			xb_buf_adds(b, "]\n");
		} else { /* as XenServer and XCP-ng do */
			xb_buf_adds(b, "# - Fix for ");
			xb_export_safe(b, r->id);
			xb_export_cves(b, r, " ");
			xb_buf_addc(b, '\n');
		}
	}
}

struct xb_err *xb_export_rpm(struct xb_export *e)
{
	XB_AUTOBUF struct xb_buf old = XB_BUF_INIT;
	unsigned next = e->o->start, last = 0, *numbers;
	bool ascend = true;
	struct xb_buf *b;

	XB_TRY(xb_export_before(e, name, &old));
	numbers = xb_calloc(e->patches.n + 1, sizeof *numbers);
	for (size_t i = 0; i < e->patches.n; i++)
		numbers[i] = number_in(&old, e->patches.v[i].pick->file, &next);
	b = xb_export_file(e, name);
	xb_buf_addf(b, "# made by xsabot export: %s\n", e->full);
	for (size_t i = 0; i < e->patches.n; i++) {
		if (!numbers[i])
			numbers[i] = next++;
		ascend &= numbers[i] > last;
		last = numbers[i];
		xb_buf_addf(b, "Patch%u: %s\n", numbers[i], e->patches.v[i].pick->file);
	}
	xb_buf_adds(b, ascend ? "\n# for %prep, where it isn't %autosetup -p1\n"
			      : "\n# for %prep; not %autosetup: numbers stay what they were, and the order "
				"is this\n");
	for (size_t i = 0; i < e->patches.n; i++)
		xb_buf_addf(b, "#%%patch -P %u -p1\n", numbers[i]);
	put_changelog(e, b);
	free(numbers);
	return NULL;
}
