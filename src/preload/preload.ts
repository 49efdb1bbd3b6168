// The bridge of the sandboxed page: one channel pair that carries the contract's messages, and nothing else.
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';

const channel = 'dumont:rpc';

/** Bytes, or UTF-16 units of a string: what main reads of one message (the same number stands in transports/ipc-message.ts). */
const maxMessageSize = 1024 * 1024;

/** Only what the contract's link sends may pass: text or bytes. */
function isMessage(data: unknown): data is string | Uint8Array | ArrayBuffer {
  return typeof data === 'string' || data instanceof Uint8Array || data instanceof ArrayBuffer;
}

contextBridge.exposeInMainWorld(
  'dumont',
  Object.freeze({
    desktop: true,
    /**
     * Sends one message to main. Throws a TypeError on anything that is not text or bytes, a RangeError above 1 MiB: main would drop it
     * without an answer. The page gets a plain Error with the same text from Electron, which is why the text begins with a code.
     */
    post(data: unknown): void {
      if (!isMessage(data)) throw new TypeError('a message is a string or bytes');
      if ((typeof data === 'string' ? data.length : data.byteLength) > maxMessageSize) throw new RangeError('body_too_large: a message is at most 1 MiB');
      ipcRenderer.send(channel, data);
    },
    /** Calls back with each message from main; the function that comes back ends it. */
    subscribe(listener: (data: unknown) => void): () => void {
      if (typeof listener !== 'function') throw new TypeError('a listener is a function');
      const forward = (_event: IpcRendererEvent, data: unknown): void => listener(data);
      ipcRenderer.on(channel, forward);
      return () => {
        ipcRenderer.off(channel, forward);
      };
    },
  }),
);
