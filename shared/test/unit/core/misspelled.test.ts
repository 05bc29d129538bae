/** Misspelled settings are found, and the names of others are left alone. */
import { hopSettings } from '@holdfast/shared/app/hop-settings.ts';
import { findMisspelled, toMisspelledSentence } from '@holdfast/shared/core/misspelled.ts';
import { expect, it } from 'vitest';

const known = [
  ...Object.keys(hopSettings('a', 1)),
  'PORT_BASE',
  'DATA_DIR',
  'PAYMENT_INJECT_ERR',
  'LAB_SERVICES',
];
const meantBy = (said: string) => findMisspelled(known, [said])[0]?.meant;

it.each([
  ['BREAKER_OPEN_MSX', 'BREAKER_OPEN_MS'],
  ['BREAKER_OPEN', 'BREAKER_OPEN_MS'],
  ['BREAKER_OPENMAX_MS', 'BREAKER_OPEN_MAX_MS'],
  ['BREAKER_TRESHOLD', 'BREAKER_THRESHOLD_RATIO'],
  ['RETRY_BUDGET', 'RETRY_BUDGET_RATIO'],
  ['PORTBASE', 'PORT_BASE'],
  ['DATADIR', 'DATA_DIR'],
  ['MONGO_URI', 'MONGO_URL'],
  ['MONGO_ULR_FILE', 'MONGO_URL'],
  ['LOG_LEVLE', 'LOG_LEVEL'],
  ['PAYMENT_INJECT_ER', 'PAYMENT_INJECT_ERR'],
  ['LAB_SERVICE', 'LAB_SERVICES'],
])('%s was meant for %s', (said, meant) => {
  expect(meantBy(said)).toBe(meant);
});

it.each(
  `PORT HOST HOSTS HOSTNAME PORT_HTTP PORT_3000_TCP PATH TERM LANG LC_ALL NODE_ENV NODE_OPTIONS NODE_NAME npm_config_port
   npm_package_name NPM_TOKEN HOME USER SHELL EDITOR TMPDIR PWD OLDPWD LOGNAME DISPLAY CI TZ HTTP_PROXY HTTPS_PROXY NO_PROXY
   XDG_DATA_DIRS SSH_AUTH_SOCK LAB_PORT LAB_SERVICE_HOST LAB_SERVICE_PORT LAB_SERVICE_PORT_HTTP PAYMENT_PORT
   PAYMENT_PORT_3000_TCP_ADDR PAYMENT_SERVICE_PORT MONGO_PORT MONGO_HOST MONGO_DATA_DIR OTEL_SERVICE_NAME
   OTEL_EXPORTER_OTLP_PROTOCOL REQUEST_ID CHAIN_ID LABEL LOGS DATA COLOR FORCE_COLOR COLORTERM RELEASE_NAME INSTANCE_ID
   COMMIT_SHA GIT_COMMIT CHROMIUM HAPROXY NGINX TEST_NAME JUMP_HOST MONGO_URL_FILE BREAKER_OPEN_MS`.split(
    /\s+/,
  ),
)('%s is left alone', (name) => {
  expect(meantBy(name)).toBeUndefined();
});

it('is told in a sentence without its value', () => {
  expect(toMisspelledSentence({ said: 'PORTBASE', meant: 'PORT_BASE' })).toBe(
    'PORTBASE is no setting here and changes nothing; did you mean PORT_BASE?',
  );
});
