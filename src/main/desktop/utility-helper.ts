// Helper processes under Electron: utilityProcess, since child_process.fork stops working once the runAsNode fuse is off.
import { utilityProcess } from 'electron';
import type { HelperProcess } from '../providers/secrets/keychain';

/** Starts a bundled script in a process of its own, with a message port and no inherited secrets. */
export function forkUtility(script: string, serviceName: string): HelperProcess {
  const child = utilityProcess.fork(script, [], { serviceName, stdio: 'ignore' });
  return {
    postMessage: (message) => child.postMessage(message),
    onMessage: (callback) => void child.on('message', callback),
    onExit: (callback) => void child.on('exit', () => callback()),
    kill: () => void child.kill(),
  };
}
