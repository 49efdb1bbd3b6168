// Theme and language outlive the app: before anybody signs in, the window, its page and native words are the last user's.
import { expect, test } from '@playwright/test';
import { makeTempDir } from '../support/temp-dir';
import { enterDemo, launchDemo, trayText } from './desk';

test('dark and Português, chosen in the settings, are there at the next start before signing in', async () => {
  const data = makeTempDir('dumont-appearance');
  try {
    const first = await launchDemo({ dataDir: data.path });
    try {
      expect(await first.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('system');
      await enterDemo(first.page);
      await first.page.keyboard.press('Control+,');
      await first.page.getByRole('combobox', { name: 'Theme' }).click();
      await first.page.getByRole('option', { name: 'Dark' }).click();
      await expect.poll(() => first.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('dark');
      await first.page.getByRole('combobox', { name: 'Language' }).click();
      await first.page.getByRole('option', { name: 'Português' }).click();
      await expect.poll(() => trayText(first.app)).toContain('Sair');
    } finally {
      await first.stop();
    }
    const next = await launchDemo({ dataDir: data.path });
    try {
      // Playwright tells each page that the system is light; here the page is to hear it from the app.
      await next.page.emulateMedia({ colorScheme: null });
      await expect(next.page.getByRole('button', { name: 'Entrar na demonstração' })).toBeVisible();
      await expect(next.page.locator('html')).toHaveAttribute('lang', 'pt-BR');
      await expect(next.page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
      expect(await next.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('dark');
      expect(await trayText(next.app)).toContain('Sair');
      // The language has left the address.
      expect(next.page.url()).not.toContain('language');
    } finally {
      await next.stop();
    }
  } finally {
    data.remove();
  }
});
