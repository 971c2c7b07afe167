#!/bin/sh
# Prisma's CLI wants the path of a native schema engine and would download one. Generating needs none, and migrations
# run on the WebAssembly engine: this file only has to exist and to be executable.
exit 0
