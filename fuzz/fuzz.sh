#!/usr/bin/env bash
# Builds and runs the fuzz targets. Only cargo and a C++ compiler are needed. Usage: `fuzz.sh help`.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$0")"

targets=(request response socket engine pointer token abi)
cargo=${CARGO:-cargo}
host=$(rustc -vV | sed -n 's/^host: //p')
built=${FUZZ_BUILD:-$(pwd)/../build/fuzz}
binaries=$built/$host/release

usage() {
  cat <<TEXT
fuzz.sh build              build all targets
fuzz.sh short [RUNS]       run each target on its corpus and RUNS more inputs (default 5000, fixed seed)
fuzz.sh long TARGET DIR [OPTION...]
                           run one target until it is stopped; failing inputs and new corpus inputs go to DIR
fuzz.sh minimise DIR...    add to corpus/ the smallest set of inputs of DIR/TARGET that reaches new code
TEXT
}

# The flags of cargo-fuzz: AddressSanitizer, and the coverage that libFuzzer needs. RUSTC_BOOTSTRAP makes
# the stable compiler accept them.
build() {
  RUSTC_BOOTSTRAP=1 RUSTFLAGS="--cfg fuzzing -Zsanitizer=address -Cforce-frame-pointers \
    -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares" \
    "$cargo" build --quiet --locked --release --bins --target "$host" --target-dir "$built"
}

count_inputs() {
  find "corpus/$1" -type f | wc -l
}

# The environment and the CA certificates are fixed, so the machine's own do not matter.
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
    count=$(count_inputs "$target")
    # For libFuzzer the inputs of the corpus are runs too.
    if ! run "$target" -seed=1 -runs=$((count + more)) -artifact_prefix="$(pwd)/found-" \
      "$scratch/$target" "corpus/$target" >"$scratch/log" 2>&1; then
      cat "$scratch/log"
      echo "fuzz: $target failed. See \"When a target fails\" in fuzz/README.md." >&2
      exit 1
    fi
    echo "fuzz: $target: passed with $count corpus inputs and $more new inputs"
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
      # Without counters, only the reached code matters and not how often: this keeps a tenth of the inputs.
      if [ -d "$from" ] && ! run "$target" -set_cover_merge=1 -use_counters=0 -max_len=4096 \
        "corpus/$target" "$from" >"$from.log" 2>&1; then
        tail -n 20 "$from.log"
        echo "fuzz: cannot read the corpus of $target. Check that no run is still writing to it." >&2
        exit 1
      fi
    done
    echo "fuzz: $target: $(count_inputs "$target") inputs"
  done
}

case ${1:-help} in
  build | short | long | minimise) "$@" ;;
  *) usage ;;
esac
