#!/bin/sh
# Writes the stubs in bindings/src/generated/java anew from native/include/pantorch/pantorch.h:
#
#   JEXTRACT=/path/to/jextract bindings/jextract/generate.sh
#
# jextract is taken from $JEXTRACT or the PATH; it is in no package registry: see
# https://jdk.java.net/jextract, or build it from the source of openjdk/jextract (it needs libclang).
# Run this after every change of a declaration in the headers. StubsTest, which needs no jextract, fails
# until then: it compares the headers with HEADER_SHA256.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."
jextract=${JEXTRACT:-jextract}
headers=native/include
generated=bindings/src/generated
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Only what our own headers declare, nothing of the C library's: the list says what the bindings cover.
"$jextract" --dump-includes "$work/all.txt" -I "$headers" "$headers/pantorch/pantorch.h"
grep "# header: .*$headers/pantorch/" "$work/all.txt" | sed -e 's/ *#.*//' | sort >bindings/jextract/includes.txt

rm -rf "$generated/java"
"$jextract" --output "$generated/java" --target-package dev.pantorch.ffi.generated \
  -I "$headers" @bindings/jextract/includes.txt "$headers/pantorch/pantorch.h"

# Comments and white space do not count: rewording one must not ask for jextract. One line to hash, as
# StubsTest computes it.
cat "$headers"/pantorch/*.h | tr '\n\t' '  ' |
  sed -E -e 's#/\*([^*]|\*+[^*/])*\*+/# #g' -e 's# +# #g' -e 's#^ ##' -e 's# $##' | tr -d '\n' |
  { sha256sum 2>/dev/null || shasum -a 256; } | cut -d ' ' -f 1 >"$generated/HEADER_SHA256"
