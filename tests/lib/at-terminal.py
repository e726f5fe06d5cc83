#!/usr/bin/env python3
"""Runs a program at a pseudo terminal of 40 rows and 132 columns, and does what a person would do.

usage: at-terminal.py STEP... -- PROGRAM [ARGUMENT]...

    expect:TEXT   waits until the program has printed it, since the last text that was expected
    type:TEXT     types a line
    key:NUMBER    presses one key, by its code
    signal:NAME   sends it a signal: TERM
    hangup        closes the terminal

What the program prints goes to standard output, its exit status is the one of this script; 99 when
a text did not come within 120 s, 98 when the program did not end within 60 s of the last step.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

EXPECT_SECONDS, END_SECONDS = 120, 60


def give_up(pid, status, what):
    sys.stdout.flush()
    print(f"at-terminal: {what}", file=sys.stderr)
    os.kill(pid, signal.SIGKILL)
    os._exit(status)


class Terminal:
    def __init__(self, argv):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 132, 0, 0))
            os.environ["TERM"] = "xterm"
            os.execvp(argv[0], argv)
        self.said = b""

    def read(self, seconds):
        """False: nothing more will come, or not in time."""
        if self.fd < 0 or not select.select([self.fd], [], [], max(0, seconds))[0]:
            return False
        try:
            data = os.read(self.fd, 4096)
        except OSError:
            return False
        self.said += data
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return bool(data)

    def expect(self, text):
        end = time.monotonic() + EXPECT_SECONDS
        while text.encode() not in self.said:
            if not self.read(end - time.monotonic()):
                give_up(self.pid, 99, f"'{text}' did not come")
        self.said = self.said.split(text.encode(), 1)[1]

    def type(self, text):
        os.write(self.fd, text.encode() + b"\r")

    def key(self, code):
        os.write(self.fd, bytes([int(code)]))

    def signal(self, name):
        os.kill(self.pid, signal.Signals["SIG" + name])

    def hangup(self):
        os.close(self.fd)
        self.fd = -1

    def wait(self):
        end = time.monotonic() + END_SECONDS
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self.read(0.1):
                    pass
                return os.waitstatus_to_exitcode(status)
            if not self.read(0.1):
                time.sleep(0.05)
        give_up(self.pid, 98, "the program did not end")


def main():
    at = sys.argv.index("--")
    terminal = Terminal(sys.argv[at + 1:])
    for step in sys.argv[1:at]:
        name, _, value = step.partition(":")
        getattr(terminal, name)(*([value] if value else []))
    sys.exit(terminal.wait() % 256)


main()
