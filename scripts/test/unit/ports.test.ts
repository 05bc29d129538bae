/** What `npm start` says of ports that are taken. */
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { findFreePorts } from '../../../lab/processes/ports.ts';
import { findTakenPorts } from '../../start/ports.ts';

async function take(port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

const part = (name: string, port: number) => ({ name, host: '127.0.0.1', port });

it.runIf(process.platform === 'linux')(
  'says that the system hands such a port out, and names a base that is free',
  async () => {
    const port = await take(0);
    const [sentence] = await findTakenPorts([part('order', port)], port);
    expect(sentence).toMatch(
      new RegExp(
        `^Port ${port}, which order needs, is in use by another program; the system hands out the ports from \\d+ to \\d+ to ` +
          'connections, so that any of them may be taken; choose other ports with PORT_BASE, as in PORT_BASE=\\d+ npm start\\.$',
      ),
    );
    expect(sentence).not.toContain(`PORT_BASE=${port} `);
  },
);

it('says nothing while all are free', async () => {
  const [port = 0] = await findFreePorts(1);
  expect(await findTakenPorts([part('order', port)], port)).toEqual([]);
});
