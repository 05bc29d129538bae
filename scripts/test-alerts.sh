#!/usr/bin/env bash
# Checks the Prometheus files of deploy/ with Prometheus' own tool: both configurations, the rules, and the rules played
# through (deploy/prometheus/alerts.test.yaml). Not part of `npm test`, which does without promtool.
set -euo pipefail
cd "$(dirname "$0")/../deploy/prometheus"

if ! command -v promtool >/dev/null; then
  echo 'promtool is missing; it comes with Prometheus (Debian: apt-get install --no-install-recommends prometheus).' >&2
  exit 1
fi
promtool check config prometheus.yaml
promtool check config prometheus.local.yaml
promtool test rules alerts.test.yaml
