/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "known-hosts.h"

#include "util/alloc.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <string.h>

/* "|1|" SALT "|" HASH, both base64 of 20 bytes. */
enum { HASH_LEN = 20, BASE64_LEN = 28 };

/* One line's words; all but `names` are NULL where it has too few. */
struct entry {
	char *marker, *names, *type, *key;
};

static char *next_word(char **s)
{
	char *word = *s + strspn(*s, " \t");

	if (!*word)
		return NULL;
	*s = word + strcspn(word, " \t");
	if (**s)
		*(*s)++ = '\0';
	return word;
}

static bool take_entry(char *line, struct entry *e)
{
	*e = (struct entry){0};
	line[strcspn(line, "\r")] = '\0';
	line += strspn(line, " \t");
	if (*line == '#')
		return false;
	if (*line == '@')
		e->marker = next_word(&line);
	e->names = next_word(&line);
	e->type = next_word(&line);
	e->key = next_word(&line);
	return e->key;
}

/* EVP_DecodeBlock counts the padding as bytes; the lengths here are known. */
static bool decode(const char *base64, unsigned char out[HASH_LEN])
{
	unsigned char raw[BASE64_LEN];

	if (EVP_DecodeBlock(raw, (const unsigned char *)base64, BASE64_LEN) < HASH_LEN)
		return false;
	memcpy(out, raw, HASH_LEN);
	return true;
}

static bool is_hash_of(const char *name, const char *host)
{
	unsigned char salt[HASH_LEN], hash[HASH_LEN], ours[EVP_MAX_MD_SIZE];
	unsigned len = sizeof ours;

	if (strlen(name) != 3 + BASE64_LEN + 1 + BASE64_LEN || name[3 + BASE64_LEN] != '|')
		return false;
	if (!decode(name + 3, salt) || !decode(name + 3 + BASE64_LEN + 1, hash))
		return false;
	return HMAC(EVP_sha1(), salt, HASH_LEN, (const unsigned char *)host, strlen(host), ours, &len) &&
	       len == HASH_LEN && !memcmp(ours, hash, HASH_LEN);
}

static bool names_host(const char *names, const char *host)
{
	size_t n;

	if (!strncmp(names, "|1|", 3))
		return is_hash_of(names, host);
	for (; *names; names += n + (names[n] == ',')) {
		n = strcspn(names, ",");
		if (n == strlen(host) && !strncasecmp(names, host, n))
			return true;
	}
	return false;
}

typedef void each_entry(const struct entry *e, void *data);

static void for_each(const char *text, size_t n, each_entry *f, void *data)
{
	while (n) {
		const char *end = memchr(text, '\n', n);
		size_t len = end ? (size_t)(end - text) : n;
		XB_AUTOFREE char *line = xb_memdup0(text, len);
		struct entry e;

		if (take_entry(line, &e))
			f(&e, data);
		len += end != NULL;
		text += len;
		n -= len;
	}
}

struct filter {
	const char *text, *host, *type; /* a prefix of the types wanted */
	size_t n, kept;
	struct xb_buf *out;
};

struct revoked {
	const char *key;
	bool yes;
};

static void look_revoked(const struct entry *e, void *data)
{
	struct revoked *r = data;

	r->yes = r->yes || (e->marker && !strcmp(e->marker, "@revoked") && !strcmp(e->key, r->key));
}

static void keep(const struct entry *e, void *data)
{
	struct filter *f = data;
	struct revoked r = {.key = e->key};

	if (e->marker || strncmp(e->type, f->type, strlen(f->type)) != 0 || !names_host(e->names, f->host))
		return;
	for_each(f->text, f->n, look_revoked, &r);
	if (r.yes)
		return;
	xb_buf_addf(f->out, "%s %s %s\n", f->host, e->type, e->key);
	f->kept++;
}

size_t xb_known_hosts_filter(const char *text, size_t n, const char *host, unsigned port, struct xb_buf *out)
{
	XB_AUTOFREE char *name = port == 22 ? xb_strdup(host) : xb_asprintf("[%s]:%u", host, port);
	struct filter f = {.text = text, .host = name, .n = n, .out = out};

	f.type = "ssh-ed25519";
	for_each(text, n, keep, &f);
	f.type = "ecdsa-sha2-nistp";
	for_each(text, n, keep, &f);
	return f.kept;
}
