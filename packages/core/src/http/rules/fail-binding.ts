/** Throws the error of a binding. */
export function failBinding(place: string, rule: string, value: string): never {
  throw new TypeError(`Cannot bind ${place} as ${rule}: current value is ${JSON.stringify(value)}`);
}
