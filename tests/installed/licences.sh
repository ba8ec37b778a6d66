#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# licences.sh PREFIX BUILD PAGE: every library that the installed program loads or is linked with has a row in PAGE, every
# row has a library, and what is not Debian's is in the installation with its licence.
set -euo pipefail
prefix=$1 build=$2 page=$3
program=$prefix/bin/sweepmark
problems=()

listed=$(grep -E '^\| `' "$page" | cut -d'|' -f2 | grep -o '`[^`]*`' | tr -d '`' | sort)
needed=$(readelf --dynamic "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort)
# Sanitizers are libraries of a build for testing.
needed=$(grep -v -E '^lib(a|ub|t)san\.' <<<"$needed")
linked=$(sed -n '/^build cli\/sweepmark[: ]/,/^$/p' "$build/build.ninja" | grep -oE ' /[^ ]+\.a' | xargs -n 1 basename | sort -u)

while read -r library; do
  grep -qxF "$library" <<<"$listed" || problems+=("$library is loaded and has no row")
done <<<"$needed"
while read -r library; do
  # The C library's own, which are empty or part of it; CUDA's device runtime is not linked into a host program.
  [[ $library == librt.a || $library == libdl.a || $library == libpthread.a || $library == libcudadevrt.a ]] && continue
  grep -qxF "$library" <<<"$listed" || problems+=("$library is linked and has no row")
done <<<"$linked"
while read -r library; do
  [[ $library == libcudart_static.a ]] && continue # of builds with CUDA alone
  # Of builds with the window alone.
  if [[ $library =~ ^lib(imgui\.|vulkan\.|glfw\.|stb\.|opencv_|polyclipping\.) ]] && ! grep -q '^libvulkan' <<<"$needed"; then continue; fi
  grep -qxF "$library" <<<"$needed"$'\n'"$linked" || problems+=("$library has a row and is neither loaded nor linked")
done <<<"$listed"

# All that is loaded, that of others too: Debian's, or ours to pass on.
command -v dpkg-query >/dev/null || { echo "no dpkg here: whose libraries these are is not looked at"; exit $((${#problems[@]} > 0)); }
others=()
while read -r file; do
  # Alternatives (BLAS) are links that no package owns to files that one does.
  [[ $file == "$(readlink -f "$prefix")"/* || $file == "$prefix"/* ]] || others+=("$(readlink -f "$file")")
done < <(ldd "$program" | grep -o '/[^ ]*' | sort -u)
# Packages know their files by the names of before /lib became /usr/lib, or of behind.
owned=$(dpkg-query --search "${others[@]}" "${others[@]/#//usr}" "${others[@]#/usr}" 2>/dev/null | sed 's/.*: //' || true)
for file in "${others[@]}"; do
  grep -qxF -e "$file" -e "/usr$file" -e "${file#/usr}" <<<"$owned" || problems+=("$file is of no Debian package and is not installed beside the program")
done
[[ -s $prefix/share/doc/sweepmark/arrow/LICENSE.txt && -s $prefix/share/doc/sweepmark/arrow/NOTICE.txt ]] || problems+=("Arrow's licence is not installed")

((${#problems[@]} == 0)) || printf '%s\n' "${problems[@]}"
exit $((${#problems[@]} > 0))
