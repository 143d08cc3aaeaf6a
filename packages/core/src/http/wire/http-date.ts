let text = "";

/** The time as RFC 9110 section 5.6.7 writes it: the same string until the second is over. */
export function httpDate(): string {
  if (text === "") {
    const now = Date.now();
    text = new Date(now).toUTCString();
    setTimeout(forget, 1000 - (now % 1000)).unref();
  }
  return text;
}

function forget(): void {
  text = "";
}
