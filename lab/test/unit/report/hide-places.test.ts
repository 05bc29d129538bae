/** What names a machine does not leave it with a report. */
import { expect, it } from 'vitest';
import { createHider } from '../../../report/hide-places.ts';

const hide = createHider({ name: 'laptop-of-ann', folders: ['/home/ann/holdfast', '/home/ann', '/tmp'] });

it.each([
  ['logs are in /tmp/holdfast-chaos-1x/order.log', 'logs are in …/holdfast-chaos-1x/order.log'],
  ['Error: at /home/ann/holdfast/lab/x.ts:3', 'Error: at …/lab/x.ts:3'],
  ['open /var/lib/secret/key.pem', 'open …/key.pem'],
  [
    'order→payment@127.0.0.1:3001 and http://payment:3000/create',
    'order→payment@127.0.0.1:3001 and http://payment:3000/create',
  ],
  ['instance laptop-of-ann:3000', 'instance host-1:3000'],
  ['http://ann:pw@db.inside.example:27017/x', 'http://host-2:27017/x'],
  ['10.1.2.3:3000 refused, 10.1.2.4:3000 not', 'host-3:3000 refused, host-4:3000 not'],
  [
    'again db.inside at http://db.inside.example/, Node 24.21.0, 1.2.3',
    'again db.inside at http://host-2/, Node 24.21.0, 1.2.3',
  ],
  ['GET /create answered 503 at /problems/injected', 'GET /create answered 503 at /problems/injected'],
])('%s', (text, hidden) => {
  expect(hide(text)).toBe(hidden);
});
