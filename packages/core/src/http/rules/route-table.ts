/**
 * Routes by method and path. What is literal is found in one map; the rest in a trie of segments, where a
 * literal goes before a pattern, a pattern before `*`, and `*` before `**`, whatever came first.
 */
import type { PathTemplate } from "./path-template.ts";
import { shapeOf } from "./template-shape.ts";
import { segmentMatcher } from "./segment-matcher.ts";
import { RouteTrie } from "./route-trie.ts";

/** What is registered: a template for a method, and what it leads to. */
export interface Route<T> {
  /** The HTTP method as it is sent; `*` is every method without a route of its own on that path. */
  readonly method: string;
  readonly template: PathTemplate;
  readonly value: T;
  /** Who registered it, for the error when two routes take the same paths. */
  readonly place: string;
}

/** A path that leads somewhere. */
export interface RouteMatch<T> {
  readonly route: Route<T>;
  /** The values of the template's variables, in its order, with their escapes undone. */
  readonly variables: readonly string[];
  readonly allowed?: undefined;
}

/** A path that leads somewhere, but not for this method. */
export interface MethodMismatch {
  readonly route?: undefined;
  /** The methods it has, sorted. */
  readonly allowed: readonly string[];
}

/** Limits of what is looked up; what is beyond them matches nothing. */
export interface RouteTableOptions {
  /** @default {8192} */
  readonly maxPathLength?: number;
  /** @default {256} */
  readonly maxSegments?: number;
}

/** Routes that can be added to and looked up. */
export interface RouteTable<T> {
  /** @throws TypeError where another route takes exactly the same paths of the same method, or an expression is none */
  add(route: Route<T>): void;
  /**
   * Finds the route of a path as it came, without its query. A path with a slash at the end is another path.
   * @throws DecodeError where an escape inside of a variable is no UTF-8
   */
  match(method: string, path: string): RouteMatch<T> | MethodMismatch | undefined;
  /** All routes, in the order they were added. */
  routes(): readonly Route<T>[];
}

const anyMethod = "*";
const defaults = { maxPathLength: 8192, maxSegments: 256 } satisfies Required<RouteTableOptions>;

/** Makes an empty table. Look-ups take time in proportion to the path and the routes near it. */
export function createRouteTable<T>(options: RouteTableOptions = {}): RouteTable<T> {
  const limits = { ...defaults, ...options };
  const shapes = new Map<string, Route<T>>();
  const tries = new Map<string, RouteTrie<T>>();
  const trieOf = (method: string): RouteTrie<T> => {
    const known = tries.get(method);
    if (known !== undefined) return known;
    const trie = new RouteTrie<T>(limits);
    for (const route of shapes.values()) if (route.method === anyMethod) trie.add(route);
    tries.set(method, trie);
    return trie;
  };
  return {
    add(route) {
      const shape = `${route.method} ${shapeOf(route.template)}`;
      const other = shapes.get(shape);
      if (other !== undefined) {
        throw new TypeError(
          `Cannot add route ${route.method} ${route.template.text} of ${route.place} as ${other.method} ${other.template.text} of ${other.place} must not take the same paths: current value is ${JSON.stringify(shape)}`,
        );
      }
      for (const segment of route.template.segments) {
        if (segment.kind === "pattern") segmentMatcher(segment, route.template.text);
      }
      const trie = trieOf(route.method);
      shapes.set(shape, route);
      if (route.method !== anyMethod) trie.add(route);
      // What is for every method gives way to what is for this one.
      else
        for (const [method, each] of tries)
          if (!shapes.has(`${method} ${shapeOf(route.template)}`) || method === anyMethod)
            each.add(route);
    },
    match(method, path) {
      const found = (tries.get(method) ?? tries.get(anyMethod))?.match(path);
      if (found !== undefined) return found;
      const allowed = [...tries]
        .filter(([other, trie]) => other !== anyMethod && trie.has(path))
        .map(([other]) => other);
      return allowed.length === 0 ? undefined : { allowed: allowed.toSorted() };
    },
    routes: () => [...shapes.values()],
  };
}
