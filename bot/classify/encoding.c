/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encoding.h"

#include "util/alloc.h"

#include <iconv.h>
#include <string.h>
#include <strings.h>

static const char *const known[] = {
    "ISO-8859-1", "ISO-8859-2",   "ISO-8859-15",  "latin1",       "latin-1", "ISO8859-1",
    "ISO8859-15", "windows-1250", "windows-1251", "windows-1252", "CP1250",  "CP1251",
    "CP1252",     "KOI8-R",       "KOI8-U",       "EUC-JP",       "EUC-KR",  "Shift_JIS",
    "SJIS",       "GBK",          "GB2312",       "GB18030",      "Big5",
};

/* latin-1, as git takes it for the name. */
static const char *name_of(const struct xb_slice *s)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i]) == s->n && !strncasecmp(known[i], s->p, s->n))
			return strcmp(known[i], "latin-1") ? known[i] : "latin1";
	return NULL;
}

static char *convert(iconv_t cd, const char *text, size_t n, size_t *out_n)
{
	size_t room = n * 4, left = room, in_left = n;
	char *out = xb_malloc(room + 1), *to = out, *in = xb_memdup0(text, n), *from = in;
	size_t rc = iconv(cd, &from, &in_left, &to, &left);

	free(in);
	if (rc == (size_t)-1) {
		free(out);
		return NULL;
	}
	*to = '\0';
	*out_n = room - left;
	return out;
}

char *xb_message_recoded(const struct xb_commit *c, size_t *n)
{
	const char *name = c->encoding.p ? name_of(&c->encoding) : NULL;
	char *out;
	iconv_t cd;

	if (!name || !c->message.n)
		return NULL;
	cd = iconv_open("UTF-8", name);
	if (cd == (iconv_t)-1)
		return NULL;
	out = convert(cd, c->message.p, c->message.n, n);
	iconv_close(cd);
	return out;
}
