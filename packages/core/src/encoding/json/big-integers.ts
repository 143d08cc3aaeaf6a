// 15 digits always fit the 53 bits of a number.
const longest = 15;
// A literal stands at the start or behind one of these; digits behind a quote are text already.
const suspect = /(?:^|[\s:,[-])\d{16}/;

/**
 * Puts quotes around integers too long for a JavaScript number, so that `{"id":1234567890123456789}` keeps
 * its last digits: 64-bit fields read strings too. Text without such integers is answered as it is.
 */
export function quoteBigIntegers(text: string): string {
  if (!suspect.test(text)) return text;
  let result = "";
  let copied = 0;
  let index = 0;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === 0x22) {
      index = endOfString(text, index);
    } else if (isDigit(code) || code === 0x2d) {
      const end = endOfNumber(text, index);
      if (isBigInteger(text, index, end)) {
        result += `${text.slice(copied, index)}"${text.slice(index, end)}"`;
        copied = end;
      }
      index = end;
    } else {
      index++;
    }
  }
  return result + text.slice(copied);
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x5c) index++;
    else if (code === 0x22) return index + 1;
  }
  return text.length;
}

// Takes the whole literal, so that digits of a fraction or an exponent are never seen alone.
function endOfNumber(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && isNumberPart(text.charCodeAt(index))) index++;
  return index;
}

function isBigInteger(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start) === 0x2d ? start + 1 : start;
  if (end - first <= longest) return false;
  for (let index = first; index < end; index++) {
    if (!isDigit(text.charCodeAt(index))) return false;
  }
  // A leading zero is no JSON; the parser shall see it.
  return text.charCodeAt(first) !== 0x30;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isNumberPart(code: number): boolean {
  return (
    isDigit(code) ||
    code === 0x2e ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x65 ||
    code === 0x45
  );
}
