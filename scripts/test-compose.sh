#!/usr/bin/env bash
# `npm run test:compose`: runs docker-compose.yaml for real and checks what it promises.
#
# Needs a Docker engine, the right to use it, and the ports 3000 to 3002 and 3010 free. It works under a project name of its own,
# so that nobody's containers or documents are touched, and leaves nothing behind. The last line is `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.."

export COMPOSE_PROJECT_NAME=holdfast-test-$$ COMPOSE_ANSI=never LOG_FORMAT=json LAB=1 LAB_TOKEN= LAB_HOSTS=
order=http://127.0.0.1:3000 lab=http://127.0.0.1:3010
passed=0 failed=0

main() {
  read_arguments "$@"
  demand_engine
  demand_free_ports
  local mongo_port_before=closed
  is_open 27017 && mongo_port_before=open
  trap clean_up EXIT

  section 'configuration'
  check 'the topology is legal' alone config -q
  check 'the topology with the published ports is legal' plain config -q
  check 'the images build' alone build
  check 'everything starts' alone up -d
  check 'everything becomes healthy' is_healthy order payment shipment mongo lab

  section 'an order'
  check 'ships' ships "$(an_order first)"
  check 'tells its way in the words of the chain' body_has '"message":"This is order @' '-> Next This is shipment @' '-> Last"'
  check 'is replayed when it is sent again' is_replayed "$(an_order first)"
  check 'can be read back' is_answered 200 GET "$order/orders/first"
  check 'with other content is refused' is_answered 409 POST "$order/orders" "$(an_order first elsewhere)"
  check 'that is none is refused' is_answered 422 POST "$order/create" '{}'

  section 'closed doors'
  check "order's and the lab's ports are the only ones on the host, on loopback" publishes_only_order_and_lab
  check 'MongoDB is out of reach of the host' test "$mongo_port_before" = open -o "$(is_open 27017 && echo open)" = ''
  check 'MongoDB is out of reach of the lab' lab_cannot_reach_mongo
  check 'MongoDB answers nobody without the password' is_closed_without_password
  for service in order payment shipment lab; do
    check "$service runs as node, not as root" runs_as "$service" 1000
    check "$service cannot write to its own files" cannot_write "$service"
    check "$service has no capabilities and gains none" is_confined "$service"
  done

  section 'the lab'
  check 'serves its page and lets it load nothing else' page_is_guarded
  check 'hears all three services' hears 3
  check 'shows what has no port of its own' is_answered 200 GET "$lab/services/shipment/metrics"
  check 'sends an order' is_answered '20[02]' POST "$lab/api/orders" '{}'
  check 'breaks shipment' is_answered 201 PUT "$lab/api/services/shipment/faults/down" '{"type":"error"}'
  check 'and order keeps what shipment refuses' keeps "$(an_order zeroth)"
  check 'forces a breaker' forces_a_breaker
  check 'resets everything' is_answered 200 POST "$lab/api/reset" '{}'
  check 'leaves no fault behind' leaves_no_fault
  check 'is refused to pages of others' refuses_other_origin
  check 'is in no image of a service' alone exec -T order node -e 'process.exit(require("node:fs").existsSync("/app/lab") ? 1 : 0)'
  check 'the order ships by itself' ships_by_itself zeroth
  alone kill lab >>"$log" 2>&1
  check 'is not needed' ships "$(an_order without-lab)"
  alone start lab >>"$log" 2>&1
  check 'comes back' is_healthy lab

  section 'payment is killed'
  alone kill payment >>"$log" 2>&1
  check 'order keeps the order and says that it is pending' keeps "$(an_order second)"
  check 'order is alive and ready' is_answered 200 GET "$order/readyz"
  alone start payment >>"$log" 2>&1
  check 'payment comes back' is_healthy payment
  check 'the order ships without being sent again' ships_by_itself second

  section 'MongoDB is killed'
  alone kill mongo >>"$log" 2>&1
  check 'order answers 503' is_answered 503 POST "$order/create" "$(an_order third)"
  alone start mongo >>"$log" 2>&1
  check 'everything becomes healthy again' is_healthy order payment shipment mongo
  check 'what was kept is still there' is_answered 200 GET "$order/orders/first"
  check 'orders ship again' ships "$(an_order third)"

  section 'three payments'
  check 'start beside each other' alone up -d --scale payment=3
  check 'become healthy' is_healthy payment
  check 'are three' test "$(alone ps -q payment | wc -l)" -eq 3
  check 'have a breaker each' has_breakers 3
  check 'are all shown by the lab' hears 5
  check 'an order ships' ships "$(an_order fourth)"
  check 'share the orders' spreads_over 3 30
  docker kill "$(alone ps -q payment | head -n 1)" >>"$log" 2>&1
  check 'are two when one is killed, and orders ship' ships "$(an_order fifth)"
  check 'its breaker goes with it' has_breakers 2
  check 'share the orders as before' spreads_over 2 20
  alone up -d --scale payment=1 >>"$log" 2>&1

  section 'with the override file'
  check 'everything starts' plain up -d
  check 'everything becomes healthy' is_healthy order payment shipment mongo
  check "payment's port is on loopback" test "$(plain port payment 3000)" = 127.0.0.1:3001
  check "shipment's port is on loopback" test "$(plain port shipment 3000)" = 127.0.0.1:3002
  check 'payment answers there' is_answered 200 GET http://127.0.0.1:3001/livez
  check 'shipment answers there' is_answered 200 GET http://127.0.0.1:3002/livez

  section 'the end'
  check 'everything goes' plain down -v
  check 'no container is left' test -z "$(docker ps -aq --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME")"
}

# -- compose, with and without the override file; v2 where there is one, else docker-compose 1.29 or newer ------------

plain() { if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi; }
alone() { plain -f docker-compose.yaml "$@"; }

read_arguments() {
  [ $# -eq 0 ] && return
  if [ "$1" = --help ] || [ "$1" = -h ]; then
    cat <<'HELP'
Usage: npm run test:compose

Runs docker-compose.yaml for real, under a project name of its own, and checks what it promises. It takes minutes.

  --help  says this

Example: npm run test:compose

It needs a Docker engine, the right to use it, and the ports 3000 to 3002 and 3010 free. Exit code 1: a check failed.
HELP
    exit 0
  fi
  case $1 in
    --h*) echo "$1 is not known here; did you mean --help? npm run test:compose -- --help says what is." >&2 ;;
    *) echo "$1 is not known here: npm run test:compose -- --help says what is." >&2 ;;
  esac
  exit 2
}

demand_engine() {
  if ! command -v docker >/dev/null || ! docker info >/dev/null 2>&1; then
    echo 'No Docker engine answers here: install and start one, or run this as a user who may use it (root).' >&2
    exit 2
  fi
  if ! plain version >/dev/null 2>&1; then
    echo 'There is a Docker engine but no compose: install "docker compose" or docker-compose.' >&2
    exit 2
  fi
}

demand_free_ports() {
  for port in 3000 3001 3002 3010; do
    is_open "$port" || continue
    echo "Port $port is in use, and the containers need it: stop what listens there (npm start?)." >&2
    exit 2
  done
}

clean_up() {
  plain down -v --rmi local >>"$log" 2>&1
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ] && rm -f "$log" || echo "What the commands said is in $log." >&2
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] || exit 1
}

# -- what is counted --------------------------------------------------------------------------------------------------

log=$(mktemp)

section() { printf '\n%s\n' "$1"; }

check() {
  local sentence=$1
  shift
  printf -- '-- %s: %s\n' "$sentence" "$*" >>"$log"
  if "$@" >>"$log" 2>&1; then
    passed=$((passed + 1))
    printf '  ✓ %s\n' "$sentence"
  else
    failed=$((failed + 1))
    printf '  ✗ %s\n' "$sentence"
    tail -n 5 "$log" | cut -c 1-300 | sed 's/^/      /'
  fi
}

# -- requests; the answer stays in $answer: the status, then Retry-After and Idempotent-Replayed, then the body -------

an_order() {
  printf '{"id":"%s","items":[],"payment":{"id":"%s","amount":0,"shipment":{"id":"%s","directions":"%s"}}}' \
    "$1" "$1" "$1" "${2:-home}"
}

ask() {
  answer=$(node -e '
    const [method, url, body] = process.argv.slice(1);
    const headers = { "Content-Type": "application/json" };
    fetch(url, { method, ...(body && { body, headers }), signal: AbortSignal.timeout(10_000) })
      .then(async (answer) => {
        const header = (name) => answer.headers.get(name) ?? "-";
        process.stdout.write([answer.status, header("retry-after"), header("idempotent-replayed")].join(" ") + "\n");
        process.stdout.write((await answer.text()).trim() + "\n");
      })
      .catch((error) => process.stdout.write(`000 - -\n${error.message}\n`));
  ' "$@")
  printf '%s\n' "$answer"
  read -r status retry_after replayed <<<"$answer"
}

is_answered() {
  local expected=$1
  shift
  # The expected status may be a pattern.
  # shellcheck disable=SC2053
  ask "$@" && [[ $status == $expected ]]
}

# Sends the same order at most ten times, since the shipment fails two requests of five on purpose.
ships() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    ask POST "$order/create" "$1"
    case $status in
      200) return 0 ;;
      202 | 503) sleep "${retry_after/-/1}" ;;
      *) return 1 ;;
    esac
  done
  return 1
}

# Waits for the relay: the next probe of a breaker that failed often may be a minute away.
ships_by_itself() {
  local deadline=$((SECONDS + 120))
  until is_answered 200 GET "$order/orders/$1" && body_has '"status":"completed"'; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 1
  done
}

is_replayed() { ships "$1" && [ "$replayed" = true ]; }

keeps() { is_answered 202 POST "$order/create" "$1" && body_has '"status":"pending"' '"reason":"'; }

body_has() { for part in "$@"; do grep -qF -- "$part" <<<"$answer" || return 1; done; }

page_is_guarded() {
  node -e '
    (async () => {
      for (const path of ["/", "/assets/main.js", "/assets/main.css"]) {
        const answer = await fetch(process.argv[1] + path);
        const policy = answer.headers.get("content-security-policy") ?? "";
        if (answer.status !== 200 || !policy.startsWith("default-src \x27none\x27") || policy.includes("unsafe")) process.exit(1);
      }
    })();
  ' "$lab"
}

hears() {
  local deadline=$((SECONDS + 30))
  until ask GET "$lab/api/status" && [ "$(grep -o '"connected":true' <<<"$answer" | wc -l)" -eq "$1" ]; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.5
  done
}

# Names and counts of order's breakers, a line for each.
breakers() {
  node -e '
    fetch(process.argv[1]).then((answer) => answer.json()).then(({ breakers }) => {
      for (const { name, counts } of breakers) console.log(`${name} ${counts.success + counts.failure + counts.timeout}`);
    });
  ' "$order/breakers"
}

forces_a_breaker() {
  local name
  name=$(breakers | sed -n '1s/ [0-9]*$//p')
  is_answered 200 PATCH "$lab/api/services/order/breakers/$(node -p 'encodeURIComponent(process.argv[1])' "$name")" '{"force":"disabled"}'
}

has_breakers() {
  local deadline=$((SECONDS + 30))
  until [ "$(breakers | tee -a "$log" | grep -c '^order→payment@')" -eq "$1" ]; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.5
  done
}

# Sends $2 orders; each of $1 instances must get at least half of an even share of them.
spreads_over() {
  local before after
  before=$(breakers)
  for i in $(seq "$2"); do ask POST "$order/create" "$(an_order "spread-$1-$i")"; done
  after=$(breakers)
  printf 'before:\n%s\nafter:\n%s\n' "$before" "$after"
  [ "$(awk -v least=$(($2 / $1 / 2)) 'NR == FNR { seen[$1] = $2; next } $2 - seen[$1] >= least' \
    <(printf '%s\n' "$before") <(printf '%s\n' "$after") | wc -l)" -eq "$1" ]
}

leaves_no_fault() { is_answered 200 GET "$lab/api/services/shipment/faults" && ! grep -q '"name"' <<<"$answer"; }

refuses_other_origin() {
  node -e '
    fetch(process.argv[1], { method: "DELETE", headers: { Origin: "http://evil.example" } })
      .then(({ status }) => process.exit(status === 403 ? 0 : 1));
  ' "$lab/api/services/shipment/faults"
}

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# -- containers -------------------------------------------------------------------------------------------------------

is_healthy() {
  local deadline=$((SECONDS + 90)) id
  for service in "$@"; do
    for id in $(alone ps -q "$service"); do
      until [ "$(docker inspect -f '{{.State.Status}} {{.State.Health.Status}}' "$id")" = 'running healthy' ]; do
        if [ $SECONDS -ge $deadline ]; then
          docker logs --tail 20 "$id"
          return 1
        fi
        sleep 0.5
      done
    done
    [ -n "${id:-}" ] || return 1
  done
}

publishes_only_order_and_lab() {
  local found=''
  for service in order payment shipment mongo lab; do
    found+=$(docker inspect -f '{{range $port, $at := .HostConfig.PortBindings}}{{range $at}}{{.HostIp}}:{{.HostPort}} {{end}}{{end}}' \
      "$(alone ps -q "$service")")
  done
  echo "$found"
  [ "$found" = '127.0.0.1:3000 127.0.0.1:3010 ' ]
}

# The lab may use no name and no address of MongoDB's network.
lab_cannot_reach_mongo() {
  local address
  address=$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$(alone ps -q mongo)")
  alone exec -T lab node -e '
    const tries = process.argv.slice(1).map((host) => new Promise((done) => {
      const socket = require("node:net").connect(27017, host, () => done(true)).on("error", () => done(false));
      socket.setTimeout(2000, () => { socket.destroy(); done(false); });
    }));
    Promise.all(tries).then((reached) => process.exit(reached.includes(true) ? 1 : 0));
  ' mongo "$address"
}

is_closed_without_password() {
  alone exec -T -w /app/shared order node --input-type=module -e '
    import { MongoClient } from "mongodb";
    const client = new MongoClient("mongodb://mongo:27017", { serverSelectionTimeoutMS: 3000 });
    client.db("holdfast").collection("orders").countDocuments().then(() => process.exit(1), ({ code }) => process.exit(code === 13 ? 0 : 2));
  '
}

runs_as() { [ "$(alone exec -T "$1" node -p 'process.getuid()')" = "$2" ]; }

cannot_write() {
  alone exec -T "$1" node -e '
    const { writeFileSync } = require("node:fs");
    for (const path of ["/app/package.json", "/tmp/x", "/home/node/x"])
      try { writeFileSync(path, ""); process.exit(1); } catch (error) { if (error.code !== "EROFS") process.exit(1); }
  '
}

is_confined() {
  local facts
  facts=$(docker inspect -f '{{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Init}}' \
    "$(alone ps -q "$1")")
  echo "$facts"
  [ "$facts" = '[ALL] [no-new-privileges:true] true true' ]
}

main "$@"
