// A real server of restic's REST protocol for tests: rclone's, with a user and a password, on a free port of 127.0.0.1.
import { execFileSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { killTree, startProgram } from './processes';

export interface RestServer {
  /** Without user and password. */
  readonly url: string;
  stop(): Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Serves a folder. Repositories are paths of the URL. */
export const startRestServer = async (folder: string, user: string, password: string): Promise<RestServer> => {
  try {
    execFileSync('rclone', ['version'], { stdio: 'ignore' });
  } catch {
    throw new Error('rclone was not found; on Debian: apt-get install rclone');
  }
  const port = await freePort();
  // Its log goes to stderr; stdout tells that the line has come.
  const program = startProgram('sh', ['-c', 'exec rclone serve restic "$0" --addr "127.0.0.1:$1" --user "$2" --pass "$3" -v 2>&1', folder, String(port), user, password]);
  await program.line(/Serving restic REST API/, 20_000);
  return { url: `http://127.0.0.1:${port}/`, stop: () => killTree(program).then(() => undefined) };
};
