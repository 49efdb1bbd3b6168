// Makes every key of a translation typed: the English files are the list of keys.
import type { words } from './words-en';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof words;
    returnNull: false;
  }
}
