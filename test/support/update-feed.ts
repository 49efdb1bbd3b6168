// A place of updates on loopback: a signed description and a file, as they are or exchanged on the way.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is offered next; `changed` after it was signed. */
export interface Offered {
  readonly version: string;
  readonly notes?: string;
  readonly changed?: 'description' | 'file';
}

export interface UpdateFeed {
  readonly url: string;
  /** PEM. */
  readonly publicKey: string;
  offer(offered: Offered): void;
  /** Of all requests so far. */
  headers(): readonly IncomingHttpHeaders[];
  stop(): void;
}

/** Serves nothing before the first offer. */
export const startFeed = async (): Promise<UpdateFeed> => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const files = new Map<string, Buffer>();
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    const body = files.get((request.url ?? '').split('?')[0] ?? '');
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-length': body.length }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    offer({ version, notes = 'Notes', changed }) {
      const name = `dumont-cloud-${version}-linux-${process.arch === 'x64' ? 'x86_64' : process.arch}.AppImage`;
      const file = Buffer.from(`version ${version}`.repeat(1000));
      const text = JSON.stringify({ version, files: [{ url: name, sha512: createHash('sha512').update(file).digest('base64'), size: file.length }], releaseDate: '2026-11-26', releaseNotes: notes });
      files.clear();
      files.set('/latest-linux.json.sig', Buffer.from(sign(null, Buffer.from(text), privateKey).toString('base64')));
      files.set('/latest-linux.json', Buffer.from(changed === 'description' ? text.replace(notes, 'Other') : text));
      files.set(`/${name}`, changed === 'file' ? Buffer.from('V'.repeat(file.length)) : file);
    },
    headers: () => seen,
    stop: () => void server.close(),
  };
};
