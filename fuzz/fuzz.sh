#!/usr/bin/env bash
# Builds and runs the fuzz targets, with cargo and a C++ compiler alone: `fuzz.sh help` says how.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$0")"

targets=(request answer wire pointer token abi)
cargo=${CARGO:-cargo}
host=$(rustc -vV | sed -n 's/^host: //p')
built=${FUZZ_BUILD:-$(pwd)/../build/fuzz}
binaries=$built/$host/release

usage() {
  cat <<TEXT
fuzz.sh build              builds every target
fuzz.sh short [RUNS]       each target over its corpus and RUNS inputs more (5000, from a fixed seed)
fuzz.sh long TARGET DIR [OPTION...]
                           one target until it is stopped; findings, and what it learns, go to DIR
fuzz.sh minimise DIR...    adds to corpus/ the fewest inputs of DIR/TARGET that reach what it does not
TEXT
}

# AddressSanitizer, and the coverage that libFuzzer asks for, as cargo-fuzz sets them. Both are behind
# flags that the stable compiler takes with RUSTC_BOOTSTRAP.
build() {
  RUSTC_BOOTSTRAP=1 RUSTFLAGS="--cfg fuzzing -Zsanitizer=address -Cforce-frame-pointers \
    -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares" \
    "$cargo" build --quiet --locked --release --bins --target "$host" --target-dir "$built"
}

inputs() {
  find "corpus/$1" -type f | wc -l
}

# What a client reads is fixed: neither the environment nor the machine's certificates count.
run() {
  env -i PATH="$PATH" HOME=/nonexistent SSL_CERT_FILE="$(pwd)/authority.pem" \
    "$binaries/$1" -rss_limit_mb=2048 -timeout=30 "${@:2}"
}

short() {
  local more=${1:-5000} target count
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  for target in "${targets[@]}"; do
    mkdir "$scratch/$target"
    count=$(inputs "$target")
    # libFuzzer counts the corpus among the runs.
    if ! run "$target" -seed=1 -runs=$((count + more)) -artifact_prefix="$(pwd)/found-" \
      "$scratch/$target" "corpus/$target" >"$scratch/log" 2>&1; then
      cat "$scratch/log"
      echo "fuzz: $target has found something: README.md says what to do" >&2
      exit 1
    fi
    echo "fuzz: $target: $count inputs of the corpus and $more more, nothing found"
  done
}

long() {
  local target=$1 dir
  dir=$(cd "$called_from" && mkdir -p "$2/corpus/$1" "$2/found" && cd "$2" && pwd)
  run "$target" -artifact_prefix="$dir/found/$target-" "${@:3}" "$dir/corpus/$target" "corpus/$target"
}

minimise() {
  local target from
  for target in "${targets[@]}"; do
    for from in "$@"; do
      from=$(cd "$called_from" && cd "$from" && pwd)/$target
      # By the code that is reached, not by how often: a tenth of the inputs.
      if [ -d "$from" ] && ! run "$target" -set_cover_merge=1 -use_counters=0 -max_len=4096 \
        "corpus/$target" "$from" >"$from.log" 2>&1; then
        tail -n 20 "$from.log"
        echo "fuzz: the corpus of $target could not be read: is a run still writing to it?" >&2
        exit 1
      fi
    done
    echo "fuzz: $target: $(inputs "$target") inputs"
  done
}

case ${1:-help} in
  build | short | long | minimise) "$@" ;;
  *) usage ;;
esac
