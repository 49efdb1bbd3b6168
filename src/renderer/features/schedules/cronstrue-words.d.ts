// The words of one more language register themselves on import; the package has no types for them.
declare module 'cronstrue/locales/pt_BR';
