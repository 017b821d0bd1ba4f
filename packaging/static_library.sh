#!/bin/sh
# Makes the static library that is installed: one object whose only global names are descope_*.
#
#   packaging/static_library.sh ARCHIVE OUTPUT [ARCHIVE...]
#
# What the first archive needs of the others becomes a part of the object.
#
# The archive that cargo writes also defines names of Rust's runtime and of ring. A program could not link it
# together with another library that has Rust inside. LD, OBJCOPY and AR name the tools of GNU binutils.
set -eu
here=$(dirname "$0")
archive=$1
output=$2
shift 2

if [ "$(uname -s)" != Linux ]; then
  # Only binutils can do this. docs/linking.md says what that means on other systems.
  cp "$archive" "$output"
  exit
fi
if [ "$output" -nt "$archive" ] && [ "$output" -nt "$0" ]; then
  exit
fi

work=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Members that no function of the API needs are left out. Section groups would be merged by name with those of
# other libraries, although the names are local: so they become ordinary sections.
# shellcheck disable=SC2046 # one option for each name
"${LD:-ld}" -r --force-group-allocation $(sed 's/^/--undefined=/' "$here/../tests/abi/symbols.txt") \
  "$archive" "$@" -o "$work/linked.o"
# .llvmbc and .llvmcmd are bitcode of Rust's standard library, which other versions of LLVM cannot read.
"${OBJCOPY:-objcopy}" --strip-debug --remove-section='.llvm*' --wildcard --keep-global-symbol='descope_*' \
  "$work/linked.o" "$work/descope_ml.o"
"${AR:-ar}" crD "$work/libdescope_ml.a" "$work/descope_ml.o"
# All at once: other processes may be linking with the old one.
mv "$work/libdescope_ml.a" "$output"
