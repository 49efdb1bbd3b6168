// What main.ts puts together once Electron is ready: services, window, IPC, tray, local API, power.
import path from 'node:path';
import { app, nativeTheme, powerMonitor, session as sessions, type BrowserWindow } from 'electron';
import { defaultPort, type AppConfig } from '../config';
import { demoAccount, seedDemo, startDemoSimulator } from '../demo';
import type { Caller, Log } from '../domain/ports';
import { endTimes, onUnexpected } from '../lifecycle';
import { systemClock } from '../providers/process/system-clock';
import { openFoundation } from '../foundation';
import { makeServices, type AppParts } from '../services';
import { serveIpc } from '../transports/ipc';
import { serveApp } from './app-protocol';
import { AppTheme } from './app-theme';
import { dragOut } from './drag-out';
import { electronShell } from './electron-shell';
import { ipcChannel } from './ipc-channel';
import { LocalApi } from './local-api';
import { MainWindow } from './main-window';
import { AppMenu } from './menu';
import type { OpenedFiles } from './opened-files';
import { PageCommands } from './page-commands';
import { guardPermissions } from './permissions';
import { openBesideWindow, type Beside } from './open-beside-window';
import { followPower, type Power } from './power';
import { openPreferences, type Preferences } from './preferences';
import { Quit } from './quit';
import { mendStartAtLogin } from './start-at-login';
import { TrayPresence } from './tray-presence';
import { UnseenSignIn } from './unseen-sign-in';
import { electronUpdates, updatePlace } from './update-source';
import { Updates } from './updates';
import { forkUtility, startUtility } from './utility-helper';
import { languageOfChoice, wordsOf, type Language } from './words';

/** What is to be done when the process ends, the newest first. */
export type Ends = (() => Promise<unknown> | void)[];

export interface Desktop {
  readonly window: MainWindow;
  readonly quit: Quit;
  readonly beside: Beside;
  readonly power: Power;
  /** Of the local API, null while nothing listens. */
  address(): string | null;
}

/** Milliseconds after which a quit that waits looks again whether it still shall. */
const settledEvery = 5_000;

const resources = (...parts: readonly string[]): string => path.join(app.getAppPath(), 'resources', ...parts);

/** The language of native words: the user's choice, before signing in the last one's, else the system's. */
function languageOf({ parts, preferences }: Pick<Held, 'parts' | 'preferences'>, userId: string | null): Language {
  const chosen = parts === null || userId === null ? preferences.get('language') : parts.settings.values(userId).language;
  return languageOfChoice(chosen, app.getLocale());
}

interface Surroundings {
  readonly window: () => BrowserWindow | null;
  readonly language: () => Language;
  readonly address: () => string | null;
  readonly commands: PageCommands;
  readonly opened: Pick<OpenedFiles, 'read'>;
  readonly updates: (log: Log) => Updates;
  /** What nobody caught: ends the app. */
  readonly crash: () => void;
}

/** Domain and providers, with the demo's simulator beside them where asked. */
async function startParts(config: AppConfig, ends: Ends, surface: Surroundings): Promise<AppParts> {
  const foundation = openFoundation(config);
  const { log, store } = foundation;
  onUnexpected(log, surface.crash);
  log.info('app.started', { version: config.version, demo: config.demo, electron: process.versions.electron, platform: process.platform });
  const updates = surface.updates(log);
  ends.unshift(() => updates.close());
  const drag = dragOut(path.join(config.dataFolder, 'drag'), resources('icons', '128x128.png'), surface.window);
  await drag.clear();
  ends.unshift(() => drag.clear());
  const simulator = config.demo ? await startDemoSimulator(config, log, startUtility) : null;
  if (simulator !== null) ends.unshift(() => simulator.stop(endTimes.children));
  const parts = makeServices(
    config,
    foundation,
    { forkHelper: forkUtility, shell: electronShell(surface.window, () => wordsOf(surface.language()).chooseFolder, surface.commands, updates, drag, surface.opened), desktop: true, httpAddress: surface.address },
    { vastUrl: simulator?.url ?? config.vastUrl ?? '', demo: simulator === null ? null : demoAccount(store), setupCode: null },
  );
  ends.unshift(() => parts.close(endTimes.operations));
  if (simulator !== null) await seedDemo(parts, simulator);
  // The first page says where secrets are kept: found out while it is being loaded.
  if (!config.hidden) void parts.keychain.probe();
  updates.begin();
  return parts;
}

/** Calls back for each user that is unlocked or locked, and for each hint that this user's settings changed. */
function watchUsers(parts: AppParts, on: { readonly unlocked: (caller: Caller) => void; readonly locked: (userId: string) => void; readonly settings: (userId: string) => void }): void {
  const watching = new Map<string, AbortController>();
  parts.accounts.onUnlocked((userId) => {
    const user = parts.store.users.byId(userId);
    if (user === null) return;
    const caller: Caller = { userId, email: user.email, transport: 'ipc' };
    const abort = new AbortController();
    watching.set(userId, abort);
    on.unlocked(caller);
    void (async () => {
      for await (const event of parts.events.watch(caller, abort.signal)) {
        if (event.type === 'hint' && event.topic === 'settings') on.settings(userId);
      }
    })().catch((error: unknown) => parts.log.warn('settings.not_followed', { problem: String(error) }));
  });
  parts.accounts.onLocked((userId) => {
    watching.get(userId)?.abort();
    watching.delete(userId);
    on.locked(userId);
  });
}

/** What the pieces of the desktop need of one another, filled in as they are made. */
interface Held {
  readonly preferences: Preferences;
  readonly theme: AppTheme;
  parts: AppParts | null;
  /** The user whose instances the tray shows. */
  userId: string | null;
  beside: Beside | null;
  readonly presence: TrayPresence;
  api: LocalApi | null;
  menu: AppMenu | null;
  watchPage: (window: BrowserWindow) => void;
}

/** Whether the app goes on in a tray that somebody can see. */
const isInTray = ({ beside, presence }: Held): boolean => (beside?.tray ?? null) !== null && !presence.isMissing;

function makeWindow(config: AppConfig, held: Held): MainWindow {
  // In memory: no cookie, cache or storage of a page outlives the app.
  const session = sessions.fromPartition('dumont');
  guardPermissions(session);
  serveApp(session, config.files.renderer);
  return new MainWindow({
    preload: config.files.preload,
    icon: resources('icons', '256x256.png'),
    session,
    preferences: held.preferences,
    closesToTray: () => isInTray(held) && (held.userId === null || held.parts === null || held.parts.settings.values(held.userId).close_to_tray),
    language: () => languageOf(held, held.userId),
    onCreated: (created) => {
      held.watchPage(created);
      held.menu?.watch(created, () => languageOf(held, held.userId));
    },
  });
}

/** The contract over IPC for the window, and over HTTP where the flag asks. */
async function serve(config: AppConfig, parts: AppParts, window: MainWindow, held: Held, ends: Ends): Promise<LocalApi> {
  const { services, log } = parts;
  const channel = ipcChannel(() => window.all(), log);
  const ipc = serveIpc({ services, log, channel });
  ends.unshift(() => ipc.close());
  held.watchPage = (created) => {
    channel.watch(created.webContents);
    created.webContents.on('did-navigate-in-page', (_event, url) => held.beside?.window.pageOpened(new URL(url).hash));
    // Before it is closed it has had the focus.
    created.on('focus', () => void held.presence.look());
  };
  const api = new LocalApi({ services, log, rendererFolder: config.files.renderer });
  held.api = api;
  ends.unshift(() => api.close());
  if (config.port !== null) await api.listen(config.port);
  return api;
}

function makeMenu(config: AppConfig, window: MainWindow, held: Held, commands: PageCommands): AppMenu {
  app.setAboutPanelOptions({ applicationName: 'Dumont Cloud', applicationVersion: config.version, copyright: 'MIT licence' });
  const notices = app.isPackaged ? path.join(process.resourcesPath, 'THIRD-PARTY-NOTICES.txt') : null;
  return new AppMenu({
    state: () => ({ language: languageOf(held, held.userId), platform: process.platform, signedIn: held.userId !== null, hasNotices: notices !== null }),
    commands,
    open: (route) => window.open(route),
    zoom: (by) => window.zoom(by),
    logFolder: path.join(config.dataFolder, 'logs'),
    notices,
  });
}

function makeQuit(parts: AppParts, window: MainWindow, held: Held): Quit {
  const { operations, instances, log } = parts;
  return new Quit({
    state: () => ({ language: languageOf(held, held.userId), running: operations.running(), instances: held.userId === null ? [] : instances.lastKnown(held.userId), hides: isInTray(held) }),
    window: () => window.get(),
    open: (route) => window.open(route),
    settled: () => operations.settled(settledEvery),
    log,
  });
}

/** Where Vast.ai is a simulator on this computer, no network is needed. */
const needsNetwork = (config: AppConfig): boolean => config.vastUrl !== null && !config.vastUrl.startsWith('http:');

/** Follows who is signed in, and their settings. */
function followUsers(config: AppConfig, parts: AppParts, held: Held): void {
  const followSettings = (userId: string): void => {
    const { theme, language, listen_http: listens } = parts.settings.values(userId);
    for (const [name, value] of [['theme', theme], ['language', language]] as const) if (held.preferences.get(name) !== value) held.preferences.set(name, value);
    held.theme.choose(theme);
    held.menu?.draw();
    if (config.port === null) void held.api?.follow(listens, defaultPort);
  };
  watchUsers(parts, {
    unlocked: (caller) => {
      held.userId = caller.userId;
      held.beside?.window.signedIn(caller);
      followSettings(caller.userId);
    },
    locked: (userId) => {
      if (held.userId === userId) held.userId = null;
      held.menu?.draw();
      held.beside?.window.signedOut(userId);
    },
    settings: followSettings,
  });
}

/** Without a window nobody asks for the remembered user: main does, so that schedules run. */
function beginHidden({ accounts, keychain, log }: AppParts, held: Held, ends: Ends): void {
  const signIn = new UnseenSignIn({ resume: () => accounts.resume(), probe: () => keychain.probe(true), isSignedIn: () => held.userId !== null, log });
  ends.unshift(() => signIn.close());
  powerMonitor.on('unlock-screen', () => void signIn.unlocked());
  void signIn.begin();
}

/** An AppImage that an update renamed starts at login all the same. */
function mendLogin(log: Log): void {
  mendStartAtLogin()
    .then((isChanged) => (isChanged ? log.info('start_at_login.mended', {}) : undefined))
    .catch((error: unknown) => log.warn('start_at_login.not_mended', { error }));
}

/** How a start begins: where a link or a file led, and what ends the app when nobody caught it. */
export interface Opening {
  readonly route: () => string;
  readonly opened: Pick<OpenedFiles, 'read'>;
  readonly crash: () => void;
}

/** Never in development or the demo; by itself only for a user who wants it. */
function makeUpdates({ demo, version }: AppConfig, held: Held, log: Log): Updates {
  const place = demo || !app.isPackaged ? null : updatePlace(resources('update.json'));
  return new Updates({
    source: place === null ? null : electronUpdates(place),
    version,
    wanted: () => held.userId !== null && held.parts?.settings.values(held.userId).check_updates === true,
    busy: () => (held.parts?.operations.running().length ?? 0) > 0,
    clock: systemClock,
    log,
  });
}

/** Opens everything; `ends` grows with it, so that a start that fails half-way leaves nothing behind. */
export async function startDesktop(config: AppConfig, ends: Ends, opening: Opening): Promise<Desktop> {
  const preferences = openPreferences(app.getPath('userData'));
  const theme = new AppTheme(nativeTheme, process.platform);
  // Before the window, which takes its ground and frame from it.
  theme.choose(preferences.get('theme'));
  const held: Held = { preferences, theme, parts: null, userId: null, beside: null, presence: new TrayPresence(() => systemClock.now()), api: null, menu: null, watchPage: () => undefined };
  const window = makeWindow(config, held);
  const commands = new PageCommands();
  const surface: Surroundings = { window: () => window.get(), language: () => languageOf(held, held.userId), address: () => held.api?.address ?? null, updates: (log) => makeUpdates(config, held, log), commands, opened: opening.opened, crash: opening.crash };
  const parts = await startParts(config, ends, surface);
  held.parts = parts;
  if (preferences.damaged) parts.log.warn('preferences.damaged', {});
  const api = await serve(config, parts, window, held, ends);
  // Hidden where no panel shows a tray, it could not be found again.
  if (config.hidden) await held.presence.look();
  held.menu = makeMenu(config, window, held, commands);
  // A link wants to be seen. The page's process starts while the rest is made; none of its calls comes before that is done.
  const isSeen = !config.hidden || opening.route() !== '';
  if (isSeen) window.open(opening.route());
  const beside = openBesideWindow({ parts, window, language: (userId) => languageOf(held, userId), resources, presence: held.presence, isPanelDark: () => theme.isPanelDark });
  held.beside = beside;
  ends.unshift(() => beside.close());
  followUsers(config, parts, held);
  const quit = makeQuit(parts, window, held);
  const power = followPower(parts, quit, needsNetwork(config));
  ends.unshift(() => power.close());
  parts.begin();
  mendLogin(parts.log);
  if (!isSeen) {
    if (isInTray(held)) beginHidden(parts, held, ends);
    else window.open();
  }
  return { window, quit, beside, power, address: () => api.address };
}
