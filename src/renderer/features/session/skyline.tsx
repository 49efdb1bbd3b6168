// The picture beside the sign-in form: a dirigible above a line of hills at dusk.
/** Decoration only. */
export function Skyline() {
  return (
    <svg viewBox="0 0 560 800" preserveAspectRatio="xMidYMid slice" focusable="false" width="100%" height="100%">
      <defs>
        <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#062f3a" />
          <stop offset=".55" stopColor="#0e6073" />
          <stop offset=".85" stopColor="#d89b4a" />
          <stop offset="1" stopColor="#edb84f" />
        </linearGradient>
      </defs>
      <rect width="560" height="800" fill="url(#sky)" />
      {[[70, 120], [180, 70], [330, 140], [460, 60], [500, 210], [250, 240], [110, 290], [400, 300]].map(([x, y]) => <circle key={x} cx={x} cy={y} r="1.4" fill="#e9f5f8" opacity=".7" />)}
      <g transform="translate(150 250) rotate(-4)">
        <path d="M0 46C28 12 70-8 128-8c58 0 98 18 124 46l18-20v62l-18-16c-26 28-66 42-124 42C70 106 28 84 0 46Z" fill="#f5f1e6" />
        <path d="M10 46h240M36 14c48-14 136-14 184 2M36 80c48 18 136 18 184 0" stroke="#a98b52" strokeWidth="1.6" fill="none" opacity=".55" />
        <path d="M72 98 108 150M128 106v44M186 98l-36 52" stroke="#f5f1e6" strokeWidth="1.6" opacity=".8" />
        <path d="M96 150h66l-10 20h-46Z" fill="#7a4d12" />
        <path d="M166 160l14-12M166 160l14 12" stroke="#7a4d12" strokeWidth="3" strokeLinecap="round" />
      </g>
      <path d="M0 690c60-40 120-52 190-18s130 20 190-18 120-34 180 4v142H0Z" fill="#0a4351" />
      <path d="M0 740c90-34 160-26 250-2s190 14 310-30v92H0Z" fill="#062f3a" />
    </svg>
  );
}
