// A process of its own that runs nothing but the capture worker on one tree, and says the most memory it had (kB, VmHWM): started by the capture bench.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const [, , file, text] = process.argv;
const { data, plan } = JSON.parse(text);
const worker = new Worker(file, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 } });
let calls = 0;
const waiting = new Map();
worker.on('message', (message) => {
  if (message.type === 'hook') return;
  const { resolve, reject } = waiting.get(message.id);
  if (message.type === 'done') resolve(message.result);
  else reject(new Error(message.error.message));
});
const call = (method, ...args) =>
  new Promise((resolve, reject) => {
    waiting.set((calls += 1), { resolve, reject });
    worker.postMessage({ type: 'call', id: calls, method, args });
  });
const most = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
const before = most();
await call('probe', plan.directory);
await call('scan', { ...plan, present: new Set() });
while ((await call('fetch')).rest);
await call('seal', { partial: false, takenAt: new Date(0).toISOString() });
await call('close');
process.stdout.write(JSON.stringify({ before, most: most() }));
process.exit(0);
