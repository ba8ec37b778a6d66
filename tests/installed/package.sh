#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# package.sh BUILD ARROW WORK: makes the Debian package of a build, and unpacks it: it names the packages of all that its
# program loads but Arrow, which is inside, and the program finds it there.
set -euo pipefail
build=$1 arrow=$2 work=$3
fail() { echo "FAILED: $*" >&2; exit 1; }
rm -rf "$work"
mkdir -p "$work"
cpack --config "$build/CPackConfig.cmake" -B "$work" >"$work/cpack.log" 2>&1 || { cat "$work/cpack.log" >&2; exit 1; }
rm -rf "$work/_CPack_Packages"
deb=$(echo "$work"/*.deb)
[[ $(dpkg-deb --field "$deb" Package) == sweepmark ]] || fail "the package's name"
dpkg-deb --extract "$deb" "$work/root"
program=$work/root/usr/bin/sweepmark

depends=$(dpkg-deb --field "$deb" Depends)
for library in $(readelf --dynamic "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
  [[ $library == libarrow.so.* ]] && continue
  file=$(ldd "$program" | awk -v name="$library" '$1 == name { print $3 } $1 ~ "/" name "$" { print $1 }')
  owner=$(dpkg-query --search "$file" "/usr$file" 2>/dev/null | head -n 1 | cut -d: -f1 || true)
  [[ ", $depends," == *", $owner "* || ", $depends," == *", $owner,"* ]] || fail "$library is of package \"$owner\", which is not among: $depends"
done
! grep -qE 'vtk|pcl|openmpi' <<<"$depends" || fail "a heavy dependency is back: $depends"

[[ $(ldd "$program" | awk '$1 ~ /^libarrow/ { print $3 }') == "$work"/root/usr/* ]] || fail "Arrow's library is not the package's"
! grep -q -F "$arrow" <<<"$(readelf --dynamic "$program")" || fail "the program's run path names the checkout"
for file in lib/sweepmark/libarrow.so.* share/man/man1/sweepmark.1 share/bash-completion/completions/sweepmark \
  share/doc/sweepmark/LICENSE share/doc/sweepmark/licences.md share/doc/sweepmark/arrow/LICENSE.txt; do
  [[ -s $(echo "$work/root/usr/"$file) ]] || fail "$file is missing"
done
if grep -q libglfw <<<"$depends"; then
  for file in applications/sweepmark.desktop icons/hicolor/scalable/apps/sweepmark.svg mime/packages/sweepmark.xml; do
    [[ -s $work/root/usr/share/$file ]] || fail "$file is missing"
  done
fi
"$program" doctor
