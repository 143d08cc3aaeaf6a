import type { ServiceInstance } from "./service-instance.ts";

/** Whether two records say the same. The order of endpoints and of metadata does not count. */
export function sameInstance(a: ServiceInstance, b: ServiceInstance): boolean {
  return (
    a.id === b.id &&
    a.name === b.name &&
    a.version === b.version &&
    sameEndpoints(a.endpoints, b.endpoints) &&
    sameMetadata(a.metadata, b.metadata)
  );
}

/** Whether two sets, each in one order, hold the same instances. */
export function sameInstances(
  a: readonly ServiceInstance[],
  b: readonly ServiceInstance[],
): boolean {
  return (
    a.length === b.length &&
    a.every((instance, index) => {
      const other = b[index];
      return other !== undefined && sameInstance(instance, other);
    })
  );
}

function sameEndpoints(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  const sorted = b.toSorted();
  return a.toSorted().every((endpoint, index) => endpoint === sorted[index]);
}

function sameMetadata(a: ServiceInstance["metadata"], b: ServiceInstance["metadata"]): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
  );
}
