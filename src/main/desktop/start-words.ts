// The words of what main says when the app cannot start, in both languages.
import type { StoreProblem } from '../providers/store/store-error';
import type { Language } from './words';

/** `running`: another copy has this data folder; `port`: the local API cannot listen. */
export type StartProblem = StoreProblem | 'disk_full' | 'running' | 'port' | 'other';

interface StartWords {
  readonly title: string;
  readonly problems: Readonly<Record<StartProblem, string>>;
}

const en: StartWords = {
  title: 'Dumont Cloud could not start',
  problems: {
    newer: 'Its data were written by a newer version. Install that one; nothing was changed.',
    damaged: 'Its database is damaged. It was left as it is: move it away to start anew, or put a copy back.',
    inaccessible: 'Its data folder cannot be read or written. Look at who owns it and whether its disk is there.',
    disk_full: 'The disk is full. Free some space, then start again.',
    running: 'Another copy of it uses the same data folder. End that one first.',
    port: 'The port of its local API cannot be used. End the program that has it, or choose another.',
    other: 'Something went wrong; the sentence below says what.',
  },
};

const ptBR: StartWords = {
  title: 'O Dumont Cloud não conseguiu iniciar',
  problems: {
    newer: 'Os dados foram gravados por uma versão mais nova. Instale essa versão; nada foi alterado.',
    damaged: 'O banco de dados está danificado. Ele ficou como estava: mova-o para outro lugar para começar de novo, ou coloque uma cópia no lugar.',
    inaccessible: 'Não é possível ler ou gravar a pasta de dados. Veja quem é o dono dela e se o disco está conectado.',
    disk_full: 'O disco está cheio. Libere espaço e inicie de novo.',
    running: 'Outra cópia dele usa a mesma pasta de dados. Encerre essa cópia primeiro.',
    port: 'A porta da API local não pode ser usada. Encerre o programa que está com ela ou escolha outra.',
    other: 'Algo deu errado; a frase abaixo diz o quê.',
  },
};

/** The words of a language. */
export function startWordsOf(language: Language): StartWords {
  return language === 'pt-BR' ? ptBR : en;
}
