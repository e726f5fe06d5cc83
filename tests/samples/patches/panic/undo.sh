#!/bin/sh
# Nothing to undo: the crash changed no file.
