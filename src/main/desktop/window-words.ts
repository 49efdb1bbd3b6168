// The words of what main says when a window keeps crashing, in both languages.
import type { Language } from './words';

const en = {
  crashing: 'The window keeps crashing',
  crashingWhy: 'Operations go on. Its log says more. Loading again may help; if not, quit and start the app anew.',
  again: 'Load again',
  quit: 'Quit',
};

const ptBR: typeof en = {
  crashing: 'A janela não para de falhar',
  crashingWhy: 'As operações continuam. O log diz mais. Carregar de novo pode resolver; se não, saia e inicie o aplicativo outra vez.',
  again: 'Carregar de novo',
  quit: 'Sair',
};

/** The words of a language. */
export function windowWordsOf(language: Language): typeof en {
  return language === 'pt-BR' ? ptBR : en;
}
