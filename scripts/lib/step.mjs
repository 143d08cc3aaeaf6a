/**
 * Says what is being done and, on the same line when it is over, how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const startedAt = performance.now();
  process.stdout.write(`${title} ... `);
  try {
    const result = await work();
    console.log(secondsSince(startedAt));
    return result;
  } catch (error) {
    console.log(`failed after ${secondsSince(startedAt)}`);
    throw error;
  }
}

/**
 * Answers the time since then, as people write it: `1.2 s`.
 * @param {number} startedAt A reading of performance.now().
 */
export function secondsSince(startedAt) {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}
