#!/usr/bin/env python3
"""Runs a command on a terminal of its own, and prints what stands on the screen at some moment of it, and at its end.

Usage: capture.py [--columns N] [--at SECONDS] -- COMMAND ARGUMENT...        (pip install pyte)
"""
import argparse
import fcntl
import os
import pty
import shlex
import struct
import termios
import time

import pyte


def shown(screen):
    return "\n".join(line.rstrip() for line in screen.display).rstrip()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--columns", type=int, default=110)
    parser.add_argument("--at", type=float, default=1)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    screen = pyte.Screen(arguments.columns, 60)
    stream = pyte.ByteStream(screen)
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
        os.execvp(arguments.command[0], arguments.command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, arguments.columns, 0, 0))
    start = time.monotonic()
    moment = None
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the command has ended
            break
        stream.feed(data)
        if moment is None and time.monotonic() - start >= arguments.at:
            moment = shown(screen)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    print(f"$ {shlex.join(arguments.command)}\n{moment or ''}\n\n... and at the end:\n\n{shown(screen)}")
    raise SystemExit(code)


main()
