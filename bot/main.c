/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/cmd.h"

#include "odb/git.h"
#include "util/alloc.h"
#include "util/log.h"

#include <getopt.h>
#include <stdio.h>

/* What a command needs to be opened before it runs. */
enum needs {
	N_CONFIG = 1,
	N_REPO = 2,
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
    {"status", "[LINE...]", "how the lines stand, from the bot's last report", 0, 1000, N_CONFIG | N_REPO,
     xb_cmd_status, "format"},
    {"plan", "[LINE...]", "print the ordered list of commits that can be applied, with roles and reasons", 0,
     1000, N_CONFIG | N_REPO, xb_cmd_plan, "base tip format left-out no-discover no-meaning no-follow-ups"},
    {"build", "LINE", "write the chain's commits and print its tip; moves no ref", 1, 1, N_CONFIG | N_REPO,
     xb_cmd_build, "base tip no-discover no-meaning no-follow-ups"},
    {"publish", "LINE", "what run does, for one line", 1, 1, N_CONFIG | N_REPO, xb_cmd_publish,
     "now retest accept-removal"},
    {"explain", "WHAT [LINE...]", "where a commit or an advisory is, in which role, why, or why not", 1, 1000,
     N_CONFIG | N_REPO, xb_cmd_explain, "base tip no-discover no-meaning no-follow-ups"},
    {"verify", "[LINE...]", "recompute and compare with the derived ref, here or in a clone", 0, 1000,
     N_CONFIG | N_REPO, xb_cmd_verify, "strict"},
    {"search", "LINE", "find the fewest commits that make a failing candidate pass; applies nothing", 1, 1,
     N_CONFIG | N_REPO, xb_cmd_search, "command base tip state timeout no-discover no-meaning no-follow-ups"},
    {"check-config", "", "check the configuration and show what it finds in the repository", 0, 0,
     N_CONFIG | N_REPO, xb_cmd_check_config, ""},
    {"install-hook", "REPO", "put the post-receive hook into a repository", 1, 1, N_CONFIG,
     xb_cmd_install_hook, ""},
    {"adopt", "LINE", "take over a derived ref that someone else made or moved", 1, 1, N_CONFIG | N_REPO,
     xb_cmd_adopt, ""},
    {"outbox", "[list | show ID | retry [ID] | drop ID]", "mail that waits or was given up", 0, 2, N_CONFIG,
     xb_cmd_outbox, ""},
    {"mail", "LINE", "with --preview: print the mails that would be sent", 1, 1, N_CONFIG | N_REPO,
     xb_cmd_mail, "preview base tip no-discover no-meaning no-follow-ups"},
    {"mirror", "[NAME...]", "how the mirrors stand; with --push, push to them now", 0, 1000,
     N_CONFIG | N_REPO, xb_cmd_mirror, "push adopt"},
    {"fetch", "", "fetch from the upstream now", 0, 0, N_CONFIG | N_REPO, xb_cmd_fetch, ""},
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

enum {
	O_BASE = 256,
	O_TIP,
	O_FORMAT,
	O_LEFT_OUT,
	O_NO_DISCOVER,
	O_NO_MEANING,
	O_NO_FOLLOW_UPS,
	O_NOW,
	O_RETEST,
	O_ACCEPT_REMOVAL,
	O_STRICT,
	O_PREVIEW,
	O_COMMAND,
	O_STATE,
	O_TIMEOUT,
	O_PUSH,
	O_ADOPT,
	O_ONCE,
	O_VERSION,
};

static const struct option longopts[] = {
    {"base", required_argument, NULL, O_BASE},
    {"tip", required_argument, NULL, O_TIP},
    {"format", required_argument, NULL, O_FORMAT},
    {"left-out", no_argument, NULL, O_LEFT_OUT},
    {"no-discover", no_argument, NULL, O_NO_DISCOVER},
    {"no-meaning", no_argument, NULL, O_NO_MEANING},
    {"no-follow-ups", no_argument, NULL, O_NO_FOLLOW_UPS},
    {"now", no_argument, NULL, O_NOW},
    {"retest", no_argument, NULL, O_RETEST},
    {"accept-removal", no_argument, NULL, O_ACCEPT_REMOVAL},
    {"strict", no_argument, NULL, O_STRICT},
    {"preview", no_argument, NULL, O_PREVIEW},
    {"command", required_argument, NULL, O_COMMAND},
    {"state", required_argument, NULL, O_STATE},
    {"timeout", required_argument, NULL, O_TIMEOUT},
    {"push", no_argument, NULL, O_PUSH},
    {"adopt", no_argument, NULL, O_ADOPT},
    {"once", no_argument, NULL, O_ONCE},
    {"config", required_argument, NULL, 'c'},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, O_VERSION},
    {NULL, 0, NULL, 0},
};

static const struct {
	const char *name, *value, *text;
} option_help[] = {
    {"base", "=REV", "the base, in place of the newest release"},
    {"tip", "=REV", "the tip, in place of the staging branch"},
    {"format", "=FORMAT", "text, ids (one full id a line) or json"},
    {"left-out", "", "list the window's commits that are not in the branch, too"},
    {"no-discover", "", "declared prerequisites only"},
    {"no-meaning", "", "search prerequisites by text only"},
    {"no-follow-ups", "", "leave out the repairs of security fixes"},
    {"now", "", "publish without waiting for a batch"},
    {"retest", "", "forget what the gate's command gave, and test again"},
    {"accept-removal", "", "accept, this once, that something which was published goes"},
    {"strict", "", "a derived ref that is behind counts as a difference"},
    {"preview", "", "print them; nothing is sent or kept"},
    {"command", "=CMD", "run by /bin/sh on a fresh copy of each tree: 0 passes, 125 can't tell, others fail"},
    {"state", "=FILE", "remember what each test gave, to go on there when stopped"},
    {"once", "", "send what is there, and end"},
    {"timeout", "=SECONDS", "a command that runs longer fails"},
    {"push", "", "push now, whatever failed before"},
    {"adopt", "", "push now, over what someone else put there"},
};

static bool takes(const struct command *c, const char *option)
{
	XB_AUTOFREE char *all = xb_asprintf(" %s ", c->options), *one = xb_asprintf(" %s ", option);

	return strstr(all, one) != NULL;
}

static void command_usage(const struct command *c)
{
	printf("usage: xsabot [-c FILE] [-C REPO] [-q] [-v] %s%s%s%s\n\n%s\n", c->name,
	       *c->options ? " [OPTIONS]" : "", *c->args ? " " : "", c->args, c->summary);
	if (*c->options)
		putchar('\n');
	for (size_t i = 0; i < sizeof option_help / sizeof *option_help; i++)
		if (takes(c, option_help[i].name))
			printf("  --%s%-*s %s\n", option_help[i].name, 16 - (int)strlen(option_help[i].name),
			       option_help[i].value, option_help[i].text);
}

/* Remembers which long options were given, to refuse those that the command doesn't know. */
struct given {
	const char *names[32];
	size_t n;
};

static struct xb_err *take_format(struct xb_options *o, const char *value)
{
	static const char *const names[] = {"text", "ids", "json"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(value, names[i]) != 0)
			continue;
		o->format = (enum xb_format)i;
		return NULL;
	}
	return xb_err_new(XB_E_USAGE, "--format=%s: it is text, ids or json", value);
}

static struct xb_err *take_timeout(struct xb_options *o, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || !n || n > 10000000)
		return xb_err_new(XB_E_USAGE, "--timeout=%s: it is a number of seconds, 1 to 10000000",
				  value);
	o->timeout = (unsigned)n;
	return NULL;
}

static struct xb_err *take(struct xb_options *o, int c)
{
	switch (c) {
	case 'c':
		o->config = optarg;
		break;
	case 'C':
		o->repo = optarg;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'h':
		o->help = true;
		break;
	case O_VERSION:
		o->version = true;
		break;
	case O_BASE:
		o->base = optarg;
		break;
	case O_TIP:
		o->tip = optarg;
		break;
	case O_FORMAT:
		return take_format(o, optarg);
	case O_LEFT_OUT:
		o->left_out = true;
		break;
	case O_NO_DISCOVER:
		o->plan.no_discover = true;
		break;
	case O_NO_MEANING:
		o->plan.no_meaning = true;
		break;
	case O_NO_FOLLOW_UPS:
		o->plan.no_follow_ups = true;
		break;
	case O_NOW:
		o->now = true;
		break;
	case O_RETEST:
		o->retest = true;
		break;
	case O_ACCEPT_REMOVAL:
		o->accept_removal = true;
		break;
	case O_STRICT:
		o->strict = true;
		break;
	case O_PREVIEW:
		o->preview = true;
		break;
	case O_COMMAND:
		o->command = optarg;
		break;
	case O_STATE:
		o->state = optarg;
		break;
	case O_PUSH:
		o->push = true;
		break;
	case O_ADOPT:
		o->adopt = true;
		break;
	case O_ONCE:
		o->once = true;
		break;
	case O_TIMEOUT:
		return take_timeout(o, optarg);
	default:
		return xb_err_new(XB_E_USAGE, "unknown option or missing value: %s; see xsabot -h",
				  optind > 0 && optarg ? optarg : "");
	}
	return NULL;
}

/* WORD is the argument that getopt was at; for one letter among others it may be the one after. */
static struct xb_err *bad_option(int c, const char *word)
{
	char letter[] = {'-', (char)optopt, '\0'};

	if (optopt > 0 && optopt < O_BASE && strncmp(word, "--", 2) != 0)
		word = letter;
	if (c == ':')
		return xb_err_new(XB_E_USAGE, "a value is missing after %s; see xsabot -h", word);
	if (optopt && !strncmp(word, "--", 2) && strchr(word, '='))
		return xb_err_new(XB_E_USAGE, "that option takes no value: %s; see xsabot -h", word);
	return xb_err_new(XB_E_USAGE, "unknown or ambiguous option %s; see xsabot -h", word);
}

static struct xb_err *parse(int argc, char **argv, struct xb_options *o, struct given *given)
{
	int c, index = -1;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":c:C:qvh", longopts, &index)) != -1) {
		if (c == '?' || c == ':')
			return bad_option(c, argv[optind - 1]);
		XB_TRY(take(o, c));
		if (c >= O_BASE && c != O_VERSION && given->n < sizeof given->names / sizeof *given->names)
			given->names[given->n++] = longopts[index].name;
	}
	o->args = argv + optind;
	o->n_args = (size_t)(argc - optind);
	return NULL;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static struct xb_err *check_usage(const struct command *c, const struct xb_options *o, const struct given *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (!takes(c, g->names[i]))
			return xb_err_new(XB_E_USAGE, "%s takes no --%s; see xsabot %s -h", c->name,
					  g->names[i], c->name);
	if (o->n_args < c->min_args)
		return xb_err_new(XB_E_USAGE, "%s needs %s; see xsabot %s -h", c->name, c->args, c->name);
	if (o->n_args > c->max_args)
		return xb_err_new(XB_E_USAGE, "%s: there is one argument too many, %s; see xsabot %s -h",
				  c->name, o->args[c->max_args], c->name);
	return NULL;
}

static struct xb_err *open_env(struct xb_env *env, unsigned needs)
{
	if (!needs)
		return NULL;
	XB_TRY(xb_config_load(env->o.config, &env->config));
	if (env->o.repo)
		xb_config_set_repository(env->config, env->o.repo);
	XB_TRY(xb_rules_compile(env->config, &env->rules));
	if (!(needs & N_REPO))
		return NULL;
	if (!env->config->repository)
		return xb_err_new(XB_E_USAGE,
				  "which repository? Give -C REPO, or -c FILE with [repository] path");
	XB_TRY(xb_git_init());
	return xb_git_open(env->config->repository, 0, &env->repo);
}

static void close_env(struct xb_env *env)
{
	git_repository_free(env->repo);
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

static struct xb_err *dispatch(struct xb_env *env, const struct given *given, bool *attention)
{
	const struct command *c;
	struct xb_err *err;

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
	err = open_env(env, c->needs);
	if (!err)
		err = c->run(env, attention);
	if (!err)
		err = flush();
	return err;
}

int main(int argc, char **argv)
{
	struct xb_env env = {0};
	struct given given = {0};
	bool attention = false;
	struct xb_err *err = parse(argc, argv, &env.o, &given);
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
