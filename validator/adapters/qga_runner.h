/*
 * qga_runner - what oversees one command in the guest, as text for `perl -e` and for `sh -c`.
 *
 * Both do the same.  Perl does it all in one process, where under TCG each program that starts
 * costs some 50 ms; the shell's is for guests without perl.
 *
 * Arguments: MARK MAX INLINE MS CWD USER SCRATCH CGROUPS REPORT MOST COMMAND...  The directory MARK
 * must not exist yet: a second start with the same mark does nothing.  The command runs in a
 * session of its own; its first MAX bytes of output are kept, the rest is counted; when MS are over
 * it is killed with all that it started.  A daemon that it leaves behind may hold its output and is
 * not waited for.  SCRATCH, unless empty, names a variable for a directory that USER ("": root) may
 * write.  REPORT, unless empty, is a file in it whose first MOST bytes are kept in MARK/report.
 *
 * Below CGROUPS, the root of a unified hierarchy if there is one, they leave the cgroup of the
 * agent, which systemd ends with it, and give the command one that can be killed as a whole.
 *
 * They print "STATUS LATE MS TOTAL REPORT\n" (REPORT: the size of that file, -1 without one) and
 * the first INLINE bytes, and leave the same in MARK/result for an agent that was restarted
 * meanwhile; with more than INLINE bytes all are in MARK/output.
 */
#ifndef VALIDATOR_ADAPTERS_QGA_RUNNER_H
#define VALIDATOR_ADAPTERS_QGA_RUNNER_H

extern const char qga_runner_perl[];
extern const char qga_runner_sh[];

#endif
