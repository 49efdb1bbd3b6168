// The simulator's own process: flags, one line when ready, and an end that leaves nothing behind.
import { BadFlag, readFlags } from './flags';
import { startSimulator, type Simulator } from './start';

const fail = (message: string, code: number): never => {
  process.stderr.write(`simulator: ${message}\n`);
  process.exit(code);
};

const endWith = (simulator: Simulator, exitWithParent: boolean): void => {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    // A stuck connection must not keep the process: two seconds are more than closing ever takes.
    setTimeout(() => process.exit(1), 2000).unref();
    void simulator.close().then(() => process.exit(0), () => process.exit(1));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('SIGHUP', end);
  process.on('disconnect', end);
  if (!exitWithParent) return;
  process.stdin.on('end', end);
  process.stdin.on('close', end);
  process.stdin.on('error', end);
  process.stdin.resume();
};

const main = async (): Promise<void> => {
  let read: ReturnType<typeof readFlags>;
  try {
    read = readFlags(process.argv.slice(2));
  } catch (error) {
    if (error instanceof BadFlag) return fail(error.message, 2);
    throw error;
  }
  try {
    const simulator = await startSimulator(read.options);
    endWith(simulator, read.exitWithParent);
    process.stdout.write(`${JSON.stringify({ url: simulator.url, api_key: simulator.apiKey })}\n`);
  } catch (error) {
    const busy = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    fail(busy ? `port ${read.options.port ?? 0} is already in use` : (error as Error).message, busy ? 2 : 1);
  }
};

await main();
