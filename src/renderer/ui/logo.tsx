// The mark: a dirigible, for Santos-Dumont, who steered one around the Eiffel Tower in 1901.
/** The mark alone; decorative beside the name, so hidden from screen readers. */
export function Logo({ size = 26 }: Readonly<{ size?: number }>) {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" aria-hidden focusable="false">
      <rect width="64" height="64" rx="15" fill="#0c5465" />
      <path d="M8 27c5-8 14-12 25-12 10 0 18 4 23 10l3-4v14l-3-3c-5 6-13 9-23 9C22 41 13 36 8 27Z" fill="#f4f8f9" />
      <path d="M13 27h42M17 21.500c9-3 24-3 33 0M17 33c9 4 24 4 33-.5" fill="none" stroke="#0c5465" strokeWidth="1.6" opacity=".45" />
      <path d="M23 40.500 27 48M43 39.500 37 48" stroke="#a6d9e4" strokeWidth="1.8" />
      <path d="M24 48h16l-2 5H26Z" fill="#edb84f" />
    </svg>
  );
}
