import { createServer } from 'node:http';

/** A node's address behind which a share of the requests fails, each in another way. */
export interface FaultyProxy {
  readonly url: string;
  faults(): number;
  setRate(rate: number): void;
  stop(): Promise<void>;
}

/** What goes wrong, in turn. In the last two the node has done what was asked. */
const faults = ['drop', 'status 503', 'limit', 'no JSON', 'answer lost', 'answer cut'] as const;

export async function startFaultyProxy(target: string, initialRate: number): Promise<FaultyProxy> {
  let [rate, requests, count] = [initialRate, 0, 0];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      requests++;
      // Evenly spread and the same in every run.
      const faulty = Math.floor(requests * rate) > Math.floor((requests - 1) * rate);
      const fault = faulty ? faults[count++ % faults.length] : undefined;
      if (fault === 'drop') return request.socket.destroy();
      if (fault === 'status 503') return response.writeHead(503).end();
      if (fault === 'limit') return response.end('{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"limit"}}');
      if (fault === 'no JSON') return response.end('<html>busy</html>');
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(target, { method: 'POST', headers, body: Buffer.concat(chunks) }).catch(
        () => undefined,
      );
      if (answer === undefined || fault === 'answer lost') return request.socket.destroy();
      const text = await answer.text();
      return response.end(fault === 'answer cut' ? text.slice(0, text.length / 2) : text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    faults: () => count,
    setRate(next) {
      rate = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
