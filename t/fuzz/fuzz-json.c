/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as each JSON file that is read: states, what was told, advisories' records and metadata. */
#include "fuzz-lib.h"

#include "advisories/metadata.h"
#include "import/record.h"
#include "mail/known.h"
#include "os/log.h"
#include "state/stateref.h"

#include <errno.h>
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

/* What was mailed; as this version keeps it below one directory, and as earlier ones did below another. */
static void as_known(const char *dir)
{
	struct xb_known_file f;
	struct xb_known k;

	xb_err_free(xb_known_open(dir, &f));
	xb_known_get(&f, "4.17", &k);
	xb_known_set(&f, &k);
	xb_known_release(&k);
	xb_known_file_release(&f);
}

/* Each name that is read leads to the one file that is written. */
static char *named(const char *name)
{
	char *path = xb_asprintf("%s/%s", fuzz_dir(), name);
	XB_AUTOFREE char *bytes = xb_asprintf("%s/bytes", fuzz_dir());

	for (char *at = path + strlen(fuzz_dir()) + 1; (at = strchr(at, '/')); *at++ = '/') {
		*at = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			abort();
	}
	if (link(bytes, path))
		abort();
	return path;
}

static struct {
	struct xb_config *config;
	struct xb_rules *rules;
	char *meta, *patch, *now, *earlier;
} all;

static void begin(void)
{
	if (xb_config_load(NULL, &all.config) || xb_rules_compile(all.config, &all.rules))
		abort();
	xb_log_level(XB_QUIET);
	free(all.config->metadata);
	all.config->metadata = xb_strdup(fuzz_dir());
	free(fuzz_file("bytes", "", 0));
	free(named("xsa.json"));
	all.meta = named("xsa7.meta");
	all.patch = named("xsa8.patch");
	free(named("now/mail-known.json"));
	free(named("earlier/mail/known/4.17.json"));
	all.now = xb_asprintf("%s/now", fuzz_dir());
	all.earlier = xb_asprintf("%s/earlier", fuzz_dir());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!all.config)
		begin();
	free(fuzz_file("bytes", data, size));
	as_state(data, size);
	as_metadata(all.config, all.rules, all.meta);
	as_metadata(all.config, all.rules, all.patch);
	as_known(all.now);
	as_known(all.earlier);
	return 0;
}
