// What the tests need of the system: on Debian as root it is installed, elsewhere it is named together with the command that installs it.
import { existsSync, readdirSync } from 'node:fs';
import { osRelease } from './debian-archive.mjs';
import { tell } from './project.mjs';
import { run, which } from './run.mjs';

const anyOf = (...files) => files.some((file) => existsSync(file));
const library = (name) => ['/lib', '/usr/lib', '/lib64', '/usr/lib64', '/usr/local/lib'].some((folder) => existsSync(folder) && (anyOf(`${folder}/${name}`) || readdirSync(folder).some((sub) => sub.endsWith('-linux-gnu') && existsSync(`${folder}/${sub}/${name}`))));
const hasProgram = (name) => which(name, { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/local/sbin` }) !== undefined;
const hasFonts = () => anyOf('/usr/share/fonts/truetype', '/usr/share/fonts/TTF', '/usr/share/fonts/dejavu-sans-fonts');
const hasChromium = () => (process.env.CHROMIUM !== undefined ? existsSync(process.env.CHROMIUM) : anyOf('/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'));

/** Each need: a name for people, how to tell that it is there, and its package on Debian, Fedora and Arch. */
export const needs = [
  { name: 'chromium', here: hasChromium, debian: 'chromium', fedora: 'chromium', arch: 'chromium' },
  { name: 'Xvfb', here: () => hasProgram('Xvfb') && hasProgram('xvfb-run'), debian: 'xvfb', fedora: 'xorg-x11-server-Xvfb', arch: 'xorg-server-xvfb' },
  { name: 'xauth', here: () => hasProgram('xauth'), debian: 'xauth', fedora: 'xauth', arch: 'xorg-xauth' },
  { name: 'sshd', here: () => hasProgram('sshd'), debian: 'openssh-server', fedora: 'openssh-server', arch: 'openssh' },
  { name: 'ssh', here: () => hasProgram('ssh') && hasProgram('ssh-keygen'), debian: 'openssh-client', fedora: 'openssh-clients', arch: 'openssh' },
  { name: 'gnome-keyring-daemon', here: () => hasProgram('gnome-keyring-daemon'), debian: 'gnome-keyring', fedora: 'gnome-keyring', arch: 'gnome-keyring' },
  { name: 'dbus-run-session', here: () => hasProgram('dbus-run-session') && hasProgram('dbus-send') && hasProgram('dbus-daemon'), debian: 'dbus', fedora: 'dbus-daemon dbus-tools', arch: 'dbus' },
  { name: 'dbus-launch', here: () => hasProgram('dbus-launch'), debian: 'dbus-x11', fedora: 'dbus-x11', arch: 'dbus' },
  { name: 'libsecret', here: () => library('libsecret-1.so.0'), debian: 'libsecret-1-0', fedora: 'libsecret', arch: 'libsecret' },
  { name: 'secret-tool', here: () => hasProgram('secret-tool'), debian: 'libsecret-tools', fedora: 'libsecret', arch: 'libsecret' },
  { name: 'rclone', here: () => hasProgram('rclone'), debian: 'rclone', fedora: 'rclone', arch: 'rclone' },
  { name: 'rsync', here: () => hasProgram('rsync'), debian: 'rsync', fedora: 'rsync', arch: 'rsync' },
  { name: 'ps', here: () => hasProgram('ps'), debian: 'procps', fedora: 'procps-ng', arch: 'procps-ng' },
  { name: 'tar', here: () => hasProgram('tar'), debian: 'tar', fedora: 'tar', arch: 'tar' },
  { name: 'python3', here: () => hasProgram('python3'), debian: 'python3', fedora: 'python3', arch: 'python' },
  { name: 'busybox', here: () => hasProgram('busybox'), debian: 'busybox', fedora: 'busybox', arch: 'busybox' },
  { name: 'git', here: () => hasProgram('git'), debian: 'git', fedora: 'git', arch: 'git' },
  { name: 'curl', here: () => hasProgram('curl'), debian: 'curl', fedora: 'curl', arch: 'curl' },
  { name: 'fonts', here: hasFonts, debian: 'fonts-dejavu-core fonts-noto-color-emoji', fedora: 'dejavu-sans-fonts google-noto-color-emoji-fonts', arch: 'ttf-dejavu noto-fonts-emoji' },
];

const family = () => {
  const { ID = '', ID_LIKE = '' } = osRelease();
  const words = `${ID} ${ID_LIKE}`.split(/\s+/);
  if (words.includes('debian') || words.includes('ubuntu')) return 'debian';
  if (words.includes('fedora') || words.includes('rhel')) return 'fedora';
  return words.includes('arch') ? 'arch' : undefined;
};

const installCommands = { debian: 'apt-get install -y --no-install-recommends', fedora: 'dnf install', arch: 'pacman -S --needed' };

const packagesFor = (missing, system) => [...new Set(missing.flatMap((need) => need[system].split(' ')))];

const aptInstall = async (packages) => {
  tell(`Installing what the tests need: ${packages.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = await run('apt-get', ['update', '-q'], { env, limitMs: 300_000 });
  const install = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env, limitMs: 900_000 });
  return install.failure === undefined ? undefined : `apt-get install failed (${install.failure}):\n${(update.failure === undefined ? '' : update.output) + install.output.split('\n').slice(-20).join('\n')}`;
};

/**
 * Sees to what the tests need of the system.
 * @returns {Promise<string | undefined>} undefined when all is there; else the list of what is missing and the command for this system.
 */
export const ensureRequirements = async () => {
  const missing = () => needs.filter((need) => !need.here());
  if (missing().length === 0) return undefined;
  const system = process.platform === 'linux' ? family() : undefined;
  let failure;
  if (system === 'debian' && process.getuid?.() === 0 && hasProgram('apt-get')) failure = await aptInstall(packagesFor(missing(), system));
  const left = missing();
  if (left.length === 0) return undefined;
  const names = `The tests need, and this system does not have: ${left.map((need) => need.name).join(', ')}`;
  if (failure !== undefined) return `${names}\n${failure}`;
  if (system === undefined) return `${names}\nInstall them with this system's package tool, or run the tests in a Debian container as root, where they install them.`;
  return `${names}\nInstall them: sudo ${installCommands[system]} ${packagesFor(left, system).join(' ')}`;
};

/** Shared libraries that a program asks for and this system lacks. */
export const missingLibraries = async (program) => {
  if (process.platform !== 'linux' || which('ldd') === undefined) return [];
  const listed = await run('ldd', [program], { limitMs: 30_000 });
  return [...listed.output.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
};
