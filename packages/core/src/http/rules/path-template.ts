/** One segment of a path template, between two slashes. */
export type TemplateSegment =
  | { readonly kind: "literal"; readonly text: string }
  /** `*`: any one segment that is not empty. */
  | { readonly kind: "any" }
  /** `**`: any number of segments. */
  | { readonly kind: "rest" }
  | PatternSegment;

/** Text and variables in one segment, or a variable with a regular expression. */
export interface PatternSegment {
  readonly kind: "pattern";
  /** What it is matched by, as one text: equal texts match alike. */
  readonly source: string;
  /** Of each variable in it the regular expression, RE2's; undefined where it has none. */
  readonly expressions: readonly (string | undefined)[];
  /** Whether it may match across slashes, and so takes as many segments as there are. */
  readonly crosses: boolean;
  /** Text as it is, and variables by their position in the template's list. */
  readonly pieces: readonly (string | number)[];
}

/** What a template takes out of a path. */
export interface TemplateVariable {
  readonly name: string;
  /** The first segment it covers. */
  readonly from: number;
  /** The segment after the last one it covers. */
  readonly to: number;
  /** Whether it covers what may be several segments: its value keeps the slashes between them. */
  readonly isMulti: boolean;
  /** The group of the pattern segment it is; undefined where it is whole segments. */
  readonly group: number | undefined;
}

/** A path template, taken apart. */
export interface PathTemplate {
  readonly text: string;
  readonly segments: readonly TemplateSegment[];
  readonly variables: readonly TemplateVariable[];
  /** The custom verb after the colon, without it; empty for none. */
  readonly verb: string;
  /** The segment that takes any number of them; -1 where the number is fixed. */
  readonly rest: number;
}
