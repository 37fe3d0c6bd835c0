# Shared by scripts/run, scripts/test and scripts/format: packages, configuring, building.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
usage_error() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 2; }

# Prints the packages that scripts/packages.txt lists for the given purposes.
packages_for() {
  awk -v wanted=" $* " '!/^#/ && NF >= 2 && index(wanted, " " $1 " ") { print $2 }' "$root/scripts/packages.txt"
}

# Prints those of the given packages that are not installed; one dpkg-query call for all.
missing_packages() {
  local installed
  # dpkg-query fails when it knows one of the names not at all: that one is missing, which is what we ask.
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sed -n 's/^installed //p' <<<"$installed" | sort -u)
}

# Installs what is missing for the given purposes ("run", "test").
ensure_packages() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    fail "this script installs packages with apt, as Debian 12 has it; elsewhere install the like of: $(packages_for "$@" | xargs)"
  fi
  local wanted missing as_root=()
  mapfile -t wanted < <(packages_for "$@")
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "these packages are missing, and neither root nor sudo is here to install them; as root run: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  say "Installing with apt what is missing to ${*// / and } uhoh (why each: scripts/packages.txt): ${missing[*]}"
  "${as_root[@]}" apt-get -qq update </dev/null || say "apt-get update failed; trying with the lists that are here"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y --no-install-recommends install "${missing[@]}" </dev/null >"$root/build/apt.log" 2>&1 || {
    tail -n 20 "$root/build/apt.log" >&2
    fail "apt could not install: ${missing[*]} (whole output: build/apt.log)"
  }
}

# Installs what the web pages are built with, unless there is some Node.js with npm already. The server also works
# without its pages, so a failure only says so.
try_web_packages() {
  if command -v node >/dev/null && command -v npm >/dev/null; then return 0; fi
  (ensure_packages web) || say "The web pages will be missing: nodejs and npm could not be installed"
}

# program_of_package PACKAGE FILE: prints where a program of a Debian package is that is wanted for itself alone: the
# package is unpacked under build/, not installed, since its server would start.
program_of_package() {
  local folder=$root/build/unpacked/$1
  if [[ ! -x $folder/$2 ]]; then
    mkdir -p "$folder"
    (cd "$folder" && apt-get -qq download "$1" && dpkg-deb -x "$1"_*.deb . && rm "$1"_*.deb) >"$folder.log" 2>&1 || return 1
  fi
  printf '%s\n' "$folder/$2"
}

# What ccache has compiled in one clone serves every other.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

# configure PRESET: runs CMake only when the build directory was not configured yet, or the presets are newer.
# Everything else (CMakeLists.txt, new sources) makes ninja configure again by itself.
configure() {
  local build=$root/build/$1
  if [[ ! -f $build/build.ninja || $root/CMakePresets.json -nt $build/build.ninja ]]; then
    (cd "$root" && cmake --preset "$1" >"$root/build/configure-$1.log" 2>&1) || {
      tail -n 30 "$root/build/configure-$1.log" >&2
      fail "CMake could not configure the preset $1 (whole output: build/configure-$1.log)"
    }
    touch "$build/build.ninja"
  fi
}

# targets_of PRESET NAME...: those of the names that are targets of this build.
targets_of() {
  local build=$root/build/$1
  shift
  comm -12 <(printf '%s\n' "$@" | sort -u) \
    <(ninja -C "$build" -t targets all 2>/dev/null | sed -n 's/^\([^ /]*\): .*/\1/p' | sort -u)
}

# build PRESET [TARGET...]
build() {
  local build=$root/build/$1
  shift
  local quiet=(--quiet)
  [[ -t 1 ]] && quiet=()
  ninja "${quiet[@]}" -C "$build" -j"$(nproc)" "$@"
}

mkdir -p "$root/build"
