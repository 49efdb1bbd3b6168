// A display for Electron where the machine has none: an Xvfb of our own for the time of the work.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs the work with DISPLAY set. */
export async function withDisplay<Value>(work: () => Promise<Value>): Promise<Value> {
  if (process.platform !== 'linux' || process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined) return work();
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [data] = (await once(server.stdout, 'data')) as [Buffer];
  process.env['DISPLAY'] = `:${data.toString().trim()}`;
  try {
    return await work();
  } finally {
    delete process.env['DISPLAY'];
    server.kill();
  }
}
