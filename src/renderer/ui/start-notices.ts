// What main wants said once after the page was loaded; it stands in the address, from which it is taken away (so is the language, see preferences.ts).
import i18next from 'i18next';
import { notify } from './notify';

/** Only these: an address could hold anything. */
const notices = ['crashed', 'preferences'] as const;

export function sayStartNotice(): void {
  const asked = new URLSearchParams(window.location.search).get('notice');
  const notice = notices.find((known) => known === asked);
  if (window.location.search !== '') window.history.replaceState(window.history.state, '', `${window.location.pathname}${window.location.hash}`);
  if (notice !== undefined) notify({ id: notice, tone: 'warn', title: i18next.t(`startNotice.${notice}.title`), message: i18next.t(`startNotice.${notice}.message`) });
}
