/**
 * Evaluates the body of a function of `r`, the runtime that the code calls, and `c`, its constants. Undefined
 * where code may not be made of text (`--disallow-code-generation-from-strings`).
 */
export function evaluateSource(
  source: string,
  runtime: object,
  constants: readonly unknown[],
): unknown {
  try {
    // Made of descriptors alone; whatever they name stands in it quoted.
    const make = new Function("r", "c", `"use strict";\n${source}`); // oxlint-disable-line typescript/no-implied-eval -- see above
    return make(runtime, constants) as unknown;
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}
