// Settings and the check of a Vast.ai key, on a real database, with a marketplace that answers as the test says.
import { describe, expect, test } from 'vitest';
import { MemoryKeychain, MemoryVault, memoryLog } from '../../../test/suites/support/secrets-fakes';
import { openStore } from '../providers/store/open-store';
import { AppError } from './app-error';
import type { Caller } from './ports';
import { Secrets } from './secrets';
import { UserSettings } from './settings';

const ana: Caller = { userId: 'ana', email: 'ana@example.com', transport: 'ipc' };
const anaOverHttp: Caller = { ...ana, transport: 'http' };
const bob: Caller = { userId: 'bob', email: 'bob@example.com', transport: 'ipc' };
const key = 'vast-key-0123456789abcdef';

const setUp = (credit: (key: string) => Promise<{ readonly credit: number | null; readonly email: string | null }> = () => Promise.resolve({ credit: 1, email: null })) => {
  const store = openStore(':memory:');
  for (const { userId, email } of [ana, bob]) store.users.insert({ id: userId, email, passwordHash: '', createdAt: 0, failedAttempts: 0, blockedUntil: 0 });
  const secrets = new Secrets({ store, keychain: new MemoryKeychain(), vault: new MemoryVault(), log: memoryLog() });
  const told: string[] = [];
  const facts = { version: '1.2.3', demo: false, vastUrl: 'https://console.vast.ai', dataFolder: '/data', dataExposed: true, httpAddress: () => null };
  const keys: Promise<string | null>[] = [];
  const settings = new UserSettings({ store, secrets, vast: { credit }, keyChanged: (userId) => void keys.push(secrets.vastKey(userId).catch(() => null)), hints: { tell: (userId, topic) => void told.push(`${userId} ${topic}`) }, facts, defaultLanguage: 'system' });
  return { settings, secrets, store, told, keys };
};

describe('values', () => {
  test('are the defaults at first, and what was chosen afterwards', async () => {
    const { settings } = setUp();
    expect(settings.values('ana')).toEqual({
      language: 'system', theme: 'system', default_image: 'pytorch/pytorch:2.6.0-cuda12.4-cudnn9-devel', default_disk_size: 50, keep_signed_in: true, listen_http: false, close_to_tray: true,
      restic_path: null, export_folder: null, check_updates: true, first_steps_done: false,
      proof_max_age_days: 7, rehearsal_budget_gb: 10, rehearsal_command: null, rehearsal_command_minutes: 10,
      snapshot_before_pause: true, snapshot_before_destroy: true, snapshot_before_contract_end: true, snapshot_before_credit_end: true, pause_if_snapshot_fails: false,
      notifications: 'warnings', credit_warning_hours: 12, quiet_hours: false, quiet_from: '22:00', quiet_to: '07:00',
    });
    const view = await settings.put(ana, { settings: { theme: 'dark', default_disk_size: 120 } });
    expect(view.settings).toMatchObject({ theme: 'dark', default_disk_size: 120, language: 'system' });
    expect(settings.values('bob')).toMatchObject({ theme: 'system', default_disk_size: 50 });
  });

  test('the view holds facts of the app and no secret', async () => {
    const { settings } = setUp();
    await settings.put(ana, { vast_api_key: key });
    const view = await settings.get(ana);
    expect(view).toMatchObject({ vast_api_key: { set: true, last4: 'cdef' }, secret_store: { backend: 'keychain', status: 'ready' }, vast_url: 'https://console.vast.ai', data_folder: '/data', data_exposed: true, http_address: null });
    expect(JSON.stringify(view)).not.toContain(key);
  });

  test.each(['restic_path', 'export_folder'] as const)('%s is changed from the window only, and is absolute', async (name) => {
    const { settings } = setUp();
    await expect(settings.put(anaOverHttp, { settings: { [name]: '/tmp/x', theme: 'dark' } })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(settings.put(anaOverHttp, { settings: { [name]: null } })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(settings.put(ana, { settings: { [name]: 'relative/x' } })).rejects.toMatchObject({ code: 'invalid_input' });
    expect(settings.values('ana').theme).toBe('system');
    expect((await settings.put(ana, { settings: { [name]: '/tmp/x' } })).settings[name]).toBe('/tmp/x');
    expect((await settings.put(anaOverHttp, { settings: { theme: 'dark' } })).settings.theme).toBe('dark');
  });

  test('pages of that user are told', async () => {
    const { settings, told } = setUp();
    await settings.put(ana, { settings: { theme: 'dark' } });
    expect(told).toEqual(['ana settings']);
    await settings.put(ana, { vast_api_key: key });
    expect(told.slice(1).sort()).toEqual(['ana account', 'ana instances', 'ana settings']);
  });
});

describe('the key', () => {
  test('is asked about before it is kept', async () => {
    const asked: string[] = [];
    const { settings, secrets } = setUp((given) => {
      asked.push(given);
      return Promise.resolve({ credit: 12.5, email: 'a@b.c' });
    });
    await settings.put(ana, { vast_api_key: key });
    expect(asked).toEqual([key]);
    expect(await secrets.vastKey('ana')).toBe(key);
  });

  test.each([
    ['vast_key_rejected', new AppError('vast_key_rejected', 'Not accepted.', {})],
    ['vast_unreachable', new AppError('vast_unreachable', 'No connection.', { attempts: 3 })],
  ])('%s: the old one stays, and so do the settings', async (code, error) => {
    let failure: Error | null = null;
    const { settings, secrets } = setUp(() => (failure === null ? Promise.resolve({ credit: 1, email: null }) : Promise.reject(failure)));
    await settings.put(ana, { vast_api_key: key });
    failure = error;
    await expect(settings.put(ana, { vast_api_key: 'another-key-0123', settings: { theme: 'dark' } })).rejects.toMatchObject({ code });
    expect(await secrets.vastKey('ana')).toBe(key);
    expect(settings.values('ana').theme).toBe('system');
  });

  test('is told of when another one is kept, or none, and only then', async () => {
    let isGood = true;
    const { settings, keys } = setUp(() => (isGood ? Promise.resolve({ credit: 1, email: null }) : Promise.reject(new AppError('vast_key_rejected', 'Not accepted.', {}))));
    await settings.put(ana, { settings: { theme: 'dark' } });
    await settings.put(ana, { vast_api_key: key });
    isGood = false;
    await expect(settings.put(ana, { vast_api_key: 'another-key-0123' })).rejects.toMatchObject({ code: 'vast_key_rejected' });
    await settings.put(ana, { vast_api_key: null });
    expect(await Promise.all(keys)).toEqual([key, null]);
  });

  test('null forgets it', async () => {
    const { settings, secrets } = setUp();
    await settings.put(ana, { vast_api_key: key });
    expect((await settings.put(ana, { vast_api_key: null })).vast_api_key).toEqual({ set: false, last4: null });
    await expect(secrets.vastKey('ana')).rejects.toMatchObject({ code: 'vast_key_missing' });
  });
});
