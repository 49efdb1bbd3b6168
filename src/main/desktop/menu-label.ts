// A string from the marketplace as a native menu may show it.

const disguising = /[\p{Cc}\p{Bidi_Control}]/gu;

/** A label as a native menu shows it: `&` would underline the next letter, control and bidi characters could disguise it. */
export function menuLabel(text: string): string {
  const shown = text.replaceAll(disguising, '\u{FFFD}').replaceAll('&', '&&');
  return shown.length > 120 ? `${shown.slice(0, 119)}…` : shown;
}
