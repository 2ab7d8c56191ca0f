# What bench/run, bench/mqtt and bench/grpc share. Expects: only, limit and keep; stands in the repository's root.
# shellcheck shell=bash

work=$(mktemp -d)
results=$work/results
: >"$results"
pids=()

# Ends processes that were started.
end() {
  local pid
  for pid; do kill "$pid" 2>/dev/null || true; done
  for pid; do
    for _ in {1..100}; do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  done
}
stop_all() {
  local code=$?
  trap - EXIT
  end "${pids[@]}"
  if [[ $keep ]]; then mkdir -p "$keep" && cp -r "$work"/results "$work"/*.log "$keep"; fi
  rm -rf "$work"
  exit "$code"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

say() { echo "bench: $*" >&2; }
wants() { [[ ,$only, == *,$1,* ]]; }

# Runs a program in the background, its output in a log; its id is in $started then.
start() {
  local name=$1; shift
  "$@" >"$work/$name.log" 2>&1 &
  started=$!
  pids+=("$started")
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Waits until a command succeeds.
await() {
  local what=$1; shift
  for _ in {1..300}; do "$@" >/dev/null 2>&1 && return; sleep 0.2; done
  say "$what did not come up:"; tail -n 20 "$work"/*.log >&2
  return 1
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }
answers() { curl -fsS --max-time 5 -o /dev/null "$@"; }

# Ids of the processes below one whose command line names a program, comma-separated.
below() {
  local pid
  for pid in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
    if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q "$2"; then echo -n "$pid,"; fi
    below "$pid" "$2"
  done
}

bin() { echo "$1/bin/Release/net10.0/$(basename "$1")"; }
# Completions run on the thread that polls the sockets: the least that a driver can cost.
load() { DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1 timeout "${patience:-120}" "$(bin bench/Zilla.Load)" "$@"; }
# A figure's line goes to the results.
measure() { if load "$@" >>"$results" 2>"$work/driver.log"; then tail -n 1 "$results" | tr '\t' ' ' >&2; else say "$* failed: $(cat "$work/driver.log")"; fi; }
in_time() { ((SECONDS < limit)) || { say "out of time after $SECONDS s: what is left is left out"; return 1; }; }

# The two sides of a figure run next to each other, in an order that changes with the round.
both() {
  if (($1 % 2)); then "$2" ours; "$2" peer; else "$2" peer; "$2" ours; fi
}

build() {
  local project
  say "building"
  for project; do dotnet build -c Release -v quiet "$project" >&2; done
  ulimit -n "$(ulimit -Hn)"
}
