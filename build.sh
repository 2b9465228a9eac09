#!/usr/bin/env bash
# Builds, tests and shows Sampan. `./build.sh help` lists the verbs.
# Only `deps` and `foreign` (and Go itself, for its modules) touch the network.
set -euo pipefail
cd "$(dirname "$0")"

# onnxruntime 1.28.2 as the Go module proxy has it: pinned by version, Go's own
# checksum database, and the library's SHA-256.
ORT_MODULE=github.com/k2-fsa/sherpa-onnx-go-linux
ORT_VERSION=v1.13.8
ORT_SUM_AMD64=4b3607aebd1784b26b6f9b20e4bd974c7ab8287043e4d095cb7d2cb40b5e566e
ORT_SUM_ARM64=cfc800d4438f15e8d9017521326776ca7117d8783cb847ccccc2fc61ac4d540f

# The linter is a tool of its own module, so that its needs stay out of go.mod.
STATICCHECK=honnef.co/go/tools/cmd/staticcheck@v0.8.2

GENERATED='^(kitex_gen/)'
FUZZ_SECONDS=${FUZZ_SECONDS:-10}

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
fail() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

# help: this list
cmd_help() {
  echo "usage: ./build.sh VERB [ARGUMENT...]"
  sed -n 's/^# \([a-z]*\): \(.*\)/  \1\t\2/p' build.sh | expand -t 12
}

# deps: finds or fetches onnxruntime into bin/ and checks it
cmd_deps() {
  command -v go >/dev/null || fail "Go is not here; install Go 1.26 or later"
  command -v gcc >/dev/null || command -v cc >/dev/null || fail "a C compiler is not here; install gcc"
  local arch sum dir
  arch=$(go env GOARCH)
  case "$(go env GOOS)/$arch" in
    linux/amd64) dir=x86_64-unknown-linux-gnu sum=$ORT_SUM_AMD64 ;;
    linux/arm64) dir=aarch64-unknown-linux-gnu sum=$ORT_SUM_ARM64 ;;
    *) fail "no onnxruntime is pinned for $(go env GOOS)/$arch; give your own with SAMPAN_ONNXRUNTIME" ;;
  esac
  local lib=bin/libonnxruntime.so
  if [ -n "${SAMPAN_ONNXRUNTIME:-}" ]; then
    [ -f "$SAMPAN_ONNXRUNTIME" ] || fail "SAMPAN_ONNXRUNTIME says $SAMPAN_ONNXRUNTIME, which is not there"
    return
  fi
  if [ -f "$lib" ] && echo "$sum  $lib" | sha256sum --check --status; then return; fi
  say "fetching onnxruntime ($ORT_MODULE $ORT_VERSION, 36 MB)"
  local from
  from=$(cd / && GOFLAGS=-mod=mod go mod download -json "$ORT_MODULE@$ORT_VERSION" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [ -n "$from" ] || fail "onnxruntime could not be fetched; give your own with SAMPAN_ONNXRUNTIME"
  mkdir -p bin
  install -m 0644 "$from/lib/$dir/libonnxruntime.so" "$lib.part"
  echo "$sum  $lib.part" | sha256sum --check --status || fail "onnxruntime's checksum is wrong: $lib.part"
  mv "$lib.part" "$lib"
}

#  with_library runs a command that can find onnxruntime.
with_library() { SAMPAN_ONNXRUNTIME=${SAMPAN_ONNXRUNTIME:-$PWD/bin/libonnxruntime.so} "$@"; }

# build: bin/sampan
cmd_build() {
  cmd_deps
  local version
  version=$(git describe --tags --always --dirty 2>/dev/null || echo unknown)
  go build -trimpath -ldflags "-s -w -X main.version=$version" -o bin/sampan ./cmd/sampan
}

# demo: builds, serves the house-price model and asks it over HTTP, RPC and the SDK (--once: then ends)
cmd_demo() {
  cmd_build
  go build -trimpath -o bin/demo ./examples/fit_a_line
  bin/demo "$@"
}

# test: all tests; further arguments go to `go test`
cmd_test() {
  cmd_deps
  with_library go test "$@" ./...
}

# race: all tests with the race detector
cmd_race() { cmd_test -race "$@"; }

#  paddle_client unpacks the Python files of Paddle Serving's client, whose library is for
#  older Pythons, into a folder.
PADDLE_CLIENT=paddle_serving_client==0.9.0
PADDLE_CLIENT_SUM=acc2d8af6e678553617ad502be6e83dba18c508db4505585ff7e4a68716084db
PADDLE_SERVER=paddle-serving-server==0.9.0
PADDLE_SERVER_SUM=85f741fd12d210fd5abe8607c6156e1c6597da7ca8fc7eadee99aaccb24d33c3

paddle_client() {
  local wheel
  "$1/python/bin/pip" download -q --no-deps --only-binary=:all: --python-version 3.9 -d "$1/wheel" "$PADDLE_CLIENT"
  wheel=$(echo "$1"/wheel/paddle_serving_client-*.whl)
  echo "$PADDLE_CLIENT_SUM  $wheel" | sha256sum --check --status || fail "the checksum of $wheel is wrong"
  "$1/python/bin/python" -m zipfile -e "$wheel" "$1/paddle.all"
  mkdir -p "$1/paddle/paddle_serving_client"
  mv "$1/paddle.all/paddle_serving_client/httpclient.py" "$1/paddle.all/paddle_serving_client/proto" "$1/paddle/paddle_serving_client/"
  rm -rf "$1/paddle.all" "$1/wheel"
  "$1/python/bin/pip" download -q --no-deps --only-binary=:all: --python-version 3.9 -d "$1/wheel" "$PADDLE_SERVER"
  wheel=$(echo "$1"/wheel/paddle_serving_server-*.whl)
  echo "$PADDLE_SERVER_SUM  $wheel" | sha256sum --check --status || fail "the checksum of $wheel is wrong"
  "$1/python/bin/python" -m zipfile -e "$wheel" "$1/paddle.all"
  mkdir -p "$1/paddle/paddle_serving_server/pipeline"
  mv "$1/paddle.all/paddle_serving_server/pipeline/pipeline_client.py" "$1/paddle.all/paddle_serving_server/pipeline/proto" "$1/paddle/paddle_serving_server/pipeline/"
  rm -rf "$1/paddle.all" "$1/wheel"
}

# foreign: fetches clients in other languages into .cache/foreign, for tests that call our servers (needs Python 3.10 or later and Node)
cmd_foreign() {
  local home=$PWD/.cache/foreign from=client/testdata/foreign
  local key
  key=$(cat "$from/requirements.txt" "$from/package-lock.json" build.sh | sha256sum)
  if [ "$(cat "$home/made" 2>/dev/null)" = "$key" ]; then return; fi
  rm -rf "$home" && mkdir -p "$home"
  say "fetching clients in Python and JavaScript"
  python3 -m venv "$home/python"
  "$home/python/bin/pip" install -q --disable-pip-version-check --no-deps --only-binary=:all: -r "$from/requirements.txt"
  paddle_client "$home"
  cp "$from/package.json" "$from/package-lock.json" "$home/"
  (cd "$home" && npm ci --silent --ignore-scripts --no-audit --no-fund)
  echo "$key" >"$home/made"
}

# gen: generates kitex_gen/ from idl/, and docs/operators.md from engine/paddle's tables
cmd_gen() {
  mkdir -p .cache
  go build -o .cache/protoc ./internal/tools/protoc
  rm -rf kitex_gen
  local file
  for file in idl/*.proto; do
    KITEX_TOOL_USE_PROTOC=1 go tool kitex -module github.com/sampanml/sampan -type protobuf \
      -compiler-path "$PWD/.cache/protoc" -I idl "$file" >.cache/kitex.log 2>&1 || { cat .cache/kitex.log; fail "kitex failed on $file"; }
  done
  go run ./internal/tools/operators >.cache/operators.md
  mv .cache/operators.md docs/operators.md
}

# gencheck: checks that kitex_gen/ and docs/operators.md are what gen makes
cmd_gencheck() {
  cmd_gen
  git diff --exit-code --stat -- kitex_gen docs/operators.md || fail "kitex_gen/ or docs/operators.md differ from what gen makes; run ./build.sh gen"
  [ -z "$(git status --porcelain -- kitex_gen)" ] || fail "kitex_gen/ has files that idl/ does not give"
}

own_go_files() { git ls-files --cached --others --exclude-standard '*.go' | grep -Ev "$GENERATED"; }

# fmt: formats the Go files
cmd_fmt() { own_go_files | xargs gofmt -w; }

# lint: gofmt, go vet, staticcheck, go mod tidy
cmd_lint() {
  local bad
  bad=$(own_go_files | xargs gofmt -l)
  [ -z "$bad" ] || fail "not formatted: $bad"
  go vet ./...
  go run "$STATICCHECK" $(go list ./... | grep -v /kitex_gen/)
  go mod tidy -diff
}

# fuzz_target runs one target. Go's fuzzer now and then takes the end of its own time
# for a failure (go.dev/issue/75804); such a run, which wrote no failing input, does not
# count and is made again.
fuzz_target() {
  local out try
  for try in 1 2 3; do
    if out=$(with_library go test -run='^$' -fuzz="^$2\$" -fuzztime="${FUZZ_SECONDS}s" -fuzzminimizetime=10x "$1" 2>&1); then
      printf '%s\n' "$out"
      return
    fi
    case $out in
      *"Failing input written"*) break ;;
      *"context deadline exceeded"*) say "$2 ended late (try $try of 3)" ;;
      *) break ;;
    esac
  done
  printf '%s\n' "$out"
  return 1
}

# fuzz: every fuzz target for FUZZ_SECONDS (10) each
cmd_fuzz() {
  cmd_deps
  local file pkg target
  while IFS=: read -r file target; do
    pkg=./$(dirname "$file")
    say "fuzz $pkg $target"
    fuzz_target "$pkg" "$target"
  done < <(git ls-files --cached --others --exclude-standard '*_test.go' | xargs grep -Eo '^func Fuzz[A-Za-z0-9_]*' | sed 's/func //')
}

# bench: the Go benchmarks, with allocations
cmd_bench() {
  cmd_deps
  with_library go test -run='^$' -bench=. -benchmem "$@" ./...
}

# package: dist/sampan-VERSION-OS-ARCH.tar.gz with the program and the library
cmd_package() {
  cmd_build
  local name
  name=sampan-$(bin/sampan version --short)-$(go env GOOS)-$(go env GOARCH)
  mkdir -p "dist/$name"
  cp bin/sampan bin/libonnxruntime.so LICENSE README.md "dist/$name/"
  tar -C dist -czf "dist/$name.tar.gz" "$name"
  echo "dist/$name.tar.gz"
}

# ci: what has to pass before a change lands
cmd_ci() { .ci/run; }

# clean: removes what was built and fetched
cmd_clean() { rm -rf bin dist .cache; }

verb=${1:-help}
[ $# -eq 0 ] || shift
case "$verb" in -h | --help) verb=help ;; esac
declare -F "cmd_$verb" >/dev/null || { cmd_help >&2; fail "verb \"$verb\" is not known"; }
"cmd_$verb" "$@"
