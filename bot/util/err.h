/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors. A function that can fail returns an owned `struct xb_err *`; NULL is
 * fine. The innermost call makes it, each layer above adds what *it* was doing
 * with xb_err_wrap. Callers branch on the code alone. Only main turns a code
 * into an exit status. A conflict, "already applied" or "held" is a result,
 * not an error: errors are for "could not find out".
 */
#ifndef XB_UTIL_ERR_H
#define XB_UTIL_ERR_H

enum xb_code {
	XB_E_INTERNAL = 1, /* exit 70: a fault of the program or of a library */
	XB_E_USAGE,        /* exit 64: the command line is off, an unknown line included */
	XB_E_CONFIG,       /* exit 78: the configuration is off */
	XB_E_TEMP,         /* exit 75: a later run may succeed (lock held, disk full) */
	XB_E_IO,           /* exit 70: the system refused something */
	XB_E_NOTFOUND,     /* exit 70: an object, ref or file is not there */
	XB_E_HOSTILE,      /* exit 70: input that no honest tool makes; the line it came with stops */
	XB_E_MOVED,        /* exit 75: a ref changed under us */
};

struct xb_err {
	enum xb_code code;
	char *msg; /* the whole text, outermost layer first, safe to print */
};

#define XB_MUST_CHECK __attribute__((warn_unused_result))

/* Makes an error. The text is escaped for terminals: FMT's arguments may be untrusted. */
struct xb_err *xb_err_new(enum xb_code code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull)) XB_MUST_CHECK;
/* "FMT: strerror(ERRNUM)"; a full disk or quota, one that is read-only, and a full table of files get
 * XB_E_TEMP whatever CODE says. */
struct xb_err *xb_err_sys(enum xb_code code, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), returns_nonnull)) XB_MUST_CHECK;
/* "FMT: CAUSE"; takes ownership of CAUSE and keeps its code. */
struct xb_err *xb_err_wrap(struct xb_err *cause, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull)) XB_MUST_CHECK;
void xb_err_free(struct xb_err *err);
/* ERR; NULL where there is none, or one of CODE, which is freed: it is fine. */
struct xb_err *xb_err_allow(struct xb_err *err, enum xb_code code) XB_MUST_CHECK;
/* The exit status of CONTRACT: 64, 70, 75 or 78. */
int xb_err_exit_status(const struct xb_err *err);

static inline void xb_err_freep(struct xb_err **err)
{
	xb_err_free(*err);
}
#define XB_AUTOERR __attribute__((cleanup(xb_err_freep)))

/* Returns from the calling function when EXPR gives an error. */
#define XB_TRY(expr)                                                                                         \
	do {                                                                                                 \
		struct xb_err *xb_try_err_ = (expr);                                                         \
		if (xb_try_err_)                                                                             \
			return xb_try_err_;                                                                  \
	} while (0)

/* Releases a variable at the end of its scope: XB_AUTO(xb_state_release) struct xb_state s = {0}; */
#define XB_AUTO(release) __attribute__((cleanup(release)))
/* Behind a handle's NAME_free(struct NAME *); a variable is then XB_AUTOPTR(NAME) *p = NULL; */
#define XB_HANDLE(name)                                                                                      \
	static inline void name##_freep(struct name **p)                                                     \
	{                                                                                                    \
		name##_free(*p);                                                                             \
	}
#define XB_AUTOPTR(name) __attribute__((cleanup(name##_freep))) struct name

#endif
