/*
 * bench-watch - runs a command and says what it took by itself, without the processes it started.
 *
 * QEMU becomes a child of patchlab, so neither time(1) nor wait4() will do: CPU time is read while
 * the command is dead but not yet buried, its peak memory while it runs.
 * usage: bench-watch FILE COMMAND...      writes one line of JSON to FILE; exits as the command did
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { LOOK_MS = 20 };

/* "VmHWM: 1234 kB" of a process, or `before` when it has no memory any more. */
static long peak_kib(pid_t pid, long before)
{
    char path[64], line[256];
    long kib = before;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f)) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    }
    if (f)
        fclose(f);
    return kib;
}

/* User and system time of the process and its threads; its children's are other fields. */
static long cpu_ms(pid_t pid)
{
    char path[64], line[1024] = "";
    unsigned long user = 0, sys = 0;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    if (f && fgets(line, sizeof(line), f)) {
        const char *after_name = strrchr(line, ')');
        if (!after_name
            || sscanf(after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                      &sys)
                   != 2)
            fprintf(stderr, "bench-watch: cannot read '%s'\n", path);
    }
    if (f)
        fclose(f);
    return (long)((user + sys) * 1000 / (unsigned long)sysconf(_SC_CLK_TCK));
}

int main(int argc, char **argv)
{
    long long begin = clock_mono_ms();
    siginfo_t dead = { 0 };
    long peak = 0;
    int status;

    if (argc < 3) {
        fprintf(stderr, "usage: bench-watch FILE COMMAND...\n");
        return 2;
    }
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    while (pid > 0 && waitid(P_PID, (id_t)pid, &dead, WEXITED | WNOWAIT | WNOHANG) == 0
           && dead.si_pid == 0) {
        peak = peak_kib(pid, peak);
        clock_sleep_ms(LOOK_MS);
    }
    long long wall = clock_mono_ms() - begin;
    long cpu = cpu_ms(pid);
    FILE *f = fopen(argv[1], "w");
    if (pid < 0 || !f || waitpid(pid, &status, 0) != pid) {
        perror("bench-watch");
        return 1;
    }
    fprintf(f, "{\"wall_ms\": %lld, \"cpu_ms\": %ld, \"peak_kib\": %ld}\n", wall, cpu, peak);
    fclose(f);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
