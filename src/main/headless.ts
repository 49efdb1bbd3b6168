// The entry without Electron: the same services and the same pages behind HTTP only.
import { readConfig, surroundings, type AppConfig } from './config';
import { demoAccount, seedDemo, startDemoSimulator } from './demo';
import { endInTurn, endTimes, exitCodes, keepFilesPrivate, makeSetupCode, onEndSignal, onUnexpected, StartError } from './lifecycle';
import { followNotices } from './follow-notices';
import { takeInstanceLock } from './providers/process/instance-lock';
import { spawnNode } from './providers/process/line-process';
import { systemClock } from './providers/process/system-clock';
import { forkNode } from './providers/secrets/fork-node';
import { openFoundation } from './foundation';
import { makeServices } from './services';
import { startHttp, type HttpServer } from './transports/http';
import { PortUnavailableError } from './transports/port-unavailable';

/** What is to be done when the process ends, the newest first. */
type Ends = (() => Promise<unknown> | void)[];

function lockFolder(config: AppConfig, ends: Ends): void {
  const lock = takeInstanceLock(config.dataFolder);
  if (!lock.ok) throw new StartError(`Dumont Cloud is running already with this data folder (process ${String(lock.pid)})`, exitCodes.usage);
  ends.unshift(() => lock.release());
}

async function listen(options: Parameters<typeof startHttp>[0]): Promise<HttpServer> {
  try {
    return await startHttp(options);
  } catch (error) {
    if (error instanceof PortUnavailableError) throw new StartError(error.message, exitCodes.usage, { cause: error });
    throw error;
  }
}

/** Starts everything; `ends` grows with it, so that a start that fails half-way leaves nothing behind. */
async function run(config: AppConfig, ends: Ends, crash: () => void): Promise<readonly string[]> {
  lockFolder(config, ends);
  const foundation = openFoundation(config);
  const { log, store } = foundation;
  onUnexpected(log, crash);
  log.info('app.started', { version: config.version, demo: config.demo, node: process.version, platform: process.platform });

  const simulator = config.demo ? await startDemoSimulator(config, log, spawnNode) : null;
  if (simulator !== null) ends.unshift(() => simulator.stop(endTimes.children));
  const demo = simulator === null ? null : demoAccount(store);
  const setupCode = demo === null && store.users.count() === 0 ? makeSetupCode() : null;
  if (setupCode !== null) log.hide(setupCode);

  let http: HttpServer | null = null;
  const parts = makeServices(
    config,
    foundation,
    { forkHelper: forkNode, shell: null, desktop: false, httpAddress: () => http?.address ?? null },
    { vastUrl: simulator?.url ?? config.vastUrl ?? '', demo, setupCode },
  );
  ends.unshift(() => parts.close(endTimes.operations));
  ends.unshift(followNotices(parts, systemClock));
  if (simulator !== null) await seedDemo(parts, simulator);

  http = await listen({ services: parts.services, log, port: config.port ?? 0, rendererFolder: config.files.renderer });
  const server = http;
  ends.unshift(() => server.close());
  parts.begin();

  const lines = [`Dumont Cloud is ready at ${server.address}`];
  if (foundation.exposed) lines.push(`Others on this computer can read the files in ${config.dataFolder}: their disk has no permissions.`);
  if (demo !== null) lines.push(`Demo account: ${demo.email} ${demo.password}`);
  if (setupCode !== null) lines.push(`Setup code for the first account: ${setupCode}`);
  return lines;
}

async function main(): Promise<void> {
  keepFilesPrivate();
  const read = readConfig(surroundings(false));
  if (read.kind === 'help') return void process.stdout.write(read.text);
  const ends: Ends = [];
  const end = async (exitCode: number): Promise<void> => {
    await endInTurn(ends, endTimes.all);
    process.exit(exitCode);
  };
  onEndSignal(() => void end(exitCodes.ok));
  try {
    if (read.kind === 'wrong') throw new StartError(read.message, exitCodes.usage);
    const lines = await run(read.config, ends, () => void end(exitCodes.failed));
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  } catch (error) {
    const known = error instanceof StartError;
    console.error(`dumont-cloud: ${error instanceof Error ? error.message : String(error)}`);
    await end(known ? error.exitCode : exitCodes.failed);
  }
}

await main();
