// The keychain process: loads keytar and answers get, set and delete, one at a time. keytar can hang or crash, and then only this process does.
// Runs as an Electron utilityProcess or as a child of plain Node; never imported by the app.
import { keychainCall, type KeychainAnswer, type KeychainCall } from './messages';

/** Ends after so long (ms) without a call; the app starts another when it needs one. */
const idleMs = 60_000;

interface Channel {
  send(answer: KeychainAnswer): void;
  receive(callback: (message: unknown) => void): void;
}

/** Electron's port to the parent, as far as it is used here. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', callback: (event: { readonly data: unknown }) => void): void;
}

const parentChannel = (): Channel => {
  const port = (process as { readonly parentPort?: ParentPort }).parentPort;
  if (port !== undefined) return { send: (answer) => port.postMessage(answer), receive: (callback) => port.on('message', (event) => callback(event.data)) };
  // Not exit(): that waits for keytar's thread, and a keychain that hangs holds it for ever.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  return { send: (answer) => void process.send?.(answer), receive: (callback) => void process.on('message', callback) };
};

const answer = async (call: KeychainCall): Promise<KeychainAnswer> => {
  try {
    // Loaded on the first call: without libsecret the module itself fails, and that is an answer too.
    const { default: keytar } = await import('keytar');
    switch (call.op) {
      case 'get':
        return { id: call.id, ok: true, value: await keytar.getPassword(call.service, call.account) };
      case 'set':
        await keytar.setPassword(call.service, call.account, call.value ?? '');
        return { id: call.id, ok: true, value: null };
      case 'delete':
        return { id: call.id, ok: true, value: await keytar.deletePassword(call.service, call.account) };
    }
  } catch (error) {
    return { id: call.id, ok: false, error: error instanceof Error ? error.message.slice(0, 500) : 'unknown' };
  }
};

const serve = (channel: Channel): void => {
  let idle = setTimeout(() => process.exit(0), idleMs);
  channel.receive((message) => {
    const call = keychainCall.safeParse(message);
    if (!call.success) return;
    clearTimeout(idle);
    void answer(call.data).then((said) => {
      channel.send(said);
      clearTimeout(idle);
      idle = setTimeout(() => process.exit(0), idleMs);
    });
  });
};

serve(parentChannel());
