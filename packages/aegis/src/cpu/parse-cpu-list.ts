import { parseCount } from "./parse-count.ts";

/** No machine has more; a longer range is a mistake that must not fill the memory. */
const maxCpus = 65_536;

/**
 * Parses a list of CPUs as the kernel writes it, "0,3-4,7", to numbers: ascending, each once.
 * @throws {RangeError} If it holds anything but numbers and ascending ranges.
 */
export function parseCpuList(text: string): readonly number[] {
  const trimmed = text.trim();
  if (trimmed === "") return [];
  const found = new Set<number>();
  for (const part of trimmed.split(",")) {
    const [first = "", last = first, ...more] = part.split("-");
    const begin = parseCount(first);
    const end = parseCount(last);
    if (more.length > 0 || end < begin || end >= maxCpus) {
      throw new RangeError(
        `Cannot read a list of CPUs as it must hold ascending ranges below ${maxCpus}: current value is "${part.slice(0, 64)}"`,
      );
    }
    for (let cpu = begin; cpu <= end; cpu += 1) found.add(cpu);
  }
  return [...found].toSorted((a, b) => a - b);
}
