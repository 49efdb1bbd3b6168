// The desktop's entry, in Electron's main process: flags, one instance, then the app; and its end within five seconds.
import inspector from 'node:inspector';
import path from 'node:path';
import { app, crashReporter, dialog } from 'electron';
import { readConfig, surroundings, type AppConfig } from './config';
import { registerScheme } from './desktop/app-protocol';
import { routeOfArguments, routeOfLink } from './desktop/deep-link';
import { guardNavigation } from './desktop/navigation';
import { scheme } from './desktop/origin';
import { startsHidden } from './desktop/login-item';
import { OpenedFiles } from './desktop/opened-files';
import { lastLanguage } from './desktop/preferences';
import { refusedOf } from './desktop/refused-switches';
import { Showing } from './desktop/showing';
import { startDesktop, type Desktop, type Ends } from './desktop/start';
import { startFailure } from './desktop/start-failure';
import { languageOfChoice } from './desktop/words';
import { endInTurn, endTimes, exitCodes, keepFilesPrivate, onEndSignal, StartError } from './lifecycle';
import { takeInstanceLock } from './providers/process/instance-lock';
import { PortUnavailableError } from './transports/port-unavailable';

keepFilesPrivate();

/** What stands after the app's own folder, or after the program where the app is packed into it. */
function ownArguments(): readonly string[] {
  if (app.isPackaged) return process.argv.slice(1);
  const at = process.argv.findIndex((word, index) => index > 0 && !word.startsWith('-') && path.resolve(word) === app.getAppPath());
  return process.argv.slice(at < 0 ? 2 : at + 1);
}

function leave(message: string, exitCode: number): never {
  process.stderr.write(`dumont-cloud: ${message}\n`);
  app.exit(exitCode);
  process.exit(exitCode);
}

function config(): AppConfig {
  const read = readConfig(surroundings(true, ownArguments()));
  if (read.kind === 'config') return read.config;
  if (read.kind === 'wrong') return leave(read.message, exitCodes.usage);
  process.stdout.write(read.text);
  app.exit(0);
  process.exit(0);
}

async function run(settings: AppConfig, ends: Ends): Promise<Desktop> {
  const lock = takeInstanceLock(settings.dataFolder);
  if (!lock.ok) throw new StartError(`Dumont Cloud is running already with this data folder (process ${String(lock.pid)})`, exitCodes.usage);
  ends.unshift(() => lock.release());
  return startDesktop(settings, ends, { route: () => showing.route, opened, crash: () => void end(exitCodes.failed) });
}

const refused = app.isPackaged ? refusedOf((name) => app.commandLine.hasSwitch(name), inspector.url() !== undefined) : [];
if (refused.length > 0) leave(`this build does not start with ${refused.map((name) => `--${name}`).join(', ')}`, exitCodes.usage);
const asked = config();
app.setName('Dumont Cloud');
// Windows shows notifications of a program whose Start menu entry has this id only; electron-builder.yml gives it.
if (process.platform === 'win32') app.setAppUserModelId('cloud.dumont.desktop');
app.setPath('userData', path.join(asked.dataFolder, 'window'));
// Dumps stay on this computer, where the diagnostic report names them: they hold whatever was in memory.
app.setPath('crashDumps', path.join(asked.dataFolder, 'crashes'));
crashReporter.start({ uploadToServer: false });
// Root has no OS sandbox (--no-sandbox); every page still asks for a sandboxed renderer, see window.ts.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
registerScheme();

const ends: Ends = [];
let desktop: Desktop | null = null;
let ending: Promise<void> | null = null;
const opened = new OpenedFiles();
const showing = new Showing(ownArguments(), process.cwd(), (argv, folder) => routeOfArguments(argv) ?? opened.routeOf(argv, folder));

/** Once: everything that was opened is closed, then the process ends; `last` comes between the two. */
function end(exitCode: number, last: () => void = () => undefined): Promise<void> {
  ending ??= endInTurn(ends, endTimes.all).then(() => {
    last();
    app.exit(exitCode);
  });
  return ending;
}

/** For specs, on an unpacked build only. */
const isTested = !app.isPackaged && process.env['DUMONT_TEST_HANDLE'] === '1';

/** Whoever double-clicked the app sees no stderr. A spec could not close the box; it reads what stands in it. */
function showFailure(error: unknown): void {
  const { title, text } = startFailure(error, languageOfChoice(lastLanguage(app.getPath('userData')), app.getLocale()));
  if (isTested) process.stdout.write(`failed ${JSON.stringify({ title, text })}\n`);
  else dialog.showErrorBox(title, text);
}

/**
 * Ends a start that failed without Chromium's own shutdown. On Linux that one can stop for ever, deaf to every signal but SIGKILL (2 of 540 times), when it comes
 * while Chromium still starts its processes (Electron 33.2.1, on a busy computer: its threads wait for one another). Nothing of its profile is worth keeping then.
 */
function leaveAtOnce(exitCode: number): void {
  if (process.platform === 'linux') (process as unknown as { reallyExit(code: number): void }).reallyExit(exitCode);
}

/** Opens the app and says so once its page is there. */
async function open(): Promise<void> {
  try {
    desktop = await run({ ...asked, hidden: startsHidden(asked.hidden, process.platform, () => app.getLoginItemSettings().wasOpenedAtLogin) }, ends);
    const shown = desktop;
    showing.started(shown.window);
    const sayReady = (where: string): void => {
      const address = shown.address();
      process.stdout.write(`Dumont Cloud is ready in its ${where}\n${address === null ? '' : `Dumont Cloud is ready at ${address}\n`}`);
    };
    const window = shown.window.get();
    if (window === null) sayReady('tray');
    else window.webContents.once('did-finish-load', () => sayReady('window'));
    // Neither a tray's menu nor a notification can be asked for.
    if (isTested) {
      const { tray, notifications, passTime } = shown.beside;
      const network = (online: boolean): void => shown.power.network(online);
      Object.assign(globalThis, { dumontTest: { trayMenu: () => tray?.menu() ?? null, trayModel: () => tray?.model() ?? null, notifications: () => notifications.shown(), passTime, window: () => shown.window.get(), network } });
    }
  } catch (error) {
    process.stderr.write(`dumont-cloud: ${error instanceof Error ? error.message : String(error)}\n`);
    const exitCode = error instanceof StartError ? error.exitCode : error instanceof PortUnavailableError ? exitCodes.usage : exitCodes.failed;
    await end(exitCode, () => {
      showFailure(error);
      leaveAtOnce(exitCode);
    });
  }
}

if (!app.requestSingleInstanceLock()) {
  process.stderr.write('Dumont Cloud is running already; its window is shown\n');
  app.exit(0);
} else {
  onEndSignal(() => {
    desktop?.quit.decide();
    app.quit();
  });
  app.on('second-instance', (_event, argv, folder) => showing.secondStart(argv.slice(1), folder));
  app.on('open-url', (event, link) => {
    event.preventDefault();
    showing.show(routeOfLink(link));
  });
  // On macOS, also before the app is ready.
  app.on('open-file', (event, file) => {
    event.preventDefault();
    showing.show(opened.routeOf([file], '/'));
  });
  // On Linux the desktop entry that deb and rpm install registers the scheme (an AppImage installs none); asking here would start a program and wait for it.
  if (app.isPackaged && process.platform !== 'linux') app.setAsDefaultProtocolClient(scheme);
  // macOS says this of the start itself too, which may be a hidden one.
  app.on('activate', () => desktop?.window.open());
  app.on('before-quit', (event) => desktop?.quit.beforeQuit(event));
  app.on('window-all-closed', () => {
    // Closing hides the window where there is a tray and the user wants that; a window that is really gone ends the app.
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('web-contents-created', (_event, contents) => guardNavigation(contents));
  app.on('will-quit', (event) => {
    event.preventDefault();
    void end(exitCodes.ok);
  });
  // Not awaited here: Electron is ready only once this module has been evaluated.
  void app.whenReady().then(open);
}
