// Programs put in front of restic and ssh: they stop at the one call a fault waits for, and are the real program otherwise. The app knows nothing of them.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, watch, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Where a call is stopped: before its program runs at all, or when it has done everything but end. */
export type Stop = 'before' | 'after';

/** A call that reached its trap: it waits until it is let go. */
export interface Caught {
  /** Of the process that the app started; after `before` it becomes the real program's. */
  readonly pid: number;
  /** Lets it go on. */
  release(): void;
}

/** One trap at a time. */
export interface Traps {
  /** The restic to give to the app. */
  readonly restic: string;
  /** A folder whose `ssh` comes before the real one on PATH. */
  readonly bin: string;
  /** Waits for the next call of this command, such as `restic` `backup` or `ssh` `delta`; `skip` lets that many pass first. */
  arm(program: 'restic' | 'ssh', command: string, stop: Stop, skip?: number): { readonly caught: Promise<Caught>; disarm(): void };
  /** Whether ssh waits seconds instead of a minute for a host that says nothing. */
  hasten(wanted: boolean): void;
  /** Keeps the first line that restic is given on its stdin, its password, until it is read once. */
  learnPassword(): () => string;
  close(): void;
}

/** Shortens what ssh waits for, where that was asked for: a dead connection is then found in three seconds and not in a minute. Nothing else about ssh is changed. */
const shorter = `if [ -e "$ctl/hasten" ]; then for word do
  case $word in
  ServerAliveInterval=*) word=ServerAliveInterval=1 ;;
  ConnectTimeout=*) word=ConnectTimeout=3 ;;
  esac
  set -- "$@" "$word"; shift
done; fi`;

const nameOfRestic = `name=none
for word do case $word in -*) ;; *) name=$word; break ;; esac; done`;

const nameOfSsh = `name=none
for word do :; done
case $word in ": dumont-v1 "*) word=\${word#: dumont-v1 }; word=\${word%% *}; name=\${word%;} ;; esac`;

/** A blocking read of a named pipe is how a caught call waits: no polling. */
const script = (program: string, real: string, control: string, nameOf: string, more: string): string => `#!/bin/sh
ctl='${control}' real='${real}'
${nameOf}
${more}
skip() { n=$(cat "$ctl/skip" 2>/dev/null || echo 0); [ "$n" -gt 0 ] && echo $((n - 1)) > "$ctl/skip"; }
if [ -e "$ctl/${program}.$name" ] && ! skip && mv "$ctl/${program}.$name" "$ctl/taken" 2>/dev/null; then
  read -r stop < "$ctl/taken"
  if [ "$stop" = after ]; then "$real" "$@"; code=$?; fi
  echo $$ > "$ctl/hit.new"; mv "$ctl/hit.new" "$ctl/hit"
  read -r go < "$ctl/go"
  if [ "$stop" = after ]; then exit $code; fi
fi
exec "$real" "$@"
`;

const learning = `if [ -e "$ctl/learn" ] && [ ! -t 0 ] && [ "$name" != version ]; then
  rm "$ctl/learn"; IFS= read -r line; echo "$line" > "$ctl/learnt.new"; mv "$ctl/learnt.new" "$ctl/learnt"
  exec "$real" "$@" <<END
$line
END
fi`;

const which = (name: string): string => execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();

/** Puts both programs and the pipe into a folder. */
export const makeTraps = (folder: string, restic: string): Traps => {
  const control = path.join(folder, 'control');
  const bin = path.join(folder, 'bin');
  mkdirSync(control, { recursive: true });
  mkdirSync(bin, { recursive: true });
  const at = (name: string): string => path.join(control, name);
  execFileSync('mkfifo', [at('go')]);
  writeFileSync(path.join(bin, 'restic'), script('restic', restic, control, nameOfRestic, learning), { mode: 0o755 });
  writeFileSync(path.join(bin, 'ssh'), script('ssh', which('ssh'), control, nameOfSsh, shorter), { mode: 0o755 });
  // Held open, so that neither side ever waits for the other to open it.
  const pipe = openSync(at('go'), constants.O_RDWR | constants.O_NONBLOCK);
  const drain = (): void => {
    try {
      while (readSync(pipe, Buffer.alloc(64)) > 0);
    } catch {
      // Empty.
    }
  };
  const clear = (): void => ['taken', 'hit', 'hit.new', 'skip'].forEach((name) => rmSync(at(name), { force: true }));
  return {
    restic: path.join(bin, 'restic'),
    bin,
    arm: (program, command, stop, skip = 0) => {
      clear();
      drain();
      writeFileSync(at('skip'), String(skip));
      let done = (): void => undefined;
      const caught = new Promise<Caught>((resolve) => {
        const look = (): void => {
          if (!existsSync(at('hit'))) return;
          const pid = Number(readFileSync(at('hit'), 'utf8'));
          done();
          clear();
          resolve({ pid, release: () => void writeSync(pipe, '\n') });
        };
        const watcher = watch(control, look);
        done = () => watcher.close();
        writeFileSync(at(`${program}.${command}.new`), stop);
        renameSync(at(`${program}.${command}.new`), at(`${program}.${command}`));
        look();
      });
      return {
        caught,
        disarm: () => {
          done();
          rmSync(at(`${program}.${command}`), { force: true });
          clear();
        },
      };
    },
    hasten: (wanted) => (wanted ? writeFileSync(at('hasten'), '') : rmSync(at('hasten'), { force: true })),
    learnPassword: () => {
      writeFileSync(at('learn'), '');
      return () => readFileSync(at('learnt'), 'utf8').trim();
    },
    close: () => closeSync(pipe),
  };
};
