#!/bin/sh
# Makes the Debian packages of files that were built before.
#
#   packaging/debian.sh LIBRARY STATIC_LIBRARY EMULATOR OUTPUT_FOLDER
#
# VERSION is that of the packages. SOURCE_DATE_EPOCH is the time that they carry.
set -eu
: "${VERSION:?is not set}" "${SOURCE_DATE_EPOCH:?is not set}"
root=$(cd "$(dirname "$0")/.." && pwd)
library=$1
static_library=$2
emulator=$3
mkdir -p "$4"
output=$(cd "$4" && pwd)

work=$(mktemp -d "$output/.debian.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/source"
cp -r "$root/packaging/debian" "$work/source/debian"
cd "$work/source/debian"

maintainer=$(sed -n 's/^Maintainer: //p' control)
cat > changelog <<END
descope-ml ($VERSION-1) unstable; urgency=medium

  * Release $VERSION. CHANGELOG.md lists the changes.

 -- $maintainer  $(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")
END
# The lines of the license, as that format wants them: with a blank before each, and a dot for an empty one.
{
  sed "s/@COPYRIGHT@/$(sed -n 's/^Copyright (c) //p' "$root/LICENSE")/" copyright.in
  sed -e 1,4d -e 's/^$/./' -e 's/^/ /' "$root/LICENSE"
} > copyright
rm copyright.in

cd ..
ROOT=$root LIBRARY=$library STATIC_LIBRARY=$static_library RELEASE_EMULATOR=$emulator \
  dpkg-buildpackage --build=binary --no-sign --no-check-builddeps > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
mv "$work"/*.deb "$output/"
