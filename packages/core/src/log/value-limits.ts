/** How much of a value is written. What is cut says so in its place. */
export interface ValueLimits {
  /** Levels of objects and arrays inside a field. @default 6 */
  readonly maxDepth?: number;
  /** Characters of one string, the message included. @default 8192 */
  readonly maxStringLength?: number;
  /** Members of one object, elements of one array. @default 100 */
  readonly maxItems?: number;
  /** Characters of one field, and about those of a record. @default 65536 */
  readonly maxRecordLength?: number;
}

export const defaultValueLimits: Required<ValueLimits> = {
  maxDepth: 6,
  maxStringLength: 8192,
  maxItems: 100,
  maxRecordLength: 65_536,
};

/** Fills in the defaults. @throws RangeError for a limit that is no positive integer. */
export function checkedLimits(limits: ValueLimits): Required<ValueLimits> {
  const { maxDepth, maxStringLength, maxItems, maxRecordLength } = limits;
  return {
    maxDepth: checkedCount("maxDepth", maxDepth ?? defaultValueLimits.maxDepth),
    maxStringLength: checkedCount(
      "maxStringLength",
      maxStringLength ?? defaultValueLimits.maxStringLength,
    ),
    maxItems: checkedCount("maxItems", maxItems ?? defaultValueLimits.maxItems),
    maxRecordLength: checkedCount(
      "maxRecordLength",
      maxRecordLength ?? defaultValueLimits.maxRecordLength,
    ),
  };
}

function checkedCount(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(
    `Cannot bound log values as ${name} must be a positive integer: current value is ${value}`,
  );
}
