#!/bin/sh
# Nothing to undo: nothing was changed.
