import { create } from "@bufbuild/protobuf";
import type { Header as HeaderView } from "@kratosjs/core/transport";
import { type Header, HeaderSchema } from "../gen/connectrpc/conformance/v1/service_pb.ts";

/** Lists metadata as the runner wants to see it. */
export function listHeaders(view: HeaderView | undefined): Header[] {
  if (view === undefined) return [];
  return view.keys().map((name) => create(HeaderSchema, { name, value: [...view.values(name)] }));
}

/** Adds metadata the runner has asked for. */
export function addHeaders(view: HeaderView | undefined, headers: readonly Header[]): void {
  for (const { name, value } of headers) {
    for (const item of value) view?.add(name, item);
  }
}
