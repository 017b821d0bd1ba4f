#!/bin/sh
# Makes the RPM packages of files that were built before.
#
#   packaging/rpm.sh LIBRARY STATIC_LIBRARY EMULATOR OUTPUT_FOLDER
#
# VERSION is that of the packages. SOURCE_DATE_EPOCH is the time that they carry.
set -eu
: "${VERSION:?is not set}" "${SOURCE_DATE_EPOCH:?is not set}"
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$4"
output=$(cd "$4" && pwd)

work=$(mktemp -d "$output/.rpm.XXXXXX")
trap 'rm -rf "$work"' EXIT
# The names that Debian's rpm gives to folders are those of Debian.
rpmbuild -bb --nodeps --quiet \
  --define "_topdir $work" --define "_tmppath $work" --define "_rpmdir $work/packages" \
  --define "_prefix /usr" --define "_libdir /usr/lib64" --define "_licensedir /usr/share/licenses" \
  --define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
  --define "_buildhost localhost" --define "root $root" --define "released_version $VERSION" \
  --define "released_date $(LC_ALL=C date --utc --date="@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')" \
  --define "library $1" --define "static_library $2" --define "emulator $3" \
  "$root/packaging/descope-ml.spec" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
mv "$work"/packages/*/*.rpm "$output/"
