/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tap.h"

#include "lang/added.h"
#include "lang/clex.h"
#include "lang/lang.h"
#include "util/buf.h"

/* Tokens as `kind:text@line`, where the kind is one letter. */
static void lex(const char *text, struct xb_buf *out)
{
	static const char letters[] = "insc.dh;";
	struct xb_clex lx;
	struct xb_token t;

	xb_clex_init(&lx, text, strlen(text));
	while (xb_clex_next(&lx, &t))
		xb_buf_addf(out, "%s%c:%.*s@%zu", out->n ? " " : "", letters[t.kind], (int)t.n, t.p, t.line);
}

static const struct {
	const char *text, *want;
} tokens[] = {
    {"a->b.c = 0x1fUL + 1e-3;", "i:a@1 .:->@1 i:b@1 .:.@1 i:c@1 .:=@1 n:0x1fUL@1 .:+@1 n:1e-3@1 .:;@1"},
    {"a /* b\nc */ d // e\nf", "i:a@1 i:d@2 i:f@3"},
    {"a // b \\\nc\nd", "i:a@1 i:d@3"},
    {"\"a /* b\" 'c' \"d\\\"e\"", "s:a /* b@1 c:c@1 s:d\\\"e@1"},
    {"#define A(x) \\\n\tx\nb", "d:define@1 i:A@1 .:(@1 i:x@1 .:)@1 i:x@2 ;:@2 i:b@3"},
    {"#include <a/b.h> // c\n#include \"d.h\"", "d:include@1 h:<a/b.h>@1 ;:@1 d:include@2 h:\"d.h\"@2 ;:@2"},
    {"  #  ifdef A\n#endif", "d:ifdef@1 i:A@1 ;:@1 d:endif@2 ;:@2"},
    {"#error it's not so\na", "i:a@2"},
    {"# don't mind\na", "i:a@2"},
    {"mov %eax, foo # it's", "i:mov@1 .:%@1 i:eax@1 .:,@1 i:foo@1 .:#@1 i:it@1 .:'@1 i:s@1"},
    {"a < b > c", "i:a@1 .:<@1 i:b@1 .:>@1 i:c@1"},
    {"\"open\nb", ".:\"@1 i:open@1 i:b@2"},
    {"/* open", NULL},
    {"/", ".:/@1"},
    {"#", NULL},
    {"#define", "d:define@1 ;:@1"},
    {"a\\\nb", "i:a@1 i:b@2"},
};

static void test_tokens(void)
{
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		XB_AUTOBUF struct xb_buf got = XB_BUF_INIT;
		char title[32];

		snprintf(title, sizeof title, "tokens of text %zu", i);
		lex(tokens[i].text, &got);
		is_text(got.p, tokens[i].want, title);
	}
}

static const struct {
	const char *text, *name;
	bool want;
} mentions[] = {
    {"int foo;", "foo", true},
    {"int food;", "foo", false},
    {"/* foo */ int x;", "foo", false},
    {"x; // foo", "foo", false},
    {"asm(\"call foo\\n\")", "foo", true},
    {"asm(\"\\tfoo %0\")", "foo", true},
    {"asm(\"mov %[foo], %%eax\")", "foo", false},
    {"#define foo", "foo", true},
    {"", "foo", false},
    {"foo", "", false},
};

static void test_mentions(void)
{
	for (size_t i = 0; i < sizeof mentions / sizeof *mentions; i++)
		ok(xb_clex_mentions(mentions[i].text, strlen(mentions[i].text), mentions[i].name,
				    strlen(mentions[i].name)) == mentions[i].want,
		   "%s %s", mentions[i].text, mentions[i].want ? "has it" : "does not");
}

static void add_def(void *ctx, const struct xb_def *d)
{
	static const char *const kinds[] = {"macro", "func", "type",  "enum", "field",
					    "var",   "asm",  "label", "list", "re"};
	struct xb_buf *out = ctx;

	xb_buf_addf(out, "%s%s:%.*s", out->n ? " " : "", kinds[d->kind], (int)d->n, d->p);
	if (d->args >= 0)
		xb_buf_addf(out, "/%d", d->args);
}

static const struct {
	enum xb_lang lang;
	const char *text, *want;
} defs[] = {
    {XB_LANG_C, "#define A 1\n#define B(x, y) x\n#define C(x, ...) x\n#define D() 1\n",
     "macro:A macro:B/2 macro:C macro:D/0"},
    {XB_LANG_C,
     "int f(void);\nstatic inline struct s *g(int a, char (*b)(int, int)) { int local; return x; }\n",
     "func:f/0 func:g/2"},
    {XB_LANG_C, "int f(int a) __attribute__((pure(1, 2)));\n", "func:f/1"},
    {XB_LANG_C,
     "struct s { int a, *b; unsigned c:3, d[4]; int (*op)(int, int); union { long e; }; } v, *w;\n",
     "type:s field:a field:b field:c field:d field:op field:e var:v var:w"},
    {XB_LANG_C,
     "enum e { A, B = f(1, 2), C };\ntypedef unsigned long t;\ntypedef int (*fn_t)(int);\nstruct x;\n",
     "type:e enum:A enum:B enum:C type:t type:fn_t type:x"},
    {XB_LANG_C, "extern int a;\nstatic const struct s b = { .c = 1, .d = { 2 } }, e[] = { 1 };\n",
     "var:a var:b var:e"},
    {XB_LANG_HEADER, "LIST_ENTRY(ONE, 1) /* x */\nLIST_ENTRY(TWO, 2)\nstatic DEFINE_LOCK(lock);\nint z;\n",
     "list:ONE list:TWO list:lock var:z"},
    {XB_LANG_HEADER, "#ifdef A\nint f(int x) {\n#else\nint f(long x) {\n#endif\n  g(); }\nint h(void);\n",
     "func:f/1 func:f/1 func:h/0"},
    {XB_LANG_HEADER, "#ifdef __ASSEMBLY__\n.macro DO_IT arg:req\n call \\arg\n.endm\n#endif\nint x;\n",
     "asm:DO_IT var:x"},
    {XB_LANG_C, "asm ( \".macro TWICE x\\n\\tnop\\n.endm\" );\n", "asm:TWICE"},
    {XB_LANG_C, "extern \"C\" {\nint f(void);\n}\n", "func:f/0"},
    {XB_LANG_C, "int a; /* int b; */ // int c;\nchar *s = \"int d;\";\n", "var:a var:s"},
    {XB_LANG_C, "void f(int a)\n{\n    struct in { int q; };\n    if ( a )\n        g(a);\n}\nint after;\n",
     "func:f/1 var:after"},
    {XB_LANG_ASM, "#define X 1\nENTRY(start)\n        call foo\nlabel:\n        .macro M a\n        .endm\n",
     "macro:X list:start label:label asm:M"},
    {XB_LANG_PYTHON, "r = re.compile(r\"a b\"\n  \"c\")\nx = compile(y)\n", "re:r\"a b\"\n  \"c\""},
    {XB_LANG_MAKE, "obj-y += a.o\n", NULL},
};

static void test_defs(void)
{
	for (size_t i = 0; i < sizeof defs / sizeof *defs; i++) {
		XB_AUTOBUF struct xb_buf got = XB_BUF_INIT;
		char title[32];

		snprintf(title, sizeof title, "what text %zu brings", i);
		xb_lang_defs(defs[i].lang, defs[i].text, strlen(defs[i].text), add_def, &got);
		is_text(got.p, defs[i].want, title);
	}
}

static void add_use(void *ctx, const struct xb_use *u)
{
	static const char *const kinds[] = {"name", "call", "member", "word", "header", "object", "own"};
	struct xb_buf *out = ctx;

	xb_buf_addf(out, "%s%s:%.*s", out->n ? " " : "", kinds[u->kind], (int)u->n, u->p);
	if (u->args >= 0)
		xb_buf_addf(out, "/%d", u->args);
}

static const struct {
	enum xb_lang lang;
	const char *text, *want;
} uses[] = {
    {XB_LANG_C, "{ a = f({ 1, 2 }, 3); }", "name:a call:f/2"},
    {XB_LANG_C, "x = f(a, g(b, c), d[1, 2]) + h();",
     "name:x name:a name:b name:c call:g/2 name:d call:f/3 call:h/0"},
    {XB_LANG_C, "p->q.r = s; t = (struct u){ .v = 1 };",
     "name:p member:q member:r name:s name:t name:struct name:u member:v"},
    {XB_LANG_C, "unsigned int i, *j = k;", "name:unsigned name:int own:i own:j name:k"},
    {XB_LANG_C, "goto out; out: return z;", "name:goto own:out own:out name:return name:z"},
    {XB_LANG_C, "#define M(a, b) N(a) + b\n", "own:M own:a own:b name:a call:N/1 name:b"},
    {XB_LANG_C, "#if A && defined(B)\nc;\n#endif\n", "name:c"},
    {XB_LANG_C, "#include <x/y.h>\n", "header:<x/y.h>"},
    {XB_LANG_C, "asm(\"DO_IT %[a]; nop\" :: [a] \"r\" (b));",
     "word:DO_IT word:nop name:a word:r name:b call:asm/1"},
    {XB_LANG_C, "/* foo */ // bar\n", NULL},
    {XB_LANG_C, "f(\n", NULL},
    {XB_LANG_MAKE, "obj-y += a.o sub/b.o # c.o\nobj-$(X) := $(y).o d.c\n", "object:a.o object:sub/b.o"},
    {XB_LANG_PYTHON, "A: [B, \"C\"], # D\n", "name:A name:B"},
};

static void test_uses(void)
{
	for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
		XB_AUTOBUF struct xb_buf got = XB_BUF_INIT;
		struct xb_lineset all;
		char title[32];

		snprintf(title, sizeof title, "what text %zu uses", i);
		xb_added_lines("", 0, uses[i].text, strlen(uses[i].text), &all, NULL);
		xb_lang_uses(uses[i].lang, uses[i].text, strlen(uses[i].text), &all, add_use, &got);
		is_text(got.p, uses[i].want, title);
		xb_lineset_release(&all);
	}
}

static void test_lines(void)
{
	static const char old[] = "a\nb\nc\nd\n", now[] = "a\nx\nc\nb\ne\n";
	struct xb_lineset added, gone;
	size_t n = 0;

	xb_added_lines(old, strlen(old), now, strlen(now), &added, &gone);
	for (size_t l = 0; l < 100; l++)
		n += xb_lineset_has(&added, l);
	ok(n == 2 && xb_lineset_has(&added, 2) && xb_lineset_has(&added, 5),
	   "added lines; a moved one is none");
	ok(xb_lineset_has(&gone, 4) && !xb_lineset_has(&gone, 2), "lost lines; a moved one is none");
	ok(xb_lineset_any(&added, 3, 5) && !xb_lineset_any(&added, 3, 4), "a range of lines");
	xb_lineset_release(&added);
	xb_lineset_release(&gone);
	xb_added_lines(old, strlen(old), old, strlen(old), &added, &gone);
	ok(!xb_lineset_any(&added, 0, 9) && !xb_lineset_any(&gone, 0, 9), "equal texts: nothing");
	xb_lineset_release(&added);
	xb_lineset_release(&gone);
}

static const struct {
	const char *path, *from, *header;
	bool want;
} includes[] = {
    {"xen/include/xen/x.h", "xen/common/a.c", "<xen/x.h>", true},
    {"xen/include/xen/y/x.h", "xen/common/a.c", "<xen/x.h>", false},
    {"xen/common/x.h", "xen/common/a.c", "\"x.h\"", true},
    {"xen/common/x.h", "xen/drivers/a.c", "\"x.h\"", false},
    {"xen/common/x.h", "xen/common/a.c", "<x.h>", false},
    {"xen/arch/x86/include/asm/x.h", "xen/arch/x86/a.c", "<asm/x.h>", true},
    {"xen/arch/arm/include/asm/x.h", "xen/arch/x86/a.c", "<asm/x.h>", false},
    {"xen/include/asm-x86/x.h", "xen/common/a.c", "<asm/x.h>", true},
    {"xen/include/asm-arm/x.h", "xen/arch/x86/a.c", "<asm/x.h>", false},
    {"tools/include/x.h", "xen/common/a.c", "<x.h>", false},
    {"xen/include/public/x.h", "tools/a.c", "<public/x.h>", true},
    {"x.h", "a.c", "\"x.h\"", true},
    {"include/x.h", "a.c", "<x.h>", true},
    {"notinclude/x.h", "a.c", "<x.h>", false},
};

static void test_paths(void)
{
	for (size_t i = 0; i < sizeof includes / sizeof *includes; i++)
		ok(xb_lang_includes(includes[i].path, includes[i].from, includes[i].header,
				    strlen(includes[i].header)) == includes[i].want,
		   "%s %s %s for %s", includes[i].path, includes[i].want ? "is" : "is not",
		   includes[i].header, includes[i].from);
	ok(xb_lang_makes("a/b.c", "a/Makefile", "b.o", 3) &&
	       xb_lang_makes("a/s/b.S", "a/Makefile", "s/b.o", 5),
	   "an object is made of a source beside the makefile");
	ok(!xb_lang_makes("a/b.c", "c/Makefile", "b.o", 3) && !xb_lang_makes("a/b.h", "a/Makefile", "b.o", 3),
	   "but not of one elsewhere, nor of a header");
	ok(xb_lang_visible("xen/a.h", "xen/b/c.c") && !xb_lang_visible("tools/a.h", "xen/b.c") &&
	       xb_lang_visible("include/a.h", "xen/b.c") &&
	       !xb_lang_visible("xen/arch/arm/a.h", "xen/arch/x86/b.c"),
	   "what a file sees, by paths");
	ok(xb_lang_of("a/Makefile") == XB_LANG_MAKE && xb_lang_of("x.lds.S") == XB_LANG_ASM &&
	       xb_lang_of("README") == XB_LANG_NONE,
	   "languages by names");
}

int main(void)
{
	test_tokens();
	test_mentions();
	test_defs();
	test_uses();
	test_lines();
	test_paths();
	return done();
}
