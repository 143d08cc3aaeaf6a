import {
  type Discovery,
  type Registrar,
  sameInstance,
  type ServiceInstance,
  snapshotStream,
} from "../index.ts";

type Service = Map<string, ServiceInstance>;
type Listener = (instances: readonly ServiceInstance[]) => void;

/**
 * Makes a registry that lives in this process: for tests, and for services and clients that share one.
 * Sets are sorted by id. Instances stay until they are deregistered.
 *
 * ```ts
 * const registry = memoryRegistry();
 * const app = new App({ name: "helloworld", servers: [grpc], registrar: registry });
 * const client = new GrpcClient({ endpoint: "discovery:///helloworld", discovery: registry });
 * ```
 */
export function memoryRegistry(): Registrar & Discovery {
  const services = new Map<string, Service>();
  const listeners = new Map<string, Set<Listener>>();

  const snapshot = (name: string): readonly ServiceInstance[] =>
    [...(services.get(name)?.values() ?? [])].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const announce = (name: string): void => {
    const set = snapshot(name);
    for (const listener of listeners.get(name) ?? []) listener(set);
  };

  return {
    async register(instance, { signal }) {
      signal.throwIfAborted();
      const service: Service = services.get(instance.name) ?? new Map();
      services.set(instance.name, service);
      const known = service.get(instance.id);
      if (known !== undefined && sameInstance(known, instance)) return;
      service.set(instance.id, copy(instance));
      announce(instance.name);
    },
    async deregister(instance, { signal }) {
      signal.throwIfAborted();
      const service = services.get(instance.name);
      if (service?.delete(instance.id) !== true) return;
      if (service.size === 0) services.delete(instance.name);
      announce(instance.name);
    },
    async list(name, { signal }) {
      signal.throwIfAborted();
      return snapshot(name);
    },
    watch(name, { signal }) {
      return snapshotStream<readonly ServiceInstance[]>(
        (sink) => {
          sink.push(snapshot(name));
          return listen(listeners, { name, listener: (set) => sink.push(set) });
        },
        { signal },
      );
    },
  };
}

function listen(
  all: Map<string, Set<Listener>>,
  { name, listener }: { readonly name: string; readonly listener: Listener },
): () => void {
  const listeners = all.get(name) ?? new Set();
  all.set(name, listeners.add(listener));
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && all.get(name) === listeners) all.delete(name);
  };
}

/** What the caller does to its object later must not change the registry's. */
function copy(instance: ServiceInstance): ServiceInstance {
  return Object.freeze({
    ...instance,
    metadata: Object.freeze({ ...instance.metadata }),
    endpoints: Object.freeze([...instance.endpoints]),
  });
}
