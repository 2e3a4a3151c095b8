/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as each JSON file that is read: states, what was told, advisories' records and metadata. */
#include "fuzz-lib.h"

#include "advisories/metadata.h"
#include "import/record.h"
#include "mail/known.h"
#include "publish/stateref.h"

#include <unistd.h>

static void as_state(const uint8_t *data, size_t size)
{
	json_t *root = json_loadb((const char *)data, size, 0, NULL);
	struct xb_state s = {0};

	if (root && !xb_state_parse(root, &s) && s.picks.n > size)
		abort();
	xb_state_release(&s);
	json_decref(root);
}

static void as_metadata(const struct xb_config *c, const struct xb_rules *rules, const char *path)
{
	struct xb_metadata *m = xb_metadata_open(c);
	struct xb_import_records records = {0};
	XB_AUTOSTRV struct xb_strv needs = {0}, patches = {0};
	XB_AUTOFREE char *id = NULL;
	struct xb_err *err = xb_metadata_take(m, path, &id);

	if (!err) {
		xb_metadata_needs(m, "4.17", id, &needs);
		xb_metadata_patches(m, "4.17", id, &patches);
		xb_metadata_affects(m, "4.17", id);
	}
	xb_err_free(err);
	for (size_t i = 0; xb_metadata_at(m, i); i++)
		xb_metadata_find(m, xb_metadata_at(m, i)->id);
	xb_metadata_free(m);
	xb_err_free(xb_import_read(rules, path, &records));
	xb_import_records_release(&records);
}

/* What was mailed: as this version keeps it, and as earlier ones did. */
static void as_known(const char *name, const uint8_t *data, size_t size)
{
	XB_AUTOFREE char *path = fuzz_file(name, data, size);
	struct xb_known_file f;
	struct xb_known k;

	xb_err_free(xb_known_open(fuzz_dir(), &f));
	xb_known_get(&f, "4.17", &k);
	xb_known_set(&f, &k);
	xb_known_release(&k);
	xb_known_file_release(&f);
	unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct xb_config *c;
	static struct xb_rules *rules;
	XB_AUTOFREE char *list = NULL, *meta = NULL, *mail = NULL, *told = NULL, *patch = NULL;

	if (!c && (xb_config_load(NULL, &c) || xb_rules_compile(c, &rules)))
		abort();
	if (!*c->metadata) {
		free(c->metadata);
		c->metadata = xb_strdup(fuzz_dir());
		mail = xb_asprintf("%s/mail", fuzz_dir());
		told = xb_asprintf("%s/known", mail);
		mkdir(mail, 0700);
		mkdir(told, 0700);
	}
	as_state(data, size);
	list = fuzz_file("xsa.json", data, size);
	meta = fuzz_file("xsa7.meta", data, size);
	patch = fuzz_file("xsa8.patch", data, size);
	as_metadata(c, rules, meta);
	as_metadata(c, rules, patch);
	as_known("mail/known/4.17.json", data, size);
	as_known("mail-known.json", data, size);
	return 0;
}
