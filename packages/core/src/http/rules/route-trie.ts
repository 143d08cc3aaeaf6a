import { DecodeError } from "../../encoding/index.ts";
import type {
  PathTemplate,
  PatternSegment,
  TemplateSegment,
  TemplateVariable,
} from "./path-template.ts";
import type { Route, RouteMatch } from "./route-table.ts";
import { type SegmentMatcher, segmentMatcher } from "./segment-matcher.ts";
import { shapeOf } from "./template-shape.ts";

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  readonly patterns: {
    readonly segment: PatternSegment;
    readonly matcher: SegmentMatcher;
    readonly node: Node<T>;
  }[];
  any: Node<T> | undefined;
  /** Routes whose next part takes any number of segments; the more there is after it, the earlier. */
  readonly rests: Route<T>[];
  /** What ends here, by verb. */
  readonly ends: Map<string, Route<T>>;
}

const noVariables: readonly string[] = Object.freeze([]);

/** The routes of one method. Not reentrant: a look-up keeps its state in the trie, to allocate nothing. */
export class RouteTrie<T> {
  readonly #root: Node<T> = createNode();
  readonly #statics: Map<string, RouteMatch<T>> = new Map();
  readonly #verbs: Set<string> = new Set();
  readonly #limits: { readonly maxPathLength: number; readonly maxSegments: number };
  // Of the look-up that runs: the path, where each segment starts, how many there are, where the last one ends.
  #path = "";
  readonly #starts: number[] = [];
  #count = 0;
  #end = 0;
  #verb = "";
  #isEscaped = false;

  constructor(limits: { readonly maxPathLength: number; readonly maxSegments: number }) {
    this.#limits = limits;
  }

  /** Adds a route, in place of one that takes the same paths. */
  add(route: Route<T>): void {
    const { template } = route;
    if (template.verb !== "") this.#verbs.add(template.verb);
    if (template.segments.every(({ kind }) => kind === "literal"))
      this.#statics.set(template.text, { route, variables: noVariables });
    const fixed =
      template.rest === -1 ? template.segments : template.segments.slice(0, template.rest);
    let node = this.#root;
    for (const segment of fixed) node = childOf(node, segment, template.text);
    if (template.rest === -1) {
      node.ends.set(template.verb, route);
    } else {
      const shape = shapeOf(template);
      const same = node.rests.findIndex((other) => shapeOf(other.template) === shape);
      if (same === -1) node.rests.push(route);
      else node.rests[same] = route;
      node.rests.sort(bySpecificity);
    }
  }

  match(path: string): RouteMatch<T> | undefined {
    const fixed = this.#statics.get(path);
    if (fixed !== undefined) return fixed;
    const route = this.#lookUp(path);
    return route && { route, variables: this.#variablesOf(route.template) };
  }

  has(path: string): boolean {
    return this.#statics.has(path) || this.#lookUp(path) !== undefined;
  }

  #lookUp(path: string): Route<T> | undefined {
    if (
      path.length > this.#limits.maxPathLength ||
      path.charCodeAt(0) !== 0x2f ||
      !this.#split(path)
    )
      return undefined;
    this.#isEscaped = path.includes("%");
    const colon = this.#verbs.size === 0 ? -1 : path.lastIndexOf(":");
    if (colon >= (this.#starts[this.#count - 1] ?? 0) && this.#verbs.has(path.slice(colon + 1))) {
      this.#end = colon;
      this.#verb = path.slice(colon + 1);
      const route = this.#find(this.#root, 0);
      if (route !== undefined) return route;
    }
    this.#end = path.length;
    this.#verb = "";
    return this.#find(this.#root, 0);
  }

  #split(path: string): boolean {
    this.#path = path;
    let count = 0;
    for (let start = 1; start !== 0; start = path.indexOf("/", start) + 1) {
      if (count === this.#limits.maxSegments) return false;
      this.#starts[count++] = start;
    }
    this.#count = count;
    return true;
  }

  // Every node is entered at most once, as a tree has one way to it.
  #find(node: Node<T>, index: number): Route<T> | undefined {
    if (index === this.#count) return node.ends.get(this.#verb) ?? this.#findRest(node, index);
    const text = this.#segment(index);
    const literal = node.literals.get(text);
    const found = literal && this.#find(literal, index + 1);
    if (found !== undefined) return found;
    for (const { matcher, node: next } of node.patterns) {
      const route = matcher.test(text) ? this.#find(next, index + 1) : undefined;
      if (route !== undefined) return route;
    }
    const any = text === "" || node.any === undefined ? undefined : this.#find(node.any, index + 1);
    return any ?? this.#findRest(node, index);
  }

  #findRest(node: Node<T>, index: number): Route<T> | undefined {
    return node.rests.find(
      ({ template }) => template.verb === this.#verb && this.#fitsRest(template, index),
    );
  }

  // What follows the part of no fixed length is of fixed length, so there is one way only to lay it out.
  #fitsRest(template: PathTemplate, index: number): boolean {
    const { segments, rest, text } = template;
    const after = this.#count - (segments.length - rest - 1);
    if (after < index) return false;
    for (let position = rest + 1; position < segments.length; position++) {
      const segment = segments[position];
      if (segment === undefined || !fits(segment, this.#segment(after + position - rest - 1), text))
        return false;
    }
    const open = segments[rest];
    return (
      open?.kind !== "pattern" ||
      (after > index && segmentMatcher(open, text).test(this.#joined(index, after)))
    );
  }

  #segment(index: number): string {
    const text = this.#raw(index);
    return this.#isEscaped ? softDecode(text) : text;
  }

  #raw(index: number): string {
    const end = index + 1 === this.#count ? this.#end : (this.#starts[index + 1] ?? 0) - 1;
    return this.#path.slice(this.#starts[index], end);
  }

  #joined(from: number, to: number): string {
    const end = to === this.#count ? this.#end : (this.#starts[to] ?? 0) - 1;
    const text = to === from ? "" : this.#path.slice(this.#starts[from], end);
    return this.#isEscaped ? decodeSegments(text) : text;
  }

  #variablesOf(template: PathTemplate): readonly string[] {
    return template.variables.length === 0
      ? noVariables
      : template.variables.map((variable) => this.#valueOf(template, variable));
  }

  #valueOf({ segments, rest, text: template }: PathTemplate, variable: TemplateVariable): string {
    const surplus = rest === -1 ? 0 : this.#count - segments.length;
    const from = rest !== -1 && variable.from > rest ? variable.from + surplus : variable.from;
    const to = rest !== -1 && variable.to > rest ? variable.to + surplus : variable.to;
    if (variable.group === undefined) {
      if (variable.isMulti) return this.#joined(from, to);
      return this.#isEscaped ? decode(this.#raw(from)) : this.#raw(from);
    }
    const segment = segments[variable.from];
    const text = variable.isMulti ? this.#joined(from, to) : this.#segment(from);
    return segment?.kind === "pattern"
      ? segmentMatcher(segment, template).value(text, variable.group)
      : "";
  }
}

function createNode<T>(): Node<T> {
  return { literals: new Map(), patterns: [], any: undefined, rests: [], ends: new Map() };
}

function childOf<T>(node: Node<T>, segment: TemplateSegment, template: string): Node<T> {
  if (segment.kind === "literal") {
    const child = node.literals.get(segment.text) ?? createNode<T>();
    node.literals.set(segment.text, child);
    return child;
  }
  if (segment.kind !== "pattern") return (node.any ??= createNode<T>());
  const same = node.patterns.find((edge) => edge.segment.source === segment.source);
  if (same !== undefined) return same.node;
  const child = createNode<T>();
  node.patterns.push({ segment, matcher: segmentMatcher(segment, template), node: child });
  return child;
}

function bySpecificity<T>({ template: left }: Route<T>, { template: right }: Route<T>): number {
  return weightOf(right) - weightOf(left);
}

// A pattern goes before `**`; then the longer end, and of equal ends the one with more literals.
function weightOf({ segments, rest }: PathTemplate): number {
  const after = segments.slice(rest + 1);
  const literals = after.filter(({ kind }) => kind === "literal").length;
  return (segments[rest]?.kind === "pattern" ? 1e6 : 0) + after.length * 1e3 + literals;
}

function fits(segment: TemplateSegment, text: string, template: string): boolean {
  if (segment.kind === "literal") return segment.text === text;
  return segment.kind === "pattern" ? segmentMatcher(segment, template).test(text) : text !== "";
}

function softDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new DecodeError("invalid escape in a path variable", { cause: error });
  }
}

// An escaped slash stays escaped where slashes divide, so that it cannot be taken for one.
function decodeSegments(text: string): string {
  return text
    .split(/(%2f)/i)
    .map((part, index) => (index % 2 === 1 ? part : decode(part)))
    .join("");
}
