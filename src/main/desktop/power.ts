// What the system says of power and network, and what follows: polls pause while nobody could answer, and one refresh comes afterwards.
import { net, powerMonitor } from 'electron';
import { systemClock } from '../providers/process/system-clock';
import type { AppParts } from '../services';
import type { Quit } from './quit';
import { Wakefulness } from './wakefulness';

/** Milliseconds between two looks at the network: Electron has no event for it outside of pages. */
const lookEvery = 5_000;

export interface Power {
  /** What the system says of the network; called by itself where the network is followed. */
  network(online: boolean): void;
  close(): void;
}

/** `followsNetwork`: false where Vast.ai is a simulator on this computer, which needs no network. */
export function followPower(parts: AppParts, quit: Quit, followsNetwork: boolean): Power {
  const { instances, clockwork, keychain, log } = parts;
  const wakefulness = new Wakefulness({
    clock: systemClock,
    pause: (why) => {
      log.info('power.paused', { why });
      instances.poller.suspend();
    },
    refresh: () => {
      log.info('power.resumed', {});
      instances.poller.resume();
      clockwork.runner.wake();
    },
  });
  const network = (online: boolean): void => {
    if (online) wakefulness.present('offline');
    else {
      wakefulness.absent('offline');
      instances.poller.unreachable();
    }
  };
  powerMonitor.on('suspend', () => wakefulness.absent('asleep'));
  powerMonitor.on('resume', () => {
    wakefulness.present('asleep');
    void keychain.probe(true);
  });
  // Behind a locked screen everything goes on; the keychain may have been locked with it, or opened since.
  powerMonitor.on('unlock-screen', () => void keychain.probe(true));
  // The session ends: there is no time for questions, and nobody to answer.
  powerMonitor.on('shutdown', () => quit.decide());
  const timer = followsNetwork ? setInterval(() => network(net.isOnline()), lookEvery) : undefined;
  timer?.unref();
  return { network, close: () => clearInterval(timer) };
}
