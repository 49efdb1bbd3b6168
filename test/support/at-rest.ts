// What is true of a page only a moment after something else is seen: where the focus went, and how wide a resized page has become.
import { expect, type Locator, type Page } from '@playwright/test';

/** Waits until the focus is in a menu or dialog: it goes there a moment after it is seen, and keys pressed before that go elsewhere. */
export const expectFocusIn = (place: Locator): Promise<void> => expect.poll(() => place.evaluate((element) => element.contains(document.activeElement)), { message: 'the focus is in it' }).toBe(true);

/** Waits until the page is no wider than this (CSS pixels): what depends on the width is drawn anew after the window has it. */
export const expectNoWider = (page: Page, width: number): Promise<void> => expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), { message: 'the width of the page' }).toBeLessThanOrEqual(width);
