let secondMs = 0;
let text = "";

/** The time as RFC 9110 section 5.6.7 writes it: the same string until the second is over. */
export function httpDate(): string {
  const now = Date.now();
  if (now - secondMs >= 1000 || now < secondMs) {
    secondMs = now - (now % 1000);
    text = new Date(now).toUTCString();
  }
  return text;
}
