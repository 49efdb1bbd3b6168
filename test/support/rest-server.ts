// A real server of restic's REST protocol for tests: rclone's, with a user and a password, on a free port of 127.0.0.1.
import { execFileSync } from 'node:child_process';
import { killTree, startProgram } from './processes';

export interface RestServer {
  /** Without user and password. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves a folder. Repositories are paths of the URL. */
export const startRestServer = async (folder: string, user: string, password: string): Promise<RestServer> => {
  try {
    execFileSync('rclone', ['version'], { stdio: 'ignore' });
  } catch {
    throw new Error('rclone was not found; on Debian: apt-get install rclone');
  }
  // Its log goes to stderr; stdout tells that the line has come.
  const program = startProgram('sh', ['-c', 'exec rclone serve restic "$0" --addr 127.0.0.1:0 --user "$1" --pass "$2" -v 2>&1', folder, user, password]);
  const [, url = ''] = await program.line(/Serving restic REST API on \[?(http:\/\/127\.0\.0\.1:\d+\/)/, 20_000);
  return { url, stop: () => killTree(program).then(() => undefined) };
};
