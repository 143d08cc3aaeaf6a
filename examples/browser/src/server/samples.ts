const picture = (sky: string, sun: string, hill: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 100"><rect width="160" height="100" fill="${sky}"/><circle cx="112" cy="52" r="18" fill="${sun}"/><path d="M0 72 Q40 44 80 68 T160 60 V100 H0Z" fill="${hill}"/></svg>`;

/** What hangs in a new gallery. */
export const samples: Readonly<Record<string, string>> = {
  "dawn.svg": picture("#f6b98d", "#fff2c7", "#6b4a6e"),
  "noon.svg": picture("#8ecbf2", "#fff6b0", "#4f9a63"),
  "night.svg": picture("#1d2547", "#e8ecff", "#0f1530"),
};
