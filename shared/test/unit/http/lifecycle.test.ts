import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ListenError, type Listening, listen } from '../../../src/http/lifecycle.ts';

const open: Listening[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close(0);
});
const start = async (port = 0) => {
  const server = await listen({ host: '127.0.0.1', port }, (_request, response) => void response.end('here'));
  open.push(server);
  return server;
};

describe('a server', () => {
  it('answers a burst of connections, whichever of its sockets they come to', async () => {
    const { port } = await start();
    const answers = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const socket = connect(port, '127.0.0.1').setEncoding('utf8');
        socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
        let text = '';
        for await (const chunk of socket) text += chunk;
        return text.startsWith('HTTP/1.1 200 OK');
      }),
    );
    expect(answers).toEqual(Array(200).fill(true));
  });

  it.runIf(process.platform === 'linux')(
    'takes tens of connections in a turn of the event loop',
    async () => {
      let turns = 0;
      const seen = new Set<number>();
      const server = await listen({ host: '127.0.0.1', port: 0 }, (_request, response) => {
        seen.add(turns);
        response.end();
      });
      open.push(server);
      let counting = true;
      const count = () => {
        turns += 1;
        if (counting) setImmediate(count);
      };
      const answered = Array.from({ length: 200 }, async () => {
        const socket = connect(server.port, '127.0.0.1');
        socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
        await once(socket.resume(), 'close');
      });
      count();
      await Promise.all(answered);
      counting = false;
      expect(seen.size).toBeLessThan(30);
    },
  );

  it('does not share its port with another one', async () => {
    const { port } = await start();
    await expect(start(port)).rejects.toThrow(ListenError);
    await expect(start(port)).rejects.toThrow('another program listens there');
  });

  it('leaves its port with all of its sockets', async () => {
    const first = await start();
    await first.close(0);
    open.splice(0);
    expect((await start(first.port)).port).toBe(first.port);
  });
});
