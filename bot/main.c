/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advisories/metadata.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "os/log.h"
#include "repo/git.h"
#include "state/rulesref.h"

#include <stdio.h>

/* What a command needs to be opened before it runs. */
enum needs {
	N_CONFIG = 1,
	N_REPO = 2,
	N_READS = 4,     /* only its refs are read, by whoever may: its owner may be another */
	N_PUBLISHED = 8, /* without a configuration, that which the repository has from its bot */
};

struct command {
	const char *name, *args, *summary;
	size_t min_args, max_args;
	unsigned needs;
	xb_cmd run;
	const char *options; /* the long options that it takes besides the common ones, space-separated */
};

static const struct command commands[] = {
    {"run", "", "drain the spool and bring every line up to date", 0, 0, N_CONFIG | N_REPO, xb_cmd_run, ""},
    {"watch", "", "the same, resident: woken by pushes", 0, 0, N_CONFIG | N_REPO, xb_cmd_watch, ""},
    {"status", "[LINE...]", "how the lines and the bot stand, judged from outside", 0, 1000,
     N_CONFIG | N_REPO | N_READS, xb_cmd_status, "format=text,json,openmetrics,nagios"},
    {"plan", "[LINE...]", "print the ordered list of commits that can be applied, with roles and reasons", 0,
     1000, N_CONFIG | N_REPO | N_PUBLISHED, xb_cmd_plan,
     "base tip format=text,ids,json left-out no-discover no-meaning no-follow-ups rules-version"},
    {"advisories", "[LINE...]", "the table of advisories: state, why, picks, file names, hashes", 0, 1000,
     N_CONFIG | N_REPO | N_PUBLISHED, xb_cmd_advisories,
     "base tip since new-since format=text,json names rules-version"},
    {"export", "LINE DIR", "the picks as patches, and parts of packages made of them", 2, 2,
     N_CONFIG | N_REPO | N_PUBLISHED, xb_cmd_export,
     "base tip for since new-since names revision skip start rules-version"},
    {"check", "[LINE...]", "do the advisories since the release apply on it? For test systems", 0, 1000,
     N_CONFIG | N_REPO | N_PUBLISHED, xb_cmd_check, "base tip format=text,tap,junit rules-version"},
    {"import-advisories", "FILE...", "note the commits that patches and databases name for advisories", 1,
     1000, N_CONFIG | N_REPO, xb_cmd_import, "line base tip dry-run apply"},
    {"check-advisory", "FILE...", "do these patches, or those of an xsaN.meta, apply? Nothing is stored", 1,
     1000, N_CONFIG | N_REPO | N_PUBLISHED, xb_cmd_check_advisory,
     "line base tip format=text,tap,junit rules-version"},
    {"report", "[LINE...]", "from each release to the next: how much was security, and what it took", 0, 1000,
     N_CONFIG | N_REPO | N_PUBLISHED, xb_cmd_report,
     "format=text,csv no-discover no-meaning no-follow-ups rules-version"},
    {"pages", "DIR [LINE...]", "pages and feeds for a web server: lines, advisories, patches", 1, 1000,
     N_CONFIG | N_REPO | N_PUBLISHED, xb_cmd_pages, "numbers rules-version"},
    {"build", "LINE", "write the chain's commits and print its tip; moves no ref", 1, 1, N_CONFIG | N_REPO,
     xb_cmd_build, "base tip no-discover no-meaning no-follow-ups rules-version"},
    {"publish", "LINE", "what run does, for one line", 1, 1, N_CONFIG | N_REPO, xb_cmd_publish,
     "now retest accept-removal"},
    {"explain", "WHAT [LINE...]", "where a commit or an advisory is, in which role, why, or why not", 1, 1000,
     N_CONFIG | N_REPO | N_PUBLISHED, xb_cmd_explain,
     "base tip no-discover no-meaning no-follow-ups rules-version"},
    {"verify", "[LINE...]", "recompute and compare with the derived ref, here or in a clone", 0, 1000,
     N_CONFIG | N_REPO | N_PUBLISHED, xb_cmd_verify, "strict with-git"},
    {"search", "LINE", "find the fewest commits that make a failing candidate pass; applies nothing", 1, 1,
     N_CONFIG | N_REPO | N_PUBLISHED, xb_cmd_search,
     "command base tip state timeout tests no-discover no-meaning no-follow-ups rules-version"},
    {"suggest-config", "REPO", "a configuration by what is in a repository, with what is unsure said", 1, 1,
     0, xb_cmd_suggest_config, ""},
    {"check-config", "", "check the configuration and show what it finds in the repository", 0, 0,
     N_CONFIG | N_REPO, xb_cmd_check_config, ""},
    {"config-keys", "", "print all keys of a configuration: defaults, what they are for, what is allowed", 0,
     0, 0, xb_cmd_config_keys, ""},
    {"doctor", "", "check all around the program, other hosts too, and say what to do", 0, 0,
     N_CONFIG | N_REPO | N_READS, xb_cmd_doctor, ""},
    {"systemd", "[DIR]", "print units for this configuration, or write them to DIR", 0, 1, N_CONFIG,
     xb_cmd_systemd, "for"},
    {"install-hook", "REPO", "put the post-receive hook into a repository", 1, 1, N_CONFIG,
     xb_cmd_install_hook, "protect"},
    {"adopt", "LINE", "take over a derived ref that someone else made or moved", 1, 1, N_CONFIG | N_REPO,
     xb_cmd_adopt, ""},
    {"withdraw", "WHAT LINE", "take a published fix, or a commit, back, and keep it away", 2, 2,
     N_CONFIG | N_REPO, xb_cmd_withdraw, "reason dry-run"},
    {"reinstate", "WHAT LINE", "undo that", 2, 2, N_CONFIG | N_REPO, xb_cmd_reinstate, "dry-run"},
    {"retire", "LINE", "the end of a line: its branch stays as it is for good", 1, 1, N_CONFIG | N_REPO,
     xb_cmd_retire, "reason dry-run"},
    {"unretire", "LINE", "undo that", 1, 1, N_CONFIG | N_REPO, xb_cmd_unretire, ""},
    {"outbox", "[list | show ID | retry [ID] | drop ID]", "mail that waits or was given up", 0, 2, N_CONFIG,
     xb_cmd_outbox, ""},
    {"mail", "LINE", "with --preview: print the mails that would be sent", 1, 1, N_CONFIG | N_REPO,
     xb_cmd_mail, "preview base tip no-discover no-meaning no-follow-ups rules-version"},
    {"mirror", "[NAME...]", "how the mirrors stand; with --push, push to them now", 0, 1000,
     N_CONFIG | N_REPO, xb_cmd_mirror, "push adopt"},
    {"fetch", "", "fetch from the upstream, and metadata by its address, now", 0, 0, N_CONFIG | N_REPO,
     xb_cmd_fetch, ""},
    {"relay", "", "send the hook's events to a bot on another host", 0, 0, N_CONFIG, xb_cmd_relay, "once"},
    {"receive-event", "", "take an event from standard input into the spool", 0, 0, N_CONFIG,
     xb_cmd_receive_event, ""},
};

static void usage(FILE *to)
{
	fputs("usage: xsabot [-c FILE] [-C REPO] [-q] [-v] COMMAND ...\n\n", to);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(to, "  %-12s %-14s %s\n", commands[i].name, commands[i].args, commands[i].summary);
	fputs("\n  -c FILE    the configuration; without it, Xen's rules\n"
	      "  -C REPO    the repository, in place of the configured one\n"
	      "  -q, -v     say less, say more\n"
	      "  -h         help; after a command: its options\n"
	      "  --version  print the version\n\n"
	      "Exit status: 0 done; 1 done, and a person should look; 64 usage; 70 failure;\n"
	      "75 temporary failure; 78 configuration. See xsabot(1).\n",
	      to);
}

static void command_usage(const struct command *c)
{
	printf("usage: xsabot [-c FILE] [-C REPO] [-q] [-v] %s%s%s%s\n\n%s\n", c->name,
	       *c->options ? " [OPTIONS]" : "", *c->args ? " " : "", c->args, c->summary);
	if (*c->options)
		putchar('\n');
	xb_options_help(c->options);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static struct xb_err *check_usage(const struct command *c, const struct xb_options *o,
				  const struct xb_given *given)
{
	const char *stray = xb_options_stray(given, c->options);

	if (stray)
		return xb_err_new(XB_E_USAGE, "%s takes no --%s; see xsabot %s -h", c->name, stray, c->name);
	if (o->n_args < c->min_args)
		return xb_err_new(XB_E_USAGE, "%s needs %s; see xsabot %s -h", c->name, c->args, c->name);
	if (o->n_args > c->max_args)
		return xb_err_new(XB_E_USAGE, "%s: there is one argument too many, %s; see xsabot %s -h",
				  c->name, o->args[c->max_args], c->name);
	return xb_options_check_format(o, c->options);
}

static struct xb_err *open_repository(struct xb_env *env, unsigned needs)
{
	if (!env->config->repository)
		return xb_err_new(XB_E_USAGE,
				  "which repository? Give -C REPO, or -c FILE with [repository] path");
	XB_TRY(xb_git_init());
	return xb_git_open(env->config->repository, needs & N_READS ? XB_GIT_ANY_OWNER : 0, &env->repo);
}

/* In the place of the built-in defaults. */
static struct xb_err *take_published(struct xb_env *env)
{
	struct xb_config *published;

	XB_TRY(xb_rules_ref_read(env->repo, &published));
	if (!published)
		return NULL;
	xb_log(XB_DEBUG, "by the rules that the repository has from its bot");
	xb_config_set_repository(published, env->config->repository);
	xb_config_free(env->config);
	env->config = published;
	return NULL;
}

static struct xb_err *open_env(struct xb_env *env, unsigned needs)
{
	if (!needs)
		return NULL;
	XB_TRY(xb_config_load(env->o.config, &env->config));
	if (env->o.repo)
		xb_config_set_repository(env->config, env->o.repo);
	if (needs & N_REPO)
		XB_TRY(open_repository(env, needs));
	if (needs & N_PUBLISHED && !env->o.config)
		XB_TRY(take_published(env));
	if (env->o.rules_version)
		env->config->rules_version = env->o.rules_version;
	return xb_rules_compile(env->config, &env->rules);
}

static void close_env(struct xb_env *env)
{
	git_repository_free(env->repo);
	xb_metadata_free(env->metadata);
	xb_rules_free(env->rules);
	xb_config_free(env->config);
}

/* Writes what is buffered; a full disk behind stdout must not look like success. */
static struct xb_err *flush(void)
{
	if (fflush(stdout) || ferror(stdout))
		return xb_err_new(XB_E_TEMP, "cannot write the result");
	return NULL;
}

static struct xb_err *dispatch(struct xb_env *env, const struct xb_given *given, bool *attention)
{
	const struct command *c;

	if (env->o.version) {
		puts("xsabot " XSABOT_VERSION);
		return flush();
	}
	if (!env->o.n_args) {
		usage(env->o.help ? stdout : stderr);
		return env->o.help ? flush() : xb_err_new(XB_E_USAGE, "no command was given");
	}
	c = find_command(env->o.args[0]);
	if (!c)
		return xb_err_new(XB_E_USAGE, "there is no command %s; see xsabot -h", env->o.args[0]);
	if (env->o.help) {
		command_usage(c);
		return flush();
	}
	env->o.args++;
	env->o.n_args--;
	XB_TRY(check_usage(c, &env->o, given));
	XB_TRY(open_env(env, c->needs));
	XB_TRY(c->run(env, attention));
	return flush();
}

int main(int argc, char **argv)
{
	struct xb_env env = {0};
	struct xb_given given = {0};
	bool attention = false;
	struct xb_err *err = xb_options_parse(argc, argv, &env.o, &given);
	int status = 0;

	if (!err) {
		xb_log_level(env.o.quiet ? XB_ERROR : env.o.verbose ? XB_DEBUG : XB_INFO);
		err = dispatch(&env, &given, &attention);
	}
	close_env(&env);
	xb_progress_end();
	if (err) {
		xb_log(XB_ERROR, "%s", err->msg);
		status = xb_err_exit_status(err);
		xb_err_free(err);
	} else if (attention) {
		status = 1;
	}
	return status;
}
