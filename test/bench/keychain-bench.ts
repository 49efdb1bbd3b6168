// Whether the keychain's own process ends while the app is in the tray: on a real gnome-keyring, which a machine without a desktop does not offer by itself.
import { setTimeout as delay } from 'node:timers/promises';
import { demoClient } from '../support/demo-client';
import { startInspected } from '../support/inspected-app';
import { startKeyring } from '../support/keyring';
import { helpers, settling, shell, signIn, until, watched } from './demo-window';
import { withDisplay } from './display';
import type { Result } from './measure';

/** The demo in the tray, its key kept in the keychain. Throws when it is kept elsewhere, or when no process was ever there to end. */
export const benchKeychain = async (): Promise<readonly Result[]> => {
  if (process.platform !== 'linux') return [];
  const keyring = await startKeyring('unlocked');
  try {
    return await withDisplay(async () => {
      const app = await startInspected(['--demo', '--port', '0'], { LANGUAGE: 'en', ...keyring.env });
      try {
        await until('the keychain is read', async () => (await helpers(app, 'keychain')).length === 1);
        await signIn(app);
        const rest = await demoClient(app.address);
        const { secret_store: store } = await rest.get<{ readonly secret_store: { readonly backend: string } }>('/api/v1/settings');
        if (store.backend !== 'keychain') throw new Error(`The demo keeps its secrets in the ${store.backend}`);
        await app.evaluate(`${shell}.hide()`);
        await delay(settling + watched);
        const { length } = await helpers(app, 'keychain');
        return [{ id: 'idle-keychain', what: 'keychain processes left after two minutes hidden, the key in a real gnome-keyring and Vast.ai asked all the while', value: length, unit: '', limit: 0, holds: length === 0 }];
      } finally {
        await app.stop();
      }
    });
  } finally {
    await keyring.stop();
  }
};
