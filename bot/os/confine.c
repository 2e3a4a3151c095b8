/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define ARCH AUDIT_ARCH_S390X
#endif

/* All that changes a file system, as the first version of Landlock knows it. */
#define WRITES                                                                                               \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |    \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |          \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |       \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

/* Bits that the kernel doesn't know it refuses. */
static uint64_t writes_of(long abi)
{
	uint64_t out = WRITES;

	if (abi >= 2)
		out |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		out |= LANDLOCK_ACCESS_FS_TRUNCATE;
	return out;
}

/* PATH and what is below it stay as they are; a device takes what a file does. */
static bool allow(int rules, const char *path, uint64_t writes)
{
	struct landlock_path_beneath_attr below = {.allowed_access = writes};
	int fd = open(path, O_PATH | O_CLOEXEC), rc;

	if (fd < 0)
		return errno == ENOENT;
	below.parent_fd = fd;
	rc = (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	close(fd);
	return !rc;
}

static bool confine_files(const struct xb_strv *writable)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = {0};
	bool ok;
	int rules;

	if (abi < 1)
		return false;
	attr.handled_access_fs = writes_of(abi);
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr.handled_access_fs, 0);
	if (rules < 0)
		return false;
	ok = allow(rules, "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE);
	for (size_t i = 0; i < writable->n && ok; i++)
		ok = allow(rules, writable->v[i], attr.handled_access_fs);
	ok = ok && !syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
	return ok;
}

#ifdef ARCH
#define LOAD(what) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, what))
#define UNLESS(nr, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, (skip))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSE(nr) UNLESS(nr, 1), RETURN(SECCOMP_RET_ERRNO | EACCES)

static bool confine_calls(void)
{
	struct sock_filter filter[] = {
	    LOAD(arch),
	    UNLESS(ARCH, 1),
	    BPF_STMT(BPF_JMP | BPF_JA, 1),
	    RETURN(SECCOMP_RET_ERRNO | ENOSYS), /* another machine's calls: nobody needs them */
	    LOAD(nr),
	    REFUSE(SYS_socket),
	    REFUSE(SYS_ptrace),
	    REFUSE(SYS_process_vm_writev),
	    REFUSE(SYS_io_uring_setup), /* opens sockets on its own */
	    REFUSE(SYS_bpf),
	    REFUSE(SYS_keyctl),
	    RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof filter / sizeof *filter, filter};

	return !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#else
static bool confine_calls(void)
{
	return false;
}
#endif

bool xb_confine(const struct xb_strv *writable, const char **why)
{
	bool files, calls;

	*why = "this kernel lets no process give up its privileges";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return false;
	files = confine_files(writable);
	calls = confine_calls();
	*why = !files  ? "this kernel has no Landlock, or it is switched off"
	       : calls ? NULL
		       : "this kernel has no seccomp filters for this machine";
	return files && calls;
}
