// Which command-line switches a package refuses to start with: those that would open the app to another program.

/** Chromium's; fuses shut Node's own, but not these. */
const rerouting: readonly string[] = [
  'load-extension', 'disable-extensions-except', 'proxy-server', 'proxy-pac-url', 'host-rules', 'host-resolver-rules', 'ignore-certificate-errors', 'disable-web-security',
  'allow-running-insecure-content', 'disable-site-isolation-trials', 'js-flags', 'browser-subprocess-path', 'renderer-cmd-prefix', 'utility-cmd-prefix', 'gpu-launcher', 'user-data-dir',
];
const debugging: readonly string[] = ['remote-debugging-port', 'remote-debugging-pipe', 'remote-debugging-address'];
const inspecting: readonly string[] = ['inspect', 'inspect-brk', 'inspect-port', 'inspect-wait'];

export const refusedSwitches: readonly string[] = [...rerouting, ...debugging, ...inspecting];

/**
 * The refused switches of a start.
 *
 * @param inspected Node's inspector runs, which the fuse of a package for users makes impossible: only the build that specs drive has
 *   it, and that one is open to debuggers anyway.
 */
export function refusedOf(hasSwitch: (name: string) => boolean, inspected: boolean): readonly string[] {
  return refusedSwitches.filter((name) => hasSwitch(name) && !(inspected && (debugging.includes(name) || inspecting.includes(name))));
}
